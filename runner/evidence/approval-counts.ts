import { readPublicKey } from "../../evidence/dsse.js";
import { PREDICATE } from "../../evidence/predicate-types.js";
import { isSamePerson } from "../../evidence/same-person.js";
import { keyIdOf } from "../../evidence/signing-key.js";
import type { PackConfig } from "../../policies/pack-config.js";

/** An approval that is about to be signed. */
export interface GivenApproval {
  readonly by: string;
  /** Who made the release's commit; null outside git. */
  readonly author: string | null;
  readonly keyId: string;
  /** Whether the key is the development key of this machine, which counts on the sandbox only. */
  readonly development: boolean;
  /** Production's platform. */
  readonly platform: string;
}

/**
 * Why the policy pack would not take an approval for one, a sentence each; none when it would. The pack verifies by itself; this is for the person who
 * approves, before a mission rests on it.
 */
export function whyNotCounted({ by, author, keyId, development, platform }: GivenApproval, { trust }: PackConfig): string[] {
  const key = trust.find(({ publicKey }) => idOf(publicKey) === keyId);
  const trusted = platform === "sandbox" && development ? true : !development && key?.types.includes(PREDICATE.approval) === true && key.environments.includes("production");
  return [
    ...(trusted ? [] : ['The key is none that policies/pack.yaml trusts for approvals in production; approve with one that it does: --key NAME.']),
    ...(author === null ? ["The release has no author, because it was built outside git, so nobody can tell whether somebody else approves it; build it from a commit."] : []),
    ...(author !== null && [by, ...(key === undefined ? [] : [key.name])].some((name) => isSamePerson(name, author)) ? [`"${author}" is the author of the release; somebody else must approve it.`] : []),
  ];
}

function idOf(publicKey: string): string | null {
  const key = readPublicKey(publicKey);
  return key === null ? null : keyIdOf(key);
}
