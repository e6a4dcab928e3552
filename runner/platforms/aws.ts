import { AddTagsCommand, DescribeTargetHealthCommand, ModifyRuleCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { AwsError, asking } from "../../aws/aws-error.js";
import { awsClients, type AwsClients } from "../../aws/clients.js";
import { serviceEndpoints } from "../../aws/endpoints.js";
import { findBalancer, findRoutes, type UsersRule } from "../../aws/find-routes.js";
import { observeAws } from "../../aws/observe.js";
import { NONE, TAG } from "../../aws/tags.js";
import type { AwsSettings } from "../../model/aws-settings.js";
import { parseDuration } from "../../model/duration.js";
import { ABSENT, baseOf } from "../../model/rollout.js";
import { perSlot, SLOTS } from "../../model/slot.js";
import { Split } from "../../model/split.js";
import { PlatformRefusal, type PlatformAdapter } from "./adapter.js";
import { awsAlarms } from "./aws-alarms.js";
import { awsMetrics } from "./aws-metrics.js";
import { awsTestAlarm } from "./aws-test-alarm.js";

/** An ALB reports to CloudWatch once a minute. */
const GRAIN_MS = 60_000;

/** The adapter of an environment on AWS; see docs/decisions/0012-aws.md. */
export function awsAdapter(stack: string, settings: AwsSettings, clients: AwsClients = awsClients(settings)): PlatformAdapter {
  const grainMs = settings.emulator?.period === undefined ? GRAIN_MS : parseDuration(settings.emulator.period);
  const began = Date.now();
  let writing: Promise<unknown> = Promise.resolve();
  /** An ALB has no conditional write: in one process the writers wait for each other, and between processes only their reading before they write protects them. */
  const inTurn = <T>(write: () => Promise<T>): Promise<T> => {
    const turn = writing.then(write);
    writing = turn.catch(() => undefined);
    return turn;
  };
  const adapter: PlatformAdapter = {
    capabilities: { weights: "any", slotRoutes: true, database: false, metricsGrainMs: grainMs, engineRemembersTraffic: true },
    describe: () => refusing(async () => (await observeAws(stack, settings, clients)).services),
    endpoints: (service) =>
      refusing(async () => {
        if (!(await findRoutes(stack, settings, clients)).some((rule) => rule.service === service)) return undefined;
        const balancer = await findBalancer(stack, settings, clients);
        return serviceEndpoints(settings, settings.loadBalancer.address ?? balancer?.DNSName ?? "", service);
      }),
    metrics: (service) => refusing(() => awsMetrics({ stack, settings, clients, service, grainMs, began }), "metrics"),
    // Container Insights tells of tasks by the minute, as shares of what they reserved; seconds of a processor per instance it does not.
    saturation: () => Promise.resolve(perSlot(() => null)),
    alarms: (service) => refusing(() => awsAlarms(stack, service, clients), "alarms"),
    testAlarm: (service, id) => awsTestAlarm(stack, service, id, clients),
    setSplit: (service, change, base) =>
      inTurn(() => refusing(async () => {
        const observed = (await observeAws(stack, settings, clients)).services[service] ?? ABSENT;
        if (baseOf(observed) !== base) throw new PlatformRefusal("base", `Service "${service}" is no longer as it was when this was decided; look again and decide anew.`);
        const rule = (await findRoutes(stack, settings, clients)).find((each) => each.service === service);
        if (rule === undefined) throw new PlatformRefusal("absent", `Service "${service}" has no listener rule in stack "${stack}".`);
        await refuseUnready(service, rule, change.split, clients);
        await write(service, rule, { ...change, returnTo: observed.live === change.live ? observed.returnTo : null }, clients);
        const after = (await observeAws(stack, settings, clients)).services[service];
        if (after?.split == null || !after.split.equals(change.split) || after.live !== change.live) {
          throw new PlatformRefusal("not-applied", `Service "${service}": AWS accepted ${change.split.describe(change.live)} but reports ${after?.split?.describe(after.live ?? "blue") ?? "nothing"}.`);
        }
      })),
    database: () => Promise.resolve(null),
  };
  return adapter;
}

/** Weight for a slot that nobody answers in is refused; less than before is always allowed. */
async function refuseUnready(service: string, rule: UsersRule, split: Split, { balancing }: AwsClients): Promise<void> {
  for (const slot of SLOTS) {
    if (split.of(slot) <= rule.weights[slot]) continue;
    const group = rule.targetGroups[slot];
    const health = group === null ? [] : ((await asking(`The targets of service "${service}" in ${slot}`, () => balancing.send(new DescribeTargetHealthCommand({ TargetGroupArn: group })))).TargetHealthDescriptions ?? []);
    if (health.some(({ TargetHealth }) => TargetHealth?.State === "healthy")) continue;
    throw new PlatformRefusal("not-ready", `Service "${service}": slot "${slot}" has no healthy target, so it gets no more traffic.`);
  }
}

/** Weights first, then the tags; on the way there and on the way back a reader in between sees a state that is allowed. */
async function write(service: string, rule: UsersRule, { live, split, returnTo }: { readonly live: "blue" | "green"; readonly split: Split; readonly returnTo: string | null }, { balancing }: AwsClients): Promise<void> {
  const { blue, green } = rule.targetGroups;
  if (blue === null || green === null) throw new PlatformRefusal("absent", `Service "${service}" lacks the target group of a slot; bring it back by: ./mission pulumi up`);
  const what = `The listener rule of service "${service}"`;
  // The tags change first by their generation alone, so that of two writers who saw the same the later one sees that it is late.
  await asking(what, () => balancing.send(new AddTagsCommand({ ResourceArns: [rule.arn], Tags: [{ Key: TAG.generation, Value: String(rule.generation + 1) }] })));
  await asking(what, () =>
    balancing.send(
      new ModifyRuleCommand({
        RuleArn: rule.arn,
        Actions: [
          {
            Type: "forward",
            ForwardConfig: {
              TargetGroups: [
                { TargetGroupArn: blue, Weight: split.blue },
                { TargetGroupArn: green, Weight: split.green },
              ],
              TargetGroupStickinessConfig: rule.stickiness === null ? { Enabled: false } : { Enabled: true, DurationSeconds: rule.stickiness },
            },
          },
        ],
      }),
    ),
  );
  await asking(what, () => balancing.send(new AddTagsCommand({ ResourceArns: [rule.arn], Tags: [{ Key: TAG.live, Value: live }, { Key: TAG.returnTo, Value: returnTo ?? NONE }] })));
}

/** What AWS refuses is the platform's refusal. */
export async function refusing<T>(ask: () => Promise<T>, code?: string): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof AwsError) throw new PlatformRefusal(code ?? error.code, error.message);
    throw error;
  }
}
