import { DOWNTIME_LIMIT_MS, ROLLBACK_LIMIT_MS } from "../../model/promises.js";
import { limitsOf, type Limits, type LimitSettings } from "../../model/limits.js";
import { isObject } from "../mission/recorded-gates.js";
import type { Facts } from "./facts.js";
import type { Recovery } from "./recovery.js";
import type { Traffic } from "./traffic.js";
import { percent, span } from "./words.js";

/** One promise, and what was measured of it. */
export interface PromiseMeasured {
  readonly name: string;
  readonly promise: string;
  /** What was measured, in words; where nothing was, why not. */
  readonly measured: string;
  /** Null: not measured. */
  readonly kept: boolean | null;
  /** The number itself, in the unit that the name of the key says; empty when not measured. */
  readonly values: Readonly<Record<string, number | boolean | null>>;
}

/**
 * What was promised and what was measured in this mission; nothing is taken for kept that nobody measured.
 * @param settings the limits of production
 */
export function promisesOf(facts: Facts, production: Traffic | null, recovery: Recovery, settings: LimitSettings): PromiseMeasured[] {
  const limits = limitsOf(settings);
  return [...seenByClient(production), drill(facts), realRollback(recovery, facts.terminal !== undefined), comparison(facts, errorRate(limits, settings)), comparison(facts, latency(limits, settings))];
}

function seenByClient(traffic: Traffic | null): PromiseMeasured[] {
  const failures = { name: "Failed requests in production", promise: "none but those that the candidate itself answers with errors" };
  const gap = { name: "Longest time without an answer in production", promise: `at most ${span(DOWNTIME_LIMIT_MS)}` };
  if (traffic === null) {
    const measured = "not measured: no client has recorded what it saw of production";
    return [{ ...failures, measured, kept: null, values: {} }, { ...gap, measured, kept: null, values: {} }];
  }
  const of = (role: string) => traffic.byRelease.filter((each) => each.role === role).reduce((sum, { failed }) => sum + failed, 0);
  const others = traffic.failed - of("candidate");
  const parts = traffic.byRelease.map(({ release, role, requests, failed }) => `${role === "unknown" ? "no known release" : `${release}${role === "candidate" ? " (candidate)" : ""}`} ${failed} of ${requests}`);
  const runs = traffic.records === 1 ? "" : `, over ${traffic.records} runs of the mission`;
  return [
    { ...failures, measured: `${traffic.failed} of ${traffic.sent}${runs}${parts.length === 0 ? "" : `; by release: ${parts.join(", ")}`}`, kept: traffic.sent === 0 ? null : others <= 0, values: { sent: traffic.sent, failed: traffic.failed, failedOfCandidate: of("candidate"), onlyOfCandidate: others <= 0 } },
    { ...gap, measured: span(traffic.longestGapMs), kept: traffic.sent === 0 ? null : traffic.longestGapMs <= DOWNTIME_LIMIT_MS, values: { longestGapMs: traffic.longestGapMs } },
  ];
}

function drill(facts: Facts): PromiseMeasured {
  const about = { name: "Rollback in the drill (staging)", promise: `at most ${span(ROLLBACK_LIMIT_MS)}` };
  const [back, forward] = ["back", "forward"].map((way) => millisecondsIn(facts.value(new RegExp(`^staging/\\d+/drill/${way}$`))));
  if (back == null) return { ...about, measured: "not measured: there was no drill in this mission", kept: null, values: {} };
  return { ...about, measured: `back in ${span(back)}${forward == null ? "" : `, forward again in ${span(forward)}`}`, kept: back <= ROLLBACK_LIMIT_MS, values: { backMs: back, forwardMs: forward ?? null } };
}

function realRollback({ environment, backMs, failed }: Recovery, ended: boolean): PromiseMeasured {
  const about = { name: "Rollback in reality", promise: `at most ${span(ROLLBACK_LIMIT_MS)} from the gate's verdict` };
  if (environment === null) return { ...about, measured: ended ? "none was needed" : "none so far", kept: null, values: {} };
  if (failed) return { ...about, measured: `traffic of ${environment} was not brought back for certain`, kept: false, values: { backMs: null } };
  if (backMs === null) return { ...about, measured: `not measured: that traffic of ${environment} is back is not recorded`, kept: null, values: {} };
  return { ...about, measured: `${span(backMs)} in ${environment}`, kept: backMs <= ROLLBACK_LIMIT_MS, values: { backMs } };
}

/** A number that gates record of the candidate, beside the baseline's. */
interface Compared {
  readonly key: string;
  readonly baseKey: string;
  readonly name: string;
  readonly promise: string;
  readonly show: (value: number) => string;
  /** Whether the candidate's number is within the limits; null where that needs a baseline and there is none. */
  readonly within: (value: number, baseline: number | null) => boolean | null;
}

function errorRate({ errorRate: most, errorRateIncrease: more }: Limits, settings: LimitSettings): Compared {
  const promise = `at most ${settings.errorRate.replace("%", " %")}, and ${settings.errorRateIncrease.replace("%", "")} percentage points more than the baseline`;
  return { key: "errorRate", baseKey: "baselineErrorRate", name: "Error rate of the candidate in production", promise, show: percent, within: (value, baseline) => value <= most && (baseline === null || value - baseline <= more) };
}

function latency({ latencyP95Ratio: ratio, latencyP95SlackMs: slack }: Limits, settings: LimitSettings): Compared {
  const promise = `at most ${settings.latencyP95Increase.replace("%", " %")} more than the baseline; less than ${settings.latencyP95Slack} is no difference`;
  const within = (value: number, baseline: number | null) => (baseline === null ? null : value <= Math.max(baseline * ratio, baseline + slack));
  return { key: "p95Ms", baseKey: "baselineP95Ms", name: "Response time p95 of the candidate in production", promise, show: (value) => `${Number(value.toFixed(1))} ms`, within };
}

/** The worst value that a gate of production measured, beside the baseline of the same gate. A gate that had too few data proves nothing. */
function comparison(facts: Facts, { key, baseKey, name, promise, show, within }: Compared): PromiseMeasured {
  const seen = facts.gates.flatMap(({ phase, verdict, measured }) => {
    const [value, base] = [measured[key], measured[baseKey]];
    if (typeof value !== "number" || (phase !== "production" && phase !== "monitor")) return [];
    const baseline = typeof base === "number" ? base : null;
    return [{ value, baseline, ok: verdict === "PASS" || verdict === "FAIL" ? within(value, baseline) : null }];
  });
  const worst = seen.reduce<(typeof seen)[number] | undefined>((most, each) => (most === undefined || each.value > most.value ? each : most), undefined);
  if (worst === undefined) return { name, promise, measured: "not measured: no gate of production has such a number", kept: null, values: {} };
  const baseline = worst.baseline === null ? "; no baseline at the same time" : `, the baseline's ${show(worst.baseline)}`;
  const kept = seen.some(({ ok }) => ok === false) ? false : seen.some(({ ok }) => ok === true) ? true : null;
  return { name, promise, measured: `at worst ${show(worst.value)}${baseline}`, kept, values: { [key]: worst.value, [baseKey]: worst.baseline } };
}

function millisecondsIn(value: unknown): number | null {
  return isObject(value) && typeof value["milliseconds"] === "number" ? value["milliseconds"] : null;
}
