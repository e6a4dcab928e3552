import type { Probed } from "../mission/ground.js";
import { isObject } from "../mission/recorded-gates.js";
import type { Facts } from "./facts.js";

/** What was answered and failed of one release. */
export interface ReleaseTraffic {
  readonly release: string;
  /** `candidate`: the mission's release; `before`: any other; `unknown`: nobody answered, or who did is not known. */
  readonly role: "candidate" | "before" | "unknown";
  readonly requests: number;
  readonly failed: number;
}

/** What an open-loop client outside the platform saw in one environment, over all runs of a mission that recorded it. */
export interface Traffic {
  readonly environment: string;
  /** How many runs recorded it; one that was killed has not. */
  readonly records: number;
  readonly sent: number;
  readonly failed: number;
  /** Longest time without a success within one run, milliseconds. */
  readonly longestGapMs: number;
  /** The worst 95th percentile of the runs, milliseconds; null without an answer. */
  readonly p95Ms: number | null;
  readonly byRelease: readonly ReleaseTraffic[];
}

/** The sums of an environment's `probed` notes; null when there is none, which is not the same as zero. */
export function trafficOf(facts: Facts, environment: string, candidate: string): Traffic | null {
  const seen = facts.lines.flatMap(({ line }) => (line.kind === "note" && line.id === `${environment}/probed` && isProbed(line["detail"]) ? [line["detail"]] : []));
  if (seen.length === 0) return null;
  const releases = new Map<string, { requests: number; failed: number }>();
  for (const { byRelease } of seen) {
    for (const [release, { requests, failed }] of Object.entries(byRelease)) {
      const sum = releases.get(release) ?? { requests: 0, failed: 0 };
      releases.set(release, { requests: sum.requests + requests, failed: sum.failed + failed });
    }
  }
  const p95s = seen.flatMap(({ p95Ms }) => (p95Ms === null ? [] : [p95Ms]));
  const role = (release: string) => (release === "unknown" ? "unknown" : release === candidate ? "candidate" : "before");
  return {
    environment,
    records: seen.length,
    sent: seen.reduce((sum, { sent }) => sum + sent, 0),
    failed: seen.reduce((sum, { failed }) => sum + failed, 0),
    longestGapMs: Math.max(...seen.map(({ longestGapMs }) => longestGapMs)),
    p95Ms: p95s.length === 0 ? null : Math.max(...p95s),
    byRelease: [...releases].map(([release, sums]) => ({ release, role: role(release), ...sums })),
  };
}

function isProbed(value: unknown): value is Probed {
  if (!isObject(value) || !isObject(value["byRelease"])) return false;
  const counts = Object.values(value["byRelease"]).every((each) => isObject(each) && typeof each["requests"] === "number" && typeof each["failed"] === "number");
  return counts && ["sent", "failed", "longestGapMs"].every((name) => typeof value[name] === "number") && (value["p95Ms"] === null || typeof value["p95Ms"] === "number");
}
