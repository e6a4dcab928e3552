import type { Slot } from "../model/slot.js";
import type { SlotCounters } from "../model/slot-window.js";
import { parseExposition } from "./alarms/exposition.js";
import type { RouterMetrics } from "./protocol.js";

/** Which requests are meant: those that one release answered in one slot of one service, on whatever route they came. */
export interface CounterSubject {
  readonly service: string;
  readonly slot: Slot;
  readonly release: string;
}

/** What the router has counted; null when it has no counters of this release in this slot: then nothing is known, not "no request". */
export function slotCounters({ router, at, text }: RouterMetrics, { service, slot, release }: CounterSubject): SlotCounters | null {
  const samples = parseExposition(text).filter(({ labels }) => labels.get("service") === service && labels.get("slot") === slot && labels.get("release") === release);
  const counts = samples.filter(({ name }) => name === "mission_requests_total");
  if (counts.length === 0) return null;
  const sum = (codes: (code: string) => boolean) => counts.filter(({ labels }) => codes(labels.get("code") ?? "")).reduce((total, { value }) => total + value, 0);
  const bounds = samples.filter(({ name }) => name === "mission_request_duration_seconds_bucket").map(({ labels, value }) => [labels.get("le") === "+Inf" ? Infinity : Number(labels.get("le")), value] as const);
  return { at, epoch: String(router), requests: sum(() => true), errors: sum((code) => code === "5xx" || code === "error"), buckets: new Map(bounds) };
}
