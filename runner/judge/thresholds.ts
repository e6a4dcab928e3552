import type { Limits } from "../../model/limits.js";
import { quantile } from "../../model/quantile.js";
import type { SlotWindow, WindowResult } from "../../model/slot-window.js";
import { worstVerdict, type GateResult, type Verdict } from "../../model/verdict.js";

/** With this many requests and not one success there is nothing more to wait for. */
const ALL_FAILED = 10;

/**
 * Compares a candidate with the baseline over the same time. Without a baseline (a first deployment) only the ceiling decides.
 * `PASS` needs enough requests on both sides and every limit kept; what was not measured is `ERROR`, too little is `INCONCLUSIVE`.
 */
export function judgeByThresholds(candidate: WindowResult, baseline: WindowResult | null, limits: Limits): GateResult {
  const broken = [["candidate", candidate], ["baseline", baseline]].flatMap(([name, side]) => (side !== null && typeof side === "object" && !side.ok ? [`The ${String(name)}: ${side.reason}`] : []));
  if (!candidate.ok || baseline?.ok === false) return result("ERROR", broken, {});
  return judgeWindows(candidate.window, baseline?.window ?? null, limits);
}

function judgeWindows(candidate: SlotWindow, baseline: SlotWindow | null, limits: Limits): GateResult {
  const [rate, base] = [shareOf(candidate), baseline === null ? null : shareOf(baseline)];
  const [p95, baseP95] = [p95Of(candidate), baseline === null ? null : p95Of(baseline)];
  const measured = { requests: candidate.requests, errors: candidate.errors, errorRate: rate, p95Ms: p95, baselineRequests: baseline?.requests ?? null, baselineErrorRate: base, baselineP95Ms: baseP95 };

  if (candidate.requests >= ALL_FAILED && candidate.errors === candidate.requests) {
    return result("FAIL", [`All ${candidate.requests} requests of the candidate failed.`], measured);
  }
  const few = [["candidate", candidate], ["baseline", baseline]].flatMap(([name, side]) => {
    const requests = side === null || typeof side === "string" ? undefined : side?.requests;
    return requests !== undefined && requests < limits.minimumSamples ? [`The ${String(name)} had ${requests} requests; at least ${limits.minimumSamples} are needed.`] : [];
  });
  if (few.length > 0 || rate === null) return result("INCONCLUSIVE", few.length > 0 ? few : ["The candidate had no request."], measured);

  const checks: { readonly verdict: Verdict; readonly text: string }[] = [
    { verdict: rate <= limits.errorRate ? "PASS" : "FAIL", text: `${percent(rate)} of the candidate's ${candidate.requests} requests failed; allowed are ${percent(limits.errorRate)}.` },
  ];
  if (base !== null) {
    checks.push({ verdict: rate - base <= limits.errorRateIncrease ? "PASS" : "FAIL", text: `That is ${points(rate - base)} more than the baseline's ${percent(base)}; allowed are ${points(limits.errorRateIncrease)}.` });
  }
  if (baseline !== null) {
    if (p95 === null || baseP95 === null) checks.push({ verdict: "INCONCLUSIVE", text: "There are no response times to compare." });
    else checks.push({ verdict: p95 <= Math.max(baseP95 * limits.latencyP95Ratio, baseP95 + limits.latencyP95SlackMs) ? "PASS" : "FAIL", text: `95 % of the candidate's answers took at most ${p95.toFixed(1)} ms, of the baseline's ${baseP95.toFixed(1)} ms; allowed is ${limits.latencyP95Ratio} times as much${limits.latencyP95SlackMs > 0 ? `, or ${limits.latencyP95SlackMs} ms more` : ""}.` });
  }
  const verdict = worstVerdict(checks.map((check) => check.verdict));
  return result(verdict, checks.filter((check) => verdict === "PASS" || check.verdict !== "PASS").map(({ text }) => text), measured);
}

function result(verdict: Verdict, sentences: readonly string[], measured: GateResult["measured"]): GateResult {
  return { gate: "candidate-as-good-as-baseline", verdict, summary: sentences[0] ?? "", details: sentences.slice(1), measured };
}

function shareOf({ requests, errors }: SlotWindow): number | null {
  return requests > 0 ? errors / requests : null;
}

function p95Of({ buckets }: SlotWindow): number | null {
  const seconds = quantile(0.95, buckets);
  return seconds === undefined ? null : seconds * 1000;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

function points(share: number): string {
  return `${Number((share * 100).toFixed(2))} percentage points`;
}
