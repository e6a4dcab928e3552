import type { ResourceValidationPolicy } from "@pulumi/policy";
import { ECS_SERVICE } from "../leaf-types.js";
import { at, known } from "./known.js";
import { typedPolicy } from "./typed-policy.js";

/**
 * Users come by the load balancer. What a subnet gives to instances by itself (`mapPublicIpOnLaunch`) plays no part: tasks in `awsvpc` mode get a public address by
 * `assignPublicIp` alone (Amazon ECS, "Fargate task networking"), and which subnet an id names cannot be told from inputs.
 */
export function noPublicTasks(): ResourceValidationPolicy {
  return typedPolicy(
    {
      name: "aws-no-public-tasks",
      description: "Tasks on AWS have no public address.",
      severity: "high",
      remediation: "Leave `assignPublicIp` at false, and give the private subnets a way out to the registry by a NAT gateway or by endpoints.",
    },
    [ECS_SERVICE],
    ({ name, type, props }) => {
      const given = at(known(props, ["networkConfiguration"])["networkConfiguration"], "assignPublicIp");
      return given === true ? [`"${name}" (${type}) gives its tasks public addresses (assignPublicIp is true); allowed is false.`] : [];
    },
  );
}
