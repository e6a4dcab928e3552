import { GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { AwsError, asking } from "../../aws/aws-error.js";
import type { AwsClients } from "../../aws/clients.js";
import { findBalancer, findRoutes } from "../../aws/find-routes.js";
import { slotName } from "../../aws/names.js";
import type { AwsSettings } from "../../model/aws-settings.js";
import { SLOTS, type PerSlot } from "../../model/slot.js";
import type { SlotCounters } from "../../model/slot-window.js";

/** What CloudWatch is asked for. */
export interface AwsMetricsOptions {
  readonly stack: string;
  readonly settings: AwsSettings;
  readonly clients: AwsClients;
  readonly service: string;
  /** Period of a datapoint, milliseconds. */
  readonly grainMs: number;
  /** When the reader began, milliseconds: counting starts a little before that. */
  readonly began: number;
}

/**
 * Upper bounds of response times that are counted, seconds. CloudWatch counts the datapoints up to a bound by the statistic TC(:bound); each bound is a query of
 * every look.
 */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** How long a datapoint may be on its way until its period counts as over, in periods. What comes later still is counted at the next look. */
const SETTLE = 1;
/** How far before the reader's beginning is counted from, milliseconds: the baseline's first window lies there. */
const BEFORE = 15 * 60_000;

/**
 * What the load balancer has counted of each slot's target group, added up since shortly before the reader began. CloudWatch says nothing where there was no request; a
 * period without datapoints counts as none, never as good: without requests no gate passes.
 */
export async function awsMetrics({ stack, settings, clients, service, grainMs, began }: AwsMetricsOptions): Promise<PerSlot<SlotCounters | null>> {
  const nothing = { blue: null, green: null };
  const rule = (await findRoutes(stack, settings, clients)).find((each) => each.service === service);
  const balancer = rule === undefined ? null : await findBalancer(stack, settings, clients);
  if (rule === undefined || balancer?.LoadBalancerArn === undefined) return nothing;
  const dimension = balancer.LoadBalancerArn.replace(/^.*:loadbalancer\//, "");
  const start = floor(began - BEFORE, grainMs);
  const end = floor(Date.now() - SETTLE * grainMs, grainMs);
  const counters = await Promise.all(
    SLOTS.map(async (slot) => {
      const group = rule.targetGroups[slot];
      if (group === null) return null;
      const sums = await sumsOf(clients, queries(dimension, group.replace(/^.*:targetgroup\//, "targetgroup/"), grainMs), start, end, service);
      const requests = sums.get("requests") ?? 0;
      // A target that nobody can connect to answers no 5xx: the load balancer does in its place, and counts that elsewhere.
      const errors = Math.min(requests, (sums.get("errors") ?? 0) + (sums.get("unreached") ?? 0));
      const within = BOUNDS.map((bound, index) => [bound, Math.min(requests, sums.get(`b${index}`) ?? 0)] as const);
      return { at: end, epoch: `${slotName(stack, service, slot)}@${start}`, requests, errors, buckets: new Map([...within, [Infinity, requests] as const]) };
    }),
  );
  const [blue = null, green = null] = counters;
  return { blue, green };
}

function queries(balancer: string, targetGroup: string, grainMs: number): MetricDataQuery[] {
  const query = (Id: string, MetricName: string, Stat: string): MetricDataQuery => ({
    Id,
    MetricStat: { Metric: { Namespace: "AWS/ApplicationELB", MetricName, Dimensions: [{ Name: "TargetGroup", Value: targetGroup }, { Name: "LoadBalancer", Value: balancer }] }, Period: Math.max(1, Math.round(grainMs / 1000)), Stat },
    ReturnData: true,
  });
  return [
    query("requests", "RequestCount", "Sum"),
    query("errors", "HTTPCode_Target_5XX_Count", "Sum"),
    query("unreached", "TargetConnectionErrorCount", "Sum"),
    ...BOUNDS.map((bound, index) => query(`b${index}`, "TargetResponseTime", `TC(:${bound})`)),
  ];
}

/**
 * Sums by query, over all pages. A query that CloudWatch could not answer, or only in part, is no count: failures that are missing there would be none.
 * @throws AwsError for such a query
 */
async function sumsOf({ watch }: AwsClients, MetricDataQueries: MetricDataQuery[], start: number, end: number, service: string): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, number>();
  const states = new Map<string, string>();
  let NextToken: string | undefined;
  do {
    const page = await asking(`The metrics of service "${service}"`, () =>
      watch.send(new GetMetricDataCommand({ MetricDataQueries, StartTime: new Date(start), EndTime: new Date(end), ScanBy: "TimestampAscending", ...(NextToken === undefined ? {} : { NextToken }) })),
    );
    for (const { Id = "", Values = [], StatusCode = "Complete" } of page.MetricDataResults ?? []) {
      sums.set(Id, Values.reduce((sum, value) => sum + value, sums.get(Id) ?? 0));
      states.set(Id, StatusCode);
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined && NextToken !== "");
  const lacking = MetricDataQueries.flatMap(({ Id = "", MetricStat }) => (states.get(Id) === "Complete" ? [] : [`${MetricStat?.Metric?.MetricName ?? Id} is ${states.get(Id) ?? "not answered"}`]));
  if (lacking.length > 0) throw new AwsError("aws", `The metrics of service "${service}" are not whole: CloudWatch says that ${[...new Set(lacking)].join(", ")}. Try again in a minute.`);
  return sums;
}

function floor(at: number, grainMs: number): number {
  return Math.floor(at / grainMs) * grainMs;
}
