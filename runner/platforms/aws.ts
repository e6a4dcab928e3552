import { awsClients, type AwsClients } from "../../aws/clients.js";
import { serviceEndpoints } from "../../aws/endpoints.js";
import { findBalancer, findRoutes } from "../../aws/find-routes.js";
import { observeAws } from "../../aws/observe.js";
import type { AwsSettings } from "../../model/aws-settings.js";
import { parseDuration } from "../../model/duration.js";
import { perSlot } from "../../model/slot.js";
import type { PlatformAdapter } from "./adapter.js";
import { awsAlarms } from "./aws-alarms.js";
import { awsMetrics } from "./aws-metrics.js";
import { moveTraffic } from "./aws-move-traffic.js";
import { awsTestAlarm } from "./aws-test-alarm.js";
import { refusing } from "./aws-refusing.js";

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
    setSplit: (service, change, base) => inTurn(() => moveTraffic({ stack, settings, clients, service }, change, base)),
    database: () => Promise.resolve(null),
  };
  return adapter;
}
