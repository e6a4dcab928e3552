import type { ResourceValidation } from "@pulumi/policy";

/**
 * A validation for resources of one type. The mark is what the SDK looks for in generated resource classes: it then asks the policy about no other resource, and
 * does not even take its properties apart.
 */
export function ofType(type: string, validate: ResourceValidation): ResourceValidation {
  const checked: ResourceValidation = (args, report) => (args.type === type ? validate(args, report) : undefined);
  return Object.assign(checked, { __pulumiType: type });
}
