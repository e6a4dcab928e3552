import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { describePolicy, refuse, withRemediation } from "./policy-of.js";
import type { Rule } from "./rule.js";

/** Says why a resource is refused: a sentence each, none when it is allowed. Whatever it throws denies. */
export type JudgeResource = (args: ResourceValidationArgs) => readonly string[];

/** A mandatory policy that looks at every resource of a stack. */
export function resourcePolicy(about: Pick<Rule, "name" | "description" | "severity" | "remediation">, judge: JudgeResource): ResourceValidationPolicy {
  return {
    ...describePolicy(about),
    validateResource(args, report) {
      refuse(sentences(about, judge, args), report);
    },
  };
}

function sentences(about: Pick<Rule, "name" | "remediation">, judge: JudgeResource, args: ResourceValidationArgs): readonly string[] {
  try {
    return withRemediation(judge(args), about);
  } catch (error) {
    return [`"${args.name}" (${args.type}) cannot be judged by "${about.name}": ${error instanceof Error ? error.message : String(error)}.`];
  }
}
