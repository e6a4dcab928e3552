import { limitsOf, type Limits, type LimitSettings } from "../../model/limits.js";
import type { Release } from "../../model/release.js";
import { otherSlot, type Slot } from "../../model/slot.js";
import { specDigest } from "../../model/slot-spec.js";
import { windowBetween, type SlotCounters, type WindowResult } from "../../model/slot-window.js";
import type { GateResult, Verdict } from "../../model/verdict.js";
import { judgeByThresholds } from "../judge/thresholds.js";
import type { RecordedBaseline } from "./baseline.js";
import { chooseBaseline, type ChosenBaseline } from "./choose-baseline.js";
import { beganAnew, mistakeInCounters } from "./counted.js";
import { isClear } from "./early-end.js";
import { findCandidate, type Candidate } from "./find-candidate.js";
import type { Reading } from "./reading.js";

/** Judges a candidate's window against a baseline's, null where only the ceilings decide. */
export type Judge = typeof judgeByThresholds;

/** What is known after a look. */
export interface Look {
  readonly result: GateResult;
  /** The verdict cannot become better. */
  readonly final: boolean;
  /** Whether the window that was judged has the full time. */
  readonly full: boolean;
  /** Looks in a row that could not be measured. */
  readonly errors: number;
}

/** What a service is watched with. */
export interface ServiceWatchOptions {
  readonly service: string;
  readonly release: Release;
  readonly limits: LimitSettings;
  /** Time that a window must have before it passes, milliseconds. */
  readonly milliseconds: number;
  readonly baseline: RecordedBaseline | null;
  readonly judge?: Judge;
}

/** Two slots' counters at one moment: those of the candidate, and of the other one where it counts something. */
interface Point {
  readonly reading: Reading;
  readonly candidate: SlotCounters;
  readonly other: SlotCounters | null;
}

const GATE = "candidate-as-good-as-baseline";
/** A clock's own grain, milliseconds. */
const GRAIN_MS = 1;

/** One service of a release while it is watched: its window, and what was said of it at each look. */
export class ServiceWatch {
  readonly #limits: Limits;
  readonly #judge: Judge;
  readonly #notes: string[] = [];
  /** Where the release was when it was first seen: if it is elsewhere later, what was counted is not about the same thing. */
  #place: (Candidate & { readonly ok: true }) | null = null;
  #first: Point | null = null;
  #last: Point | null = null;
  /** The first of the looks that failed one after the other. */
  #failing: Point | null = null;
  #errors = 0;

  constructor(private readonly options: ServiceWatchOptions) {
    this.#limits = limitsOf(options.limits);
    this.#judge = options.judge ?? judgeByThresholds;
  }

  /** The slot that holds the release; null before it was seen. */
  get slot(): Slot | null {
    return this.#place?.slot ?? null;
  }

  /** One look; the first one begins the window. */
  look(reading: Reading): Look {
    if (!reading.observed.ok) return this.#error(reading.observed.reason);
    const { service, release } = this.options;
    const observed = reading.observed.value;
    const found = findCandidate(release, service, observed);
    if (!found.ok) return this.#place === null || observed === undefined ? this.#error(found.reason) : this.#moved(found.reason);
    if (this.#place !== null && (found.slot !== this.#place.slot || found.spec !== this.#place.spec)) return this.#moved(`Slot "${this.#place.slot}" of service "${service}" no longer holds what was watched there.`);
    if (found.weight === 0) return this.#moved(`Release ${release.version} has no weight in service "${service}": somebody has taken its traffic away.`);
    this.#place ??= found;
    const other = otherSlot(found.slot);
    const held = observed?.slots[other] ?? null;
    const weighs = held !== null && (observed?.split?.of(other) ?? 0) > 0;
    return this.#count(reading, found.slot, { weighs, held: held && { version: held.spec.version, spec: specDigest(held.spec) } });
  }

  #count(reading: Reading, slot: Slot, other: { readonly weighs: boolean; readonly held: { readonly version: string; readonly spec: string } | null }): Look {
    if (!reading.counters.ok) return this.#error(reading.counters.reason);
    const counters = reading.counters.value;
    const [candidate, beside] = [counters[slot], other.weighs ? counters[otherSlot(slot)] : null];
    if (candidate === null) return this.#error("The platform has counted nothing of the candidate.");
    const mistake = mistakeInCounters(candidate) ?? (beside && mistakeInCounters(beside));
    if (mistake != null) return this.#error(mistake);
    const [first, last] = [this.#first, this.#last];
    if (first === null || last === null) return this.#begin({ reading, candidate, other: beside });
    if (beganAnew(last.candidate, candidate) || (last.other !== null && beside !== null && beganAnew(last.other, beside))) return this.#beginAnew({ reading, candidate, other: beside }, first);
    const since = windowBetween(last.candidate, candidate);
    if (!since.ok) return this.#error(since.reason);
    if (other.weighs && last.other !== null) {
      if (beside === null) return this.#error("The platform no longer tells what it has counted of the baseline.");
      const step = windowBetween(last.other, beside);
      if (!step.ok) return this.#error(`The baseline: ${step.reason}`);
    }
    const now: Point = { reading, candidate, other: beside };
    // A slot that was counted later than the candidate has its own beginning: what came before is not known of it.
    if (first.other === null && beside !== null) this.#first = { ...first, other: beside };
    return this.#judged(this.#first ?? first, now, last, other);
  }

  #judged(first: Point, now: Point, last: Point, other: { readonly weighs: boolean; readonly held: { readonly version: string; readonly spec: string } | null }): Look {
    this.#last = now;
    this.#errors = 0;
    const window = windowBetween(first.candidate, now.candidate);
    const chosen = this.#choose(first, now, other);
    const judged = this.#judge(window, chosen.window, this.#limits);
    const still = stoppedGetting(judged, windowBetween(last.candidate, now.candidate));
    const full = now.reading.asked - first.reading.answered >= this.options.milliseconds - GRAIN_MS;
    const result = this.#named(still ?? judged, chosen, now.reading.asked - first.reading.answered);
    const final = result.verdict === "FAIL" && (isClear(this.#limits, window) || this.#isConfirmed(now, chosen));
    this.#failing = result.verdict === "FAIL" ? (this.#failing ?? now) : null;
    return { result, final, full, errors: 0 };
  }

  /** It failed at the look before too, and what was counted since the first such look fails by itself: two windows that share no request agree. */
  #isConfirmed(now: Point, chosen: ChosenBaseline): boolean {
    if (this.#failing === null) return false;
    const fresh = windowBetween(this.#failing.candidate, now.candidate);
    return this.#judge(fresh, chosen.window, this.#limits).verdict === "FAIL";
  }

  #choose(first: Point, now: Point, { weighs, held }: { readonly weighs: boolean; readonly held: { readonly version: string; readonly spec: string } | null }): ChosenBaseline {
    const { baseline, service } = this.options;
    return chooseBaseline({
      concurrent: weighs ? concurrentWindow(first.other, now.other) : null,
      other: held,
      recorded: baseline?.services[service] ?? null,
      ageMs: now.reading.asked - (baseline?.recordedAt ?? 0),
      minimumSamples: this.#limits.minimumSamples,
    });
  }

  #begin(point: Point): Look {
    this.#first = this.#last = point;
    this.#errors = 0;
    return this.#unjudged("INCONCLUSIVE", "counting has only begun.", { final: false, errors: 0 });
  }

  /** What was counted before is lost, so the window starts again; that the platform did so is an error of this look. */
  #beginAnew(point: Point, first: Point): Look {
    this.#notes.push(`The metrics began anew after ${Math.round(point.reading.asked - first.reading.answered)} ms: what was counted before is lost, the full time starts again.`);
    this.#first = this.#last = point;
    this.#failing = null;
    return this.#error("The metrics began anew in between: what was counted before is lost.");
  }

  #error(reason: string): Look {
    this.#errors += 1;
    return this.#unjudged("ERROR", reason, { final: false, errors: this.#errors });
  }

  #moved(reason: string): Look {
    return this.#unjudged("FAIL", reason, { final: true, errors: 0 });
  }

  #unjudged(verdict: Verdict, reason: string, { final, errors }: Pick<Look, "final" | "errors">): Look {
    const { service, release } = this.options;
    const result: GateResult = { gate: GATE, verdict, summary: `Service "${service}": ${reason}`, details: [...this.#notes], measured: { service, release: release.version, baseline: null } };
    return { result, final, full: false, errors };
  }

  #named(judged: GateResult, { kind, text }: ChosenBaseline, milliseconds: number): GateResult {
    const { service, release } = this.options;
    return {
      ...judged,
      summary: `Service "${service}": ${judged.summary}`,
      details: [...judged.details, text, ...this.#notes],
      measured: { service, release: release.version, baseline: kind, milliseconds: Math.round(milliseconds), ...judged.measured },
    };
  }
}

/** A baseline that was counted only once, or not at all, had no request in this time that anybody knows of. */
function concurrentWindow(first: SlotCounters | null, now: SlotCounters | null): WindowResult {
  if (first === null || now === null || first === now) return { ok: true, window: { milliseconds: 0, requests: 0, errors: 0, buckets: new Map() } };
  return windowBetween(first, now);
}

/** A candidate that gets nothing any more does not pass on what it got before. */
function stoppedGetting(judged: GateResult, since: WindowResult): GateResult | null {
  if (judged.verdict !== "PASS" || (since.ok && since.window.requests > 0)) return null;
  return { ...judged, verdict: "INCONCLUSIVE", summary: "the candidate had no request since the look before: its traffic has stopped.", details: [judged.summary, ...judged.details] };
}
