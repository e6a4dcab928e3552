import { generateKeyPairSync } from "node:crypto";
import { canonicalJson, digestOf } from "../../model/digest.js";
import type { EvidenceReference } from "../../model/evidence.js";
import { signEnvelope, type Envelope } from "../../evidence/dsse.js";
import { publicKeyText, signingKey, type SigningKey } from "../../evidence/signing-key.js";
import type { Claim } from "../../evidence/statement.js";
import type { Expectation, TrustedKey } from "../../evidence/verify-evidence.js";

export const newKey = (): SigningKey => signingKey(generateKeyPairSync("ed25519").privateKey);

export const TYPE = "urn:mission-deploy:example:v1";
export const ISSUED = new Date("2026-11-25T12:00:00.000Z");

export const claim: Claim = {
  type: TYPE,
  predicate: { figure: 7 },
  subjects: { web: digestOf("web"), api: digestOf("api") },
  application: "shop",
  environment: "production",
  commit: "a".repeat(40),
  configuration: digestOf("configuration"),
  mission: "shop-1.0.0-x",
};

const { subjects, application, environment, commit, configuration, mission } = claim;
export const expected: Expectation = { type: TYPE, subjects, application, environment, commit, configuration, mission };

export function trust(key: SigningKey, ...types: readonly string[]): TrustedKey {
  return { publicKey: publicKeyText(key), types };
}

/** An envelope as it lies in the store, and what refers to it. */
export function asStored(envelope: Envelope, type = TYPE): { readonly reference: EvidenceReference; readonly bytes: Buffer } {
  const bytes = Buffer.from(`${canonicalJson(envelope)}\n`);
  return { bytes, reference: { type, sha256: digestOf(bytes).slice(7) } };
}

/** Signs a value that need not be a statement. */
export function signed(value: unknown, key: SigningKey, type = TYPE) {
  return asStored(signEnvelope(canonicalJson(value), key), type);
}
