import type { ResourceValidationPolicy } from "@pulumi/policy";
import { at, known, UNKNOWN } from "./known.js";
import { typedPolicy } from "./typed-policy.js";

/** Who asked for what, and which slot answered, is looked up after an incident. */
export function accessLogs(): ResourceValidationPolicy {
  return typedPolicy(
    {
      name: "aws-access-logs",
      description: "A load balancer that is made writes access logs.",
      severity: "medium",
      remediation: "Declare it through the Environment component, which makes a bucket for them.",
    },
    ["aws:lb/loadBalancer:LoadBalancer"],
    ({ name, type, props }) => {
      const logs = known(props, ["accessLogs"])["accessLogs"];
      const [enabled, bucket] = [at(logs, "enabled"), at(logs, "bucket")];
      return [true, UNKNOWN].includes(enabled as boolean) && bucket !== undefined && bucket !== "" ? [] : [`"${name}" (${type}) writes no access logs; allowed is \`accessLogs\` with a bucket, enabled.`];
    },
  );
}
