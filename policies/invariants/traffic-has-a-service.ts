import type { ResourceValidationPolicy } from "@pulumi/policy";
import { aroundLeaves } from "../aws/around-leaves.js";
import { resourcePolicy } from "../resource-policy.js";
import { carriesTraffic, ServiceFamily } from "../service-family.js";

/** All that is judged are the inputs of services, so nothing may carry traffic outside of one. */
export function trafficHasAService(): ResourceValidationPolicy {
  const family = new ServiceFamily();
  return resourcePolicy(
    {
      name: "traffic-has-a-service",
      description: "A resource that carries traffic stands below a BlueGreenService, whose inputs are judged.",
      severity: "critical",
      remediation: "Declare it through the BlueGreenService component.",
    },
    (args) => {
      family.remember(args);
      if (!carriesTraffic(args.type)) return aroundLeaves(args).map((sentence) => `"${args.name}" (${args.type}) ${sentence}`);
      const above = family.above(args.urn);
      return above.found ? [] : [`"${args.name}" (${args.type}) carries traffic, but ${above.why}.`];
    },
  );
}
