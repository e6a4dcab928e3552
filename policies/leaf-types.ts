/** What a leaf resource of a platform does. */
export type LeafRole = "slot" | "split" | "alarm" | "database";

/** What runs a slot on AWS: what its tasks are made from, and how many there are. */
export const TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition";
export const ECS_SERVICE = "aws:ecs/service:Service";
/** Leads to a slot: by weights for users, and to one slot on its test route; its tag `mission:route` says which. */
export const LISTENER_RULE = "aws:lb/listenerRule:ListenerRule";
export const METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
export const COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm";

/** Types of the resources that really run a service, by platform and role. A platform that is added is added here, or its leaves are not guarded. */
export const LEAF_TYPES: Readonly<Record<string, Readonly<Partial<Record<LeafRole, readonly string[]>>>>> = {
  sandbox: { slot: ["sandbox:index:Slot"], split: ["sandbox:index:TrafficSplit"], alarm: ["sandbox:index:Alarm"], database: ["sandbox:index:Database"] },
  aws: { slot: [TASK_DEFINITION, ECS_SERVICE], split: [LISTENER_RULE], alarm: [METRIC_ALARM, COMPOSITE_ALARM] },
};

/** What a resource type is a leaf of, or undefined. */
export function leafOf(type: string): { readonly platform: string; readonly role: LeafRole } | undefined {
  return BY_TYPE.get(type);
}

const BY_TYPE = new Map(
  Object.entries(LEAF_TYPES).flatMap(([platform, roles]) =>
    (Object.entries(roles) as [LeafRole, readonly string[]][]).flatMap(([role, types]) => types.map((type) => [type, { platform, role }] as const)),
  ),
);
