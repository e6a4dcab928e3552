import type { Rule } from "./rule.js";

/** Whether program and pack mean the same environment, at any time: the party that is judged does not choose its rules. */
export const environmentAgrees: Rule = {
  name: "environment-agrees",
  description: "The environment that the program says is the one that the pack's own patterns give the stack.",
  severity: "critical",
  remediation: 'Correct "mission:environment" of the stack, or name the stack so that the patterns under "staging" in policies/pack.yaml fit what it is.',
  check({ gated: { service, environment: said }, stack, environment, context: { config } }) {
    if (said === environment) return [];
    const patterns = config.staging.length === 0 ? "no name of a stack" : config.staging.map((pattern) => `"${pattern}"`).join(" or ");
    return [`Service "${service}": stack "${stack}" is ${environment} by the pack's patterns (staging is ${patterns}), and its program says ${said}; correct "mission:environment" of the stack, or the patterns in policies/pack.yaml.`];
  },
};
