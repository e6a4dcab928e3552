import { unknownCheckingProxy } from "@pulumi/policy";
import { alarmName, rollbackAlarmName, slotName, targetGroupName } from "../../../aws/names.js";
import { containerDefinitions } from "../../../components/aws/container.js";
import { specDigest, type SlotSpec } from "../../../model/slot-spec.js";
import type { Slot } from "../../../model/slot.js";
import { COMPOSITE_ALARM, ECS_SERVICE, LISTENER_RULE, METRIC_ALARM, TASK_DEFINITION } from "../../../policies/leaf-types.js";
import { specOf } from "../../support/specs.js";
import { service, shownSpec, splitComponent, state, urnOf, type Shown } from "../invariants/support.js";

export const STACK = "shop-staging";
export const IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop";
const secret = { name: "API_KEY", keyedDigest: `hmac-sha256:${"e".repeat(64)}` };
export const OLD = specOf("1.0.0", { image: IMAGE, variables: { REGION: "eu-1" }, secrets: [secret] });
export const NEW = specOf("1.1.0", { image: IMAGE, variables: { REGION: "eu-1" }, secrets: [secret] });
export const of = (slot: Slot): SlotSpec => (slot === "blue" ? OLD : NEW);

const held = (spec: SlotSpec) => ({ spec: specDigest(spec), instances: spec.size });

/** A state of service "web" on AWS: blue is live, green has `weight` percent. */
export const awsState = (weight: number, more: Parameters<typeof state>[1] = {}) => state(weight, { slots: { blue: held(OLD), green: held(NEW) }, ...more });

/** Service "web" on AWS, in a raise of its candidate from 0 to 10 %. */
export function awsService(more: Readonly<Record<string, unknown>> = {}): Shown {
  return service({ platform: "aws", previous: awsState(0), wanted: awsState(10), specs: { blue: shownSpec(OLD), green: shownSpec(NEW) }, ...more });
}

export const groupArn = (slot: Slot) => `arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/${targetGroupName(STACK, "web", slot)}/0123456789abcdef`;
export const listenerArn = (kind: "users" | Slot) => `arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/0123456789abcdef/${kind}`;
const TOPIC = "arn:aws:sns:eu-central-1:123456789012:shop-staging-alarms";
const tags = (more: Readonly<Record<string, string>>) => ({ application: "shop", "mission:stack": STACK, "mission:service": "web", ...more });
const below = (props: Readonly<Record<string, unknown>>, rest: Partial<Shown>, type: string, name: string, parent = urnOf(service())): Shown => ({ type, name, props, parent, stack: STACK, ...rest });

/** The text of a slot's container definitions, as the program makes it. */
export function containersOf(slot: Slot, spec: SlotSpec = of(slot)): string {
  return containerDefinitions({ spec, slot, environment: "staging", port: 8080, secrets: { API_KEY: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x" }, region: "eu-central-1", logGroup: "/mission", drainMs: 30_000 });
}

/** The same with some fields of the container changed. */
export function changedContainer(slot: Slot, change: Readonly<Record<string, unknown>>): string {
  return JSON.stringify((JSON.parse(containersOf(slot)) as object[]).map((container) => ({ ...container, ...change })));
}

const slotTags = (slot: Slot) => tags({ "mission:slot": slot, "mission:spec": specDigest(of(slot)) });

export function taskDefinition(slot: Slot, more: Readonly<Record<string, unknown>> = {}, rest: Partial<Shown> = {}): Shown {
  return below({ family: slotName(STACK, "web", slot), tags: slotTags(slot), containerDefinitions: containersOf(slot), skipDestroy: true, ...more }, rest, TASK_DEFINITION, `web-${slot}`);
}

export function ecsService(slot: Slot, more: Readonly<Record<string, unknown>> = {}, rest: Partial<Shown> = {}): Shown {
  const name = slotName(STACK, "web", slot);
  const taskDefinitionArn = `arn:aws:ecs:eu-central-1:123456789012:task-definition/${name}:7`;
  const props = { name, tags: slotTags(slot), desiredCount: 2, taskDefinition: taskDefinitionArn, loadBalancers: [{ targetGroupArn: groupArn(slot), containerName: "app", containerPort: 8080 }], networkConfiguration: { subnets: ["subnet-1"], assignPublicIp: false } };
  return below({ ...props, ...more }, rest, ECS_SERVICE, `web-${slot}`);
}

/** A weighted forward, blue first. */
export const forward = (blue: number, green: number) => [{ type: "forward", forward: { targetGroups: [{ arn: groupArn("blue"), weight: blue }, { arn: groupArn("green"), weight: green }] } }];
export const usersTags = (more: Readonly<Record<string, string>> = {}) => tags({ "mission:route": "users", "mission:live": "blue", "mission:return-to": "-", "mission:generation": "3", ...more });

export function usersRule(more: Readonly<Record<string, unknown>> = {}, rest: Partial<Shown> = {}): Shown {
  return below({ listenerArn: listenerArn("users"), priority: 100, actions: forward(90, 10), tags: usersTags(), ...more }, rest, LISTENER_RULE, "web-split", urnOf(splitComponent()));
}

export function testRule(slot: Slot, more: Readonly<Record<string, unknown>> = {}, rest: Partial<Shown> = {}): Shown {
  return below({ listenerArn: listenerArn(slot), actions: [{ type: "forward", targetGroupArn: groupArn(slot) }], tags: tags({ "mission:slot": slot, "mission:route": slot }), ...more }, rest, LISTENER_RULE, `web-${slot}-test`);
}

const LIMITS = {
  "error-rate": { threshold: 0.05, comparisonOperator: "GreaterThanThreshold" },
  "latency-p95": { threshold: 1, comparisonOperator: "GreaterThanThreshold", metricName: "TargetResponseTime", extendedStatistic: "p95", period: 60 },
  availability: { threshold: 0.5, comparisonOperator: "LessThanThreshold" },
} as const;
export type Metric = keyof typeof LIMITS;
export const METRICS = Object.keys(LIMITS) as Metric[];

export function metricAlarm(metric: Metric, slot: Slot, more: Readonly<Record<string, unknown>> = {}, rest: Partial<Shown> = {}): Shown {
  const props = { name: alarmName(STACK, "web", slot, metric), tags: tags({ "mission:slot": slot }), evaluationPeriods: 1, datapointsToAlarm: 1, treatMissingData: "missing", alarmActions: [TOPIC], ...LIMITS[metric] };
  return below({ ...props, ...more }, rest, METRIC_ALARM, `web-${metric}-${slot}`);
}

export function compositeAlarm(more: Readonly<Record<string, unknown>> = {}): Shown {
  const alarmRule = (["blue", "green"] as const).flatMap((slot) => METRICS.map((metric) => `ALARM("${alarmName(STACK, "web", slot, metric)}")`)).join(" OR ");
  return below({ alarmName: rollbackAlarmName(STACK, "web"), alarmRule, alarmActions: [TOPIC], tags: tags({}), ...more }, {}, COMPOSITE_ALARM, "web-rollback");
}

/** What the engine sends in a preview in the place of a text, and of a list, that is not known yet. */
export const UNSEEN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const UNSEEN_LIST = "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2";

/** Inputs as the SDK hands them over in a preview: what is not known yet may not be touched. */
export function inPreview(shown: Shown): Shown {
  return { ...shown, props: unknownCheckingProxy(shown.props) as Record<string, unknown> };
}
