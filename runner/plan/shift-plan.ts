import { limitsOf } from "../../model/limits.js";
import { parseDuration } from "../../model/duration.js";
import type { ShiftStep } from "../../model/strategy.js";
import { timingOf } from "../../model/timing.js";
import type { MissionEnvironment } from "../mission/subject.js";
import { boundAfter, samplesNeeded, timeFor, type SamplesNeeded } from "./samples.js";
import { longestWatch, RECORDED_MS, UP_MS } from "./durations.js";

/** What a candidate is compared with. `thresholds`: with nothing but fixed limits. */
export type Baseline = "concurrent" | "recorded" | "thresholds";

/** One step of the shift, as it is expected. */
export interface PlannedStep extends ShiftStep {
  /** Requests a second, of the service that gets least. */
  readonly candidateRate: number;
  readonly baselineRate: number;
  readonly baseline: Baseline;
  readonly needed: SamplesNeeded;
  /** Until each arm that is measured has the least number of requests, milliseconds; null when one never gets it. */
  readonly minimumAfterMs: number | null;
  /** Until each arm has what the margin takes; null when that never comes. */
  readonly marginAfterMs: number | null;
  /** The smallest share of failures that the bake can exclude when the candidate has none, 0 to 1. */
  readonly boundAfterBake: number;
  readonly expectedMs: number;
  /** The bake extended to its limit, and the wait for an approval. */
  readonly worstMs: number;
  readonly notes: readonly string[];
}

/** What the steps of a shift rest on. */
export interface ShiftInputs {
  readonly environment: MissionEnvironment;
  readonly steps: readonly ShiftStep[];
  /** Services that have a candidate. */
  readonly services: readonly string[];
  /** How many services serve: they share the mission's own requests. */
  readonly serving: number;
  readonly traffic: Readonly<Record<string, number>>;
  readonly pause: boolean;
}

/** The steps of a shift with what they need. None of them is about a first release, which is not shifted. */
export function planShift({ environment: { settings }, steps, services, serving, traffic, pause }: ShiftInputs): PlannedStep[] {
  const { probeRate } = timingOf(settings);
  const rate = Math.min(...services.map((service) => probeRate / Math.max(1, serving) + (traffic[service] ?? 0)));
  const limits = limitsOf(settings.limits);
  const recorded = reaches(limits.minimumSamples, rate, RECORDED_MS);
  return steps.map((step, index) => {
    const { weight, bakeMs } = step;
    const [candidateRate, baselineRate] = [(rate * weight) / 100, (rate * (100 - weight)) / 100];
    const longest = longestWatch(bakeMs);
    const concurrent = weight < 100 && reaches(limits.minimumSamples, baselineRate, longest);
    const baseline = concurrent ? "concurrent" : recorded ? "recorded" : "thresholds";
    const needed = samplesNeeded(limits, baseline !== "thresholds");
    const slowest = concurrent ? Math.min(candidateRate, baselineRate) : candidateRate;
    const minimumAfterMs = timeFor(needed.minimum, slowest);
    const approval = pause && index > 0 ? parseDuration(settings.approvalTimeout) : 0;
    const bake = Math.min(Math.max(bakeMs, minimumAfterMs ?? longest), longest);
    return {
      ...step,
      candidateRate,
      baselineRate,
      baseline,
      needed,
      minimumAfterMs,
      marginAfterMs: needed.forMargin === null ? null : timeFor(needed.forMargin, slowest),
      boundAfterBake: boundAfter(Math.floor((candidateRate * bakeMs) / 1_000)),
      expectedMs: UP_MS[settings.platform] + bake,
      worstMs: UP_MS[settings.platform] * 2 + longest + approval,
      notes: notesOf(weight, baseline, minimumAfterMs, bakeMs, longest),
    };
  });
}

function reaches(requests: number, rate: number, within: number): boolean {
  const after = timeFor(requests, rate);
  return after !== null && after <= within;
}

function notesOf(weight: number, baseline: Baseline, minimumAfterMs: number | null, bakeMs: number, longest: number): string[] {
  const notes: string[] = [];
  const instead = baseline === "recorded" ? "it is compared with what was recorded of the live release before" : "only fixed limits are left, because too little would be recorded before as well";
  if (weight === 100) notes.push(`Nothing serves beside the candidate, so ${instead}.`);
  else if (baseline !== "concurrent") notes.push(`Too little traffic stays with the live release to compare the candidate with it, so ${instead}.`);
  if (minimumAfterMs === null || minimumAfterMs > longest) notes.push("There is too little traffic for a verdict, even when the bake is extended to its limit: this step would end INCONCLUSIVE and roll back. Raise mission:probeRate, or hold it longer.");
  else if (minimumAfterMs > bakeMs) notes.push("The bake is too short for the least number of requests; it will be extended.");
  return notes;
}
