import { SLOTS } from "../../model/slot.js";
import type { Rule } from "../rule.js";

const KEYED_DIGEST = /^hmac-sha256:[0-9a-f]{64}$/;

/** Gated inputs stand readable in the state and in every plan. Sentences name secrets, never what was found in their place. */
export const secretsByReference: Rule = {
  name: "secrets-by-reference",
  description: "Secrets are named with a keyed digest; no value of one is an input.",
  severity: "critical",
  remediation: "Keep the value under `secrets:` in the stack's file by `pulumi config set --secret`, and name it under `secrets` in mission.yaml.",
  check: ({ gated: { service, specs, required } }) =>
    SLOTS.flatMap((slot) => {
      const spec = specs[slot];
      if (spec === null) return [];
      const where = `Service "${service}", slot "${slot}"`;
      return [
        ...spec.secrets.flatMap(({ name, keyedDigest, ...others }) => [
          ...(typeof keyedDigest === "string" && KEYED_DIGEST.test(keyedDigest) ? [] : [`${where}: secret "${name}" has no keyed digest; allowed is hmac-sha256: and 64 hexadecimal digits.`]),
          ...Object.keys(others).map((field) => `${where}: secret "${name}" has a field "${field}"; allowed are a name and a keyed digest.`),
        ]),
        ...Object.keys(spec.variables)
          .filter((name) => required.secrets.includes(name) || spec.secrets.some((secret) => secret.name === name))
          .map((name) => `${where}: secret "${name}" is also a variable, which everybody can read.`),
      ];
    }),
};
