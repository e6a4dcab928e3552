import type { News } from "../../delivery/deliver.js";
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

/** Somebody wants to know whether an alarm would reach its targets; nothing is wrong. */
export interface AlarmTest {
  readonly time: string;
  readonly alarm: string;
  readonly request: AlarmRequest;
  /** What the test is known by again at the target. */
  readonly test: string;
}

/** What an alarm's targets are told. */
export type AlarmNews = AlarmChange | AlarmTest;

/** Whether somebody is told: when it goes off, and when it is over or nothing is known any more. Data that come and go are no news. */
export function isNews({ from, to }: Pick<AlarmChange, "from" | "to">): boolean {
  return from !== to && (from === "alarm" || to === "alarm");
}

/** What is told, for people and for programs. */
export function newsOf(about: AlarmNews): News {
  const { time, alarm, request } = about;
  const { service, metric, threshold, windowMs } = request;
  if ("test" in about) return { text: testSentence(about), line: { time, alarm, service, metric, test: about.test, threshold, windowMs, text: testSentence(about) } };
  const { from, to, value } = about;
  return { text: sentence(about), line: { time, alarm, service, metric, state: to, previous: from, value, threshold, windowMs, text: sentence(about) } };
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

function testSentence({ alarm, request, test }: AlarmTest): string {
  return `TEST ${test}: this is how alarm "${alarm}" of service "${request.service}" would reach you. Nothing is wrong.`;
}

function show(metric: AlarmRequest["metric"], value: number | null): string {
  if (value === null) return "unknown";
  return metric === "latency-p95" ? `${Math.round(value)} ms` : `${Number((value * 100).toFixed(2))} %`;
}
