import * as cloudwatch from "@pulumi/aws/cloudwatch/index.js";
import type * as lb from "@pulumi/aws/lb/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { alarmName, rollbackAlarmName } from "../../aws/names.js";
import { TAG } from "../../aws/tags.js";
import { SLOTS, type PerSlot, type Slot } from "../../model/slot.js";
import type { PlatformAlarmArgs } from "../platform.js";
import type { Shared } from "./shared.js";

/** An ALB reports once a minute (CloudWatch, "Metrics for your Application Load Balancer"). */
const PERIOD = 60;

/** The alarm of a service on one metric: one of CloudWatch for each slot, because a candidate's errors must not hide in the mean. Without data it is never good. */
export function awsAlarm(name: string, args: PlatformAlarmArgs, targetGroups: PerSlot<lb.TargetGroup>, shared: Shared, opts: pulumi.CustomResourceOptions): cloudwatch.MetricAlarm[] {
  return SLOTS.map((slot) => new cloudwatch.MetricAlarm(`${name}-${slot}`, { ...common(args, slot, shared), ...measured(args, targetGroups[slot], shared) }, opts));
}

/** Goes off when one of them does, but for availability of a slot that has no traffic: what a rollback is for. */
export function rollbackAlarm(name: string, service: string, alarms: readonly cloudwatch.MetricAlarm[], shared: Shared, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  return new cloudwatch.CompositeAlarm(
    name,
    {
      alarmName: rollbackAlarmName(shared.stack, service),
      alarmDescription: `One of the alarms of ${service} is on: a reason to take traffic back.`,
      alarmRule: `${[...SLOTS].flatMap((slot) => ["error-rate", "latency-p95", "availability"].map((metric) => `ALARM("${alarmName(shared.stack, service, slot, metric)}")`)).join(" OR ")}`,
      alarmActions: [shared.topic],
      okActions: [shared.topic],
      tags: { [TAG.service]: service },
    },
    { ...opts, dependsOn: [...alarms] },
  );
}

function common({ service, metric, windowMs }: PlatformAlarmArgs, slot: Slot, { stack, topic }: Shared) {
  const periods = Math.max(1, Math.ceil(windowMs / (PERIOD * 1000)));
  return {
    name: alarmName(stack, service, slot, metric),
    alarmDescription: `${metric} of ${service} in ${slot}`,
    evaluationPeriods: periods,
    datapointsToAlarm: periods,
    // No data is no state: neither on nor good.
    treatMissingData: "missing",
    alarmActions: [topic],
    okActions: [topic],
    tags: { [TAG.service]: service, [TAG.slot]: slot },
  };
}

/** Threshold in the unit of the metric: a share from 0 to 1, or seconds. */
function measured({ metric, threshold }: PlatformAlarmArgs, group: lb.TargetGroup, { balancer }: Shared) {
  const dimensions = { TargetGroup: group.arnSuffix, LoadBalancer: balancer.dimension };
  const query = (id: string, metricName: string, stat: string) => ({ id, metric: { namespace: "AWS/ApplicationELB", metricName, period: PERIOD, stat, dimensions }, returnData: false });
  switch (metric) {
    case "latency-p95":
      return { comparisonOperator: "GreaterThanThreshold", threshold: threshold / 1000, namespace: "AWS/ApplicationELB", metricName: "TargetResponseTime", period: PERIOD, extendedStatistic: "p95", dimensions };
    case "error-rate":
      return {
        comparisonOperator: "GreaterThanThreshold",
        threshold,
        metricQueries: [
          // CloudWatch has no datapoint of failures where there was none; requests without one are without failures.
          { id: "share", expression: "(FILL(errors, 0) + FILL(unreached, 0)) / requests", label: "share of requests that failed", returnData: true },
          query("errors", "HTTPCode_Target_5XX_Count", "Sum"),
          // Where no target can be connected to, the load balancer answers, and that counts as no target's 5xx.
          query("unreached", "TargetConnectionErrorCount", "Sum"),
          query("requests", "RequestCount", "Sum"),
        ],
      };
    case "availability":
      return {
        comparisonOperator: "LessThanThreshold",
        threshold,
        metricQueries: [
          { id: "share", expression: "healthy / (healthy + unhealthy)", label: "share of targets that are healthy", returnData: true },
          query("healthy", "HealthyHostCount", "Minimum"),
          query("unhealthy", "UnHealthyHostCount", "Maximum"),
        ],
      };
  }
}
