import { placeholderIn } from "../../model/placeholder.js";
import { ALWAYS, criterion } from "../criterion.js";

/** A secret as a SlotSpec may hold it: see `secretReference` of `model/slot-spec.ts`. */
const KEYED_DIGEST = /^hmac-sha256:[0-9a-f]{64}$/;

/** What the service needs is set, secrets only by reference, and nothing is a value that somebody meant to put in later. */
export const configurationComplete = criterion({
  name: "configuration-complete",
  description: "Every variable and secret that the service needs is set, secrets by reference, and no value is a placeholder.",
  severity: "high",
  remediation: "Set the real values: pulumi config set --path mission:variables.<NAME> <value>, pulumi config set --secret secrets:<NAME>.",
  demanded: ALWAYS,
  judge({ gated: { required, targets }, stack }, { spec: { variables, secrets } }) {
    const lacking = required.variables.flatMap((name) => {
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (value === undefined) return [`variable "${name}" is missing and has no default; set "mission:variables.${name}" of stack "${stack}".`];
      return value.trim() === "" ? [`variable "${name}" is empty and has no default; set "mission:variables.${name}" of stack "${stack}".`] : [];
    });
    const placeholders = Object.entries(variables).flatMap(([name, value]) => {
      const placeholder = placeholderIn(value);
      return placeholder === null ? [] : [`variable "${name}" holds ${JSON.stringify(placeholder.text)}, ${placeholder.kind}; set the real value in "mission:variables.${name}" of stack "${stack}".`];
    });
    const missing = required.secrets.filter((name) => !secrets.some((secret) => secret.name === name)).map((name) => `secret "${name}" is missing; set it with: pulumi config set --stack ${stack} --secret secrets:${name}`);
    // What it holds instead may be the secret itself, so it is not shown.
    const open = secrets
      .filter((secret) => !(typeof secret["keyedDigest"] === "string" && KEYED_DIGEST.test(secret["keyedDigest"])))
      .map(({ name }) => `secret "${name}" is no reference; allowed is its digest, keyed with "mission:digestKey". Deploy with the program as it was built.`);
    const nowhere = targets.flatMap((target, index) => {
      const placeholder = placeholderIn(target.type === "webhook" ? target.url : target.path);
      return placeholder === null ? [] : [`"mission:notifications[${index}]" holds ${JSON.stringify(placeholder.text)}, ${placeholder.kind}; set the real target in stack "${stack}".`];
    });
    return [...lacking, ...placeholders, ...missing, ...open, ...nowhere];
  },
});
