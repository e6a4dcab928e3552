import type { ResourceValidationArgs } from "@pulumi/policy";
import { NONE, SPEC_LABEL, TAG } from "../../aws/tags.js";
import type { Slot } from "../../model/slot.js";
import { COMPOSITE_ALARM, ECS_SERVICE, LISTENER_RULE, METRIC_ALARM, TASK_DEFINITION } from "../leaf-types.js";
import { known, recordOf, type Known } from "./known.js";

/** Tag of a task definition and an ECS service: digest of the SlotSpec. */
export const SPEC_TAG = "mission:spec";
export { NONE, SPEC_LABEL, TAG };

/** Inputs that are looked at, by type; no other one is read. */
const READ: Readonly<Record<string, readonly string[]>> = {
  [TASK_DEFINITION]: ["tags", "family", "containerDefinitions"],
  [ECS_SERVICE]: ["tags", "name", "desiredCount", "taskDefinition", "loadBalancers"],
  [LISTENER_RULE]: ["tags", "actions", "listenerArn"],
  [METRIC_ALARM]: ["tags", "name", "threshold", "comparisonOperator", "evaluationPeriods", "datapointsToAlarm", "period", "metricName", "extendedStatistic", "metricQueries", "alarmActions"],
  [COMPOSITE_ALARM]: ["tags", "alarmName", "alarmRule", "alarmActions"],
};

/** A leaf of AWS, as its own tags name it. */
export interface AwsLeaf {
  readonly type: string;
  readonly stack: unknown;
  readonly service: unknown;
  /** The slot that it says it is of; undefined for one of a whole service, or of neither slot. */
  readonly slot: Slot | undefined;
  /** `mission:route` of a listener rule. */
  readonly route: unknown;
  readonly tags: Known;
  readonly props: Known;
}

/** Reads a leaf. */
export function awsLeaf({ type, props }: Pick<ResourceValidationArgs, "type" | "props">): AwsLeaf {
  const read = known(props, READ[type] ?? []);
  const tags = recordOf(read["tags"]);
  const slot = tags[TAG.slot];
  return { type, stack: tags[TAG.stack], service: tags[TAG.service], slot: slot === "blue" || slot === "green" ? slot : undefined, route: tags[TAG.route], tags, props: read };
}
