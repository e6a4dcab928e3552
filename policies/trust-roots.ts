import { readPublicKey, signersOf, type Envelope } from "../evidence/dsse.js";
import { PREDICATE } from "../evidence/predicate-types.js";
import { keyIdOf } from "../evidence/signing-key.js";
import type { TrustedKey } from "../evidence/verify-evidence.js";
import { shortDigest } from "../model/digest.js";
import type { PackConfig } from "./pack-config.js";
import type { Judged } from "./rule.js";

/** Types of statements that the pack asks for. */
export const KNOWN_TYPES: readonly string[] = Object.values(PREDICATE);

/** Whose signatures count for a service's stack. */
export interface TrustRoots {
  readonly keys: readonly TrustedKey[];
  /** Why the signature of a key that is known does not count here, as the end of a sentence; null when no such key has signed. */
  readonly whyNot: (envelope: Envelope) => string | null;
  /** Who holds a key, by its id. */
  readonly nameOf: (keyId: string) => string;
}

/**
 * The keys that the pack's configuration trusts in an environment, each for its types; on the sandbox also this machine's development key, for all of
 * them. Elsewhere the development key counts for nothing, even where the configuration names it: whoever uses the machine has it.
 * @throws Error when the development key cannot be read
 */
export async function trustRoots({ gated: { platform }, environment, context }: Pick<Judged, "gated" | "environment" | "context">): Promise<TrustRoots> {
  const { trust } = context.config;
  const development = (await context.developmentKey?.()) ?? null;
  const sandbox = platform === "sandbox";
  const configured = trust.filter(({ environments, publicKey }) => environments.includes(environment) && (sandbox || !isSame(publicKey, development)));
  const own = sandbox && development !== null ? [{ publicKey: development, types: KNOWN_TYPES }] : [];
  return {
    keys: [...configured.map(({ publicKey, types }) => ({ publicKey, types })), ...own],
    whyNot(envelope) {
      if (!sandbox && development !== null && hasSigned(envelope, development)) return `is signed by the development key, which counts on the sandbox only; sign with a key that policies/pack.yaml trusts for ${environment}.`;
      const signer = trust.find((key) => !key.environments.includes(environment) && hasSigned(envelope, key.publicKey));
      return signer === undefined ? null : `is signed by key "${shortIdOf(signer)}" of ${signer.name}, which counts in ${signer.environments.join(" and ")} only; sign with a key that policies/pack.yaml trusts for ${environment}.`;
    },
    nameOf: (keyId) => trust.find(({ publicKey }) => idOf(publicKey) === keyId)?.name ?? (idOf(development) === keyId ? "the development key" : `key "${shortDigest(keyId)}"`),
  };
}

function hasSigned(envelope: Envelope, publicKey: string): boolean {
  const key = readPublicKey(publicKey);
  return key !== null && signersOf(envelope, [key]).length > 0;
}

function idOf(publicKey: string | null): string | null {
  const key = publicKey === null ? null : readPublicKey(publicKey);
  return key === null ? null : keyIdOf(key);
}

function isSame(publicKey: string, other: string | null): boolean {
  const id = idOf(publicKey);
  return id !== null && id === idOf(other);
}

function shortIdOf({ publicKey }: PackConfig["trust"][number]): string {
  return shortDigest(idOf(publicKey) ?? "");
}
