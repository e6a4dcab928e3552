import type { ResourceValidationPolicy } from "@pulumi/policy";
import { environmentOf } from "../environment-of.js";
import type { PackContext } from "../pack-context.js";
import { stackOf } from "../urn.js";
import { known, UNKNOWN } from "./known.js";
import { typedPolicy } from "./typed-policy.js";

/** All services of an environment go with its load balancer; its address would be another one. */
export function deletionProtection(open: () => Pick<PackContext, "config">): ResourceValidationPolicy {
  return typedPolicy(
    {
      name: "aws-deletion-protection",
      description: "In production a load balancer is protected from deletion, by AWS and by the engine.",
      severity: "high",
      remediation: "Declare it with `enableDeletionProtection: true` and `protect: true`, as the Environment component does in production.",
    },
    ["aws:lb/loadBalancer:LoadBalancer"],
    ({ name, type, urn, props, opts }) => {
      const stack = stackOf(urn);
      if (environmentOf(stack, open().config) === "staging") return [];
      const enabled = known(props, ["enableDeletionProtection"])["enableDeletionProtection"];
      return [
        ...(enabled === true || enabled === UNKNOWN ? [] : [`"${name}" (${type}) in production stack "${stack}" can be deleted in AWS (enableDeletionProtection is ${JSON.stringify(enabled ?? null)}); allowed is true.`]),
        ...(opts.protect ? [] : [`"${name}" (${type}) in production stack "${stack}" can be deleted by the engine (protect is false); allowed is true.`]),
      ];
    },
  );
}
