import type { Probed } from "../mission/ground.js";
import type { ProbeSummary } from "../prober/summary.js";

/** What a prober's sums say to a mission. Requests that the prober gave up itself are none. */
export function probedOf({ sent, inFlight, stopped, failed, answered, errors, longestGapMs, latencyMs, byRelease }: ProbeSummary): Probed {
  const settled = answered + Object.entries(errors).reduce((sum, [error, count]) => (error === "status" || error === "stopped" ? sum : sum + count), 0);
  const began = Object.values(byRelease).reduce((sum, { requests }) => sum + requests, 0);
  const silent = Math.max(0, settled - began);
  const unknown = byRelease["unknown"] ?? { requests: 0, failed: 0 };
  return {
    sent: sent - inFlight - stopped,
    failed,
    longestGapMs,
    p95Ms: latencyMs?.p95 ?? null,
    byRelease: { ...byRelease, ...(silent + unknown.requests > 0 ? { unknown: { requests: unknown.requests + silent, failed: unknown.failed + silent } } : {}) },
  };
}

/**
 * What was seen of several services together: sums, and the worst gap and the worst 95th percentile, because percentiles of parts make none of the
 * whole. Null of none.
 */
export function combineProbed(parts: readonly Probed[]): Probed | null {
  if (parts.length === 0) return null;
  const byRelease: Record<string, { requests: number; failed: number }> = {};
  for (const part of parts) {
    for (const [release, { requests, failed }] of Object.entries(part.byRelease)) {
      const sum = (byRelease[release] ??= { requests: 0, failed: 0 });
      sum.requests += requests;
      sum.failed += failed;
    }
  }
  const p95s = parts.flatMap(({ p95Ms }) => (p95Ms === null ? [] : [p95Ms]));
  return {
    sent: parts.reduce((sum, { sent }) => sum + sent, 0),
    failed: parts.reduce((sum, { failed }) => sum + failed, 0),
    longestGapMs: Math.max(...parts.map(({ longestGapMs }) => longestGapMs)),
    p95Ms: p95s.length === 0 ? null : Math.max(...p95s),
    byRelease,
  };
}
