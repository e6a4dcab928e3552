import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { known } from "../aws/known.js";
import { environmentOf } from "../environment-of.js";
import { leafOf, TASK_DEFINITION } from "../leaf-types.js";
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
    (args) => {
      const { type, name, urn } = args;
      if (leafOf(type) === undefined || isKept(args)) return [];
      const stack = stackOf(urn);
      return environmentOf(stack, open().config) === "staging" ? [] : [`"${name}" (${type}) in production stack "${stack}" is not protected${type === TASK_DEFINITION ? "; allowed is skipDestroy as well" : ""}.`];
    },
  );
}

/** A task definition is replaced by every release, which the engine refuses for what is protected; with `skipDestroy` its deletion leaves it in AWS. */
function isKept({ type, opts, props }: ResourceValidationArgs): boolean {
  return opts.protect || (type === TASK_DEFINITION && known(props, ["skipDestroy"])["skipDestroy"] === true);
}
