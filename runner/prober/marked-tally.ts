import type { Outcome } from "./outcome.js";
import type { ProbeSummary } from "./summary.js";
import { Tally } from "./tally.js";

/** Sums of everything, and beside them sums of the requests that were started after a mark: longest gap and percentiles cannot be had by subtraction. */
export class MarkedTally {
  readonly #all: Tally;
  #since: Tally | null = null;
  /** Requests started before the mark; their ids end with a smaller number. */
  #before = 0;
  #started = 0;
  #sendingEnded: number | null = null;

  /** See {@link Tally}. */
  constructor(
    private readonly run: string,
    startedAt: number,
  ) {
    this.#all = new Tally(run, startedAt);
  }

  /** Sets the mark, in the place of one before. What is in flight belongs to the time before it, also when it fails. */
  mark(at: number): void {
    this.#since = new Tally(this.run, at);
    this.#before = this.#started;
    if (this.#sendingEnded !== null) this.#since.sendingEnded(Math.max(at, this.#sendingEnded));
  }

  /** See {@link Tally.started}. */
  started(lateMs: number): void {
    this.#started += 1;
    for (const tally of this.#both()) tally.started(lateMs);
  }

  /** See {@link Tally.waitedForConnection}. */
  waitedForConnection(waitMs: number): void {
    for (const tally of this.#both()) tally.waitedForConnection(waitMs);
  }

  /** See {@link Tally.sendingEnded}. */
  sendingEnded(at: number): void {
    this.#sendingEnded ??= at;
    for (const tally of this.#both()) tally.sendingEnded(at);
  }

  /** See {@link Tally.success}; a sign of life counts after the mark whenever its request was started. */
  success(time: number): void {
    for (const tally of this.#both()) tally.success(time);
  }

  /** See {@link Tally.settled}. */
  settled(outcome: Outcome, latencyMs: number): void {
    this.#all.settled(outcome, latencyMs);
    if (Number(outcome.id.slice(outcome.id.lastIndexOf("-") + 1)) >= this.#before) this.#since?.settled(outcome, latencyMs);
    else if (outcome.error === null) this.#since?.success(outcome.ended);
  }

  /** The sums so far; since the mark the same as of everything where none was set. */
  summary(now: number, since: "start" | "mark" = "start"): ProbeSummary {
    return (since === "mark" ? (this.#since ?? this.#all) : this.#all).summary(now);
  }

  #both(): readonly Tally[] {
    return this.#since === null ? [this.#all] : [this.#all, this.#since];
  }
}
