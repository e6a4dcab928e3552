import type { AlarmRequest, AlarmState } from "../protocol.js";

/** A change of an alarm's state. */
export interface AlarmChange {
  readonly time: string;
  readonly alarm: string;
  readonly request: AlarmRequest;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly value: number | null;
}

/** Whether somebody is told: when it goes off, and when it is over or nothing is known any more. Data that come and go are no news. */
export function isNews({ from, to }: Pick<AlarmChange, "from" | "to">): boolean {
  return from !== to && (from === "alarm" || to === "alarm");
}

/** One line of a notification file. */
export function jsonLine({ time, alarm, request, from, to, value }: AlarmChange): string {
  const { service, metric, threshold, windowMs } = request;
  return `${JSON.stringify({ time, alarm, service, metric, state: to, previous: from, value, threshold, windowMs, text: sentence({ time, alarm, request, from, to, value }) })}\n`;
}

/** The change in words. */
export function sentence({ request, to, value }: AlarmChange): string {
  const { service, metric, threshold } = request;
  const subject = `Service "${service}": ${metric}`;
  if (to === "insufficient-data") return `${subject} is not known any more (no data); it was in alarm.`;
  const relation = metric === "availability" ? "at least" : "at most";
  const seen = `${subject} is ${show(metric, value)} (allowed is ${relation} ${show(metric, threshold)})`;
  return to === "alarm" ? `ALARM: ${seen}.` : `Over: ${seen}.`;
}

function show(metric: AlarmRequest["metric"], value: number | null): string {
  if (value === null) return "unknown";
  return metric === "latency-p95" ? `${Math.round(value)} ms` : `${Number((value * 100).toFixed(2))} %`;
}
