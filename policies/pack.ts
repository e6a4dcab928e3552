import type { Policies } from "@pulumi/policy";
import { awsPolicies } from "./aws/index.js";
import { CRITERIA } from "./criteria/index.js";
import { INVARIANTS } from "./invariants/index.js";
import { inputsUnderstood } from "./invariants/inputs-understood.js";
import { leafAgrees } from "./invariants/leaf-agrees.js";
import { protectedInProduction } from "./invariants/protected-in-production.js";
import { trafficHasAService } from "./invariants/traffic-has-a-service.js";
import type { PackContext } from "./pack-context.js";
import { policyOf } from "./policy-of.js";

/** All policies of the pack, in the order in which a person would want to read their refusals. `open` is called when the first resource is judged. */
export function packPolicies(open: () => PackContext): Policies {
  return [
    inputsUnderstood(),
    ...[...INVARIANTS, ...CRITERIA].map((rule) => policyOf(rule, open)),
    trafficHasAService(),
    leafAgrees(),
    protectedInProduction(open),
    ...awsPolicies(open),
  ];
}
