import type { ResourceValidation, ResourceValidationPolicy } from "@pulumi/policy";
import { ofType } from "../of-type.js";
import { resourcePolicy, type JudgeResource } from "../resource-policy.js";
import type { Rule } from "../rule.js";

/** A mandatory policy on resources of some types. For one type the SDK does not even ask about others; with several the type is what is looked at first. */
export function typedPolicy(about: Pick<Rule, "name" | "description" | "severity" | "remediation">, types: readonly string[], judge: JudgeResource): ResourceValidationPolicy {
  const policy = resourcePolicy(about, (args) => (types.includes(args.type) ? judge(args) : []));
  const [only, ...others] = types;
  return only === undefined || others.length > 0 ? policy : { ...policy, validateResource: ofType(only, policy.validateResource as ResourceValidation) };
}
