import type { Rule } from "../rule.js";

/** The rules of staging are laxer, so that a program could choose its rules by what it calls itself. */
export const environmentAgrees: Rule = {
  name: "environment-agrees",
  description: "The environment that the program names is the one that the pack's own mapping gives its stack.",
  severity: "critical",
  remediation: "Name the stack so that the patterns under `staging` in the pack's pack.yaml mean it, or set `mission:environment` to what it is.",
  check: ({ gated, stack, environment }) =>
    gated.environment === environment ? [] : [`Service "${gated.service}": stack "${stack}" is ${environment} to this pack, but its program says ${gated.environment}.`],
};
