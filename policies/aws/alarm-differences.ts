import { alarmName, rollbackAlarmName } from "../../aws/names.js";
import { parseDuration } from "../../model/duration.js";
import { shareOfPercent } from "../../model/percent.js";
import { SLOTS } from "../../model/slot.js";
import type { GatedInputs } from "../gated-inputs.js";
import { differently, same, type Difference } from "./differences.js";
import { COMPOSITE_ALARM } from "../leaf-types.js";
import { listOf, UNKNOWN } from "./known.js";
import type { AwsLeaf } from "./leaf.js";

const METRICS = ["error-rate", "latency-p95", "availability"] as const;
type Metric = (typeof METRICS)[number];

/** An ALB reports once a minute (CloudWatch, "Metrics for your Application Load Balancer"). */
const PERIOD_MS = 60_000;

/** Which metric an alarm is on, by its name; undefined for another name. */
export function metricOf({ slot, props }: AwsLeaf, stack: string, service: string): Metric | undefined {
  return slot === undefined ? undefined : METRICS.find((metric) => props["name"] === alarmName(stack, service, slot, metric));
}

/** An alarm has the limit of its service, in CloudWatch's unit, and its window; the one that sums them up names all of them. Each tells somebody. */
export function awsAlarmAgrees(leaf: AwsLeaf, stack: string, gated: GatedInputs): Difference[] {
  const { type, props } = leaf;
  const tells = listOf(props["alarmActions"]);
  const nobody = tells !== UNKNOWN && tells.length === 0 ? differently("alarmActions", "it tells nobody; allowed is at least one alarm action.") : [];
  if (type === COMPOSITE_ALARM) {
    const all = SLOTS.flatMap((slot) => METRICS.map((metric) => `ALARM("${alarmName(stack, gated.service, slot, metric)}")`)).join(" OR ");
    return [...same("fixed", props["alarmName"], rollbackAlarmName(stack, gated.service), "alarmName"), ...same("alarmRule", props["alarmRule"], all), ...nobody];
  }
  const metric = metricOf(leaf, stack, gated.service);
  if (metric === undefined) return differently("fixed", `its name is ${JSON.stringify(props["name"])}; allowed is stack, service, its slot and error-rate, latency-p95 or availability, joined by dashes.`);
  const periods = Math.max(1, Math.ceil(parseDuration(gated.alarms.window) / PERIOD_MS));
  return [
    ...same("threshold", props["threshold"], limits(gated)[metric]),
    ...same("comparisonOperator", props["comparisonOperator"], metric === "availability" ? "LessThanThreshold" : "GreaterThanThreshold"),
    ...same("evaluationPeriods", props["evaluationPeriods"], periods),
    ...same("datapointsToAlarm", props["datapointsToAlarm"], periods),
    ...(metric === "latency-p95" ? [...same("metricName", props["metricName"], "TargetResponseTime"), ...same("extendedStatistic", props["extendedStatistic"], "p95"), ...same("period", props["period"], PERIOD_MS / 1000)] : []),
    ...nobody,
  ];
}

/** Shares from 0 to 1, and seconds. */
function limits({ alarms }: GatedInputs): Readonly<Record<Metric, number>> {
  return { "error-rate": shareOfPercent(alarms.errorRate), "latency-p95": parseDuration(alarms.latencyP95) / 1000, availability: shareOfPercent(alarms.availability) };
}
