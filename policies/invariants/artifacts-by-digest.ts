import { digestSchema } from "../../model/digest.js";
import { SLOTS } from "../../model/slot.js";
import type { Rule } from "../rule.js";

/** A name or a tag can mean another artifact tomorrow. */
export const artifactsByDigest: Rule = {
  name: "artifacts-by-digest",
  description: "Artifacts are named by digest: sha256: and 64 hexadecimal digits.",
  severity: "high",
  remediation: "Make the release by `mission release`, which stores the artifact under its digest.",
  check: ({ gated: { service, specs } }) =>
    SLOTS.flatMap((slot) => {
      const digest = specs[slot]?.digest;
      if (digest === undefined || digestSchema.safeParse(digest).success) return [];
      return [`Service "${service}", slot "${slot}": its artifact is "${digest}"; allowed is sha256: and 64 hexadecimal digits.`];
    }),
};
