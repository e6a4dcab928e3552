import type { ResourceValidationPolicy } from "@pulumi/policy";
import { environmentOf } from "../environment-of.js";
import { leafOf } from "../leaf-types.js";
import { resourcePolicy } from "../resource-policy.js";
import type { PackContext } from "../pack-context.js";
import { stackOf } from "../urn.js";

/** Deletes never reach a pack, and `destroy` does not run one: in production only this stands between a service and its end. */
export function protectedInProduction(open: () => Pick<PackContext, "config">): ResourceValidationPolicy {
  return resourcePolicy(
    {
      name: "protected-in-production",
      description: "In production the slots, the split, the alarms and the database are protected from deletion.",
      severity: "critical",
      remediation: "Declare it with `protect: true`; a service leaves by `mission retire`.",
    },
    ({ type, name, urn, opts }) => {
      if (leafOf(type) === undefined || opts.protect) return [];
      const stack = stackOf(urn);
      return environmentOf(stack, open().config) === "staging" ? [] : [`"${name}" (${type}) in production stack "${stack}" is not protected.`];
    },
  );
}
