import type { EvidenceReference } from "../../model/evidence.js";
import type { GateResult } from "../../model/verdict.js";
import type { Json, MissionJournal } from "./journal-port.js";
import { GateFailed } from "./outcome.js";
import { recordedEvidence } from "./recorded-gates.js";

/** The mission has ended; its journal takes no further step. */
export class MissionEnded extends Error {}

/** A person or a signal asks the mission to stop at its next safe point. */
export class Interrupted extends Error {}

/** What somebody asks of a mission that runs: to stop so that it can go on later, or to go back, and why. */
export type Asked = { readonly kind: "stop" } | { readonly kind: "roll-back"; readonly reason: string } | null;

/** Time on a clock that only goes forward, milliseconds. */
export type Clock = () => number;

/**
 * Runs a mission's steps so that a killed mission can go on: every step's outcome is recorded under its name, and a mission that is run again
 * with the same journal gets the recorded outcomes instead of doing the steps again. Mission code is plain code, as long as everything that
 * is not the same each time (clock, platform, network) happens inside a step.
 */
export class Steps {
  readonly #results = new Map<string, Json>();
  readonly #intents = new Map<string, Json>();
  #limit: { readonly phase: string; readonly until: number; readonly milliseconds: number } | null = null;
  #phase = "start";

  /**
   * @param guard throws when this process may no longer act: its lease is gone
   * @param asked what somebody asks of the mission now
   */
  constructor(
    private readonly journal: MissionJournal,
    private readonly guard: () => Promise<void>,
    private readonly asked: () => Asked,
    private readonly clock: Clock = () => performance.now(),
  ) {
    for (const line of journal.lines()) {
      if (line.kind === "terminal") throw new MissionEnded("The mission has ended already.");
      if (line.kind === "intent") this.#intents.set(line.id, line["detail"] ?? null);
      if (line.kind === "result") this.#results.set(line.id, line["value"] ?? null);
    }
  }

  /** Something measured or decided. Has no effect outside, so no intent is needed; once recorded it stays so. */
  async measure<T extends Json>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.#results.has(id)) return this.#results.get(id) as T;
    this.#stopIfAsked();
    return this.conclude(id, work);
  }

  /** Like `measure`, for what must be known whatever anybody asks: where to go back to, what was decided. */
  async conclude<T extends Json>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.#results.has(id)) return this.#results.get(id) as T;
    const value = await work();
    await this.#record(id, value);
    return value;
  }

  /**
   * Something that changes the world. The intent is on disk before, the result after. `work` may run again after a kill in between, so it must look
   * first and do nothing where the world is as wanted already; it resolves only when it has read back that the world is so.
   */
  async effect<T extends Json>(id: string, detail: Json, work: () => Promise<T>): Promise<T> {
    if (this.#results.has(id)) return this.#results.get(id) as T;
    this.#stopIfAsked();
    return this.#act(id, detail, work);
  }

  /** Like `effect`, for the way back: neither a wish to stop nor a time limit keeps it from being done. */
  async wayBack<T extends Json>(id: string, detail: Json, work: () => Promise<T>): Promise<T> {
    if (this.#results.has(id)) return this.#results.get(id) as T;
    return this.#act(id, detail, work);
  }

  /** Whether the mission is to stop at its next safe point. */
  get stopping(): boolean {
    return this.asked()?.kind === "stop";
  }

  /** What an earlier run announced of this step without recording its end; undefined when it did not, or when it is done. */
  openIntent(id: string): Json | undefined {
    return this.#results.has(id) ? undefined : this.#intents.get(id);
  }

  /** What is recorded of a step; undefined before it is done. */
  recorded(id: string): Json | undefined {
    return this.#results.get(id);
  }

  /** What was signed in gates that passed, as far as it is recorded; in the order of the record, each once. */
  evidence(): readonly EvidenceReference[] {
    return recordedEvidence(this.#results.values());
  }

  /** Looks whether this process may still act, for what waits long without recording anything. @throws when its lease is gone */
  stillOurs(): Promise<void> {
    return this.guard();
  }

  /** How often a line of this name was noted. */
  count(id: string): number {
    return this.journal.lines().filter((line) => line.kind === "note" && line.id === id).length;
  }

  /** A fact for the record and for `count`. */
  async note(id: string, detail: Json = null): Promise<void> {
    await this.guard();
    await this.journal.append({ kind: "note", id, detail });
  }

  /**
   * A phase begins; it is recorded once.
   * @param limitMs how long it may take in this process, milliseconds; after that its next step is a FAIL of gate `time-limit`. A mission that goes on
   *   later has the time anew: nobody waits while it does not run.
   */
  async phase(id: string, limitMs = Infinity): Promise<void> {
    this.#phase = id;
    this.#limit = { phase: id, until: this.clock() + limitMs, milliseconds: limitMs };
    if (this.journal.lines().some((line) => line.kind === "phase" && line.id === id)) return;
    await this.guard();
    await this.journal.append({ kind: "phase", id });
  }

  /**
   * Why something that failed just now did so because of what somebody asks: a signal, or a wish to go back, reaches the engine and the commands that a
   * mission runs as well, and cuts them short. Null when nobody asks for anything.
   * @throws Interrupted when the wish is to stop
   */
  cutShort(): string | null {
    const asked = this.asked();
    if (asked?.kind === "stop") throw new Interrupted("Somebody asked the mission to stop.");
    return asked === null ? null : new GateFailed(this.#phase, [failed("nobody-asked-to-roll-back", asked.reason)]).message;
  }

  /** The last line. */
  async end(state: string, reason: string): Promise<void> {
    await this.guard();
    await this.journal.append({ kind: "terminal", id: state, reason });
  }

  async #act<T extends Json>(id: string, detail: Json, work: () => Promise<T>): Promise<T> {
    await this.guard();
    if (!this.#intents.has(id)) {
      await this.journal.append({ kind: "intent", id, detail });
      this.#intents.set(id, detail);
    }
    // The append may have taken long enough to lose the lease.
    await this.guard();
    const value = await work();
    await this.#record(id, value);
    return value;
  }

  async #record(id: string, value: Json): Promise<void> {
    await this.guard();
    await this.journal.append({ kind: "result", id, value });
    this.#results.set(id, value);
  }

  #stopIfAsked(): void {
    const asked = this.asked();
    if (asked?.kind === "stop") throw new Interrupted("Somebody asked the mission to stop.");
    if (asked?.kind === "roll-back") throw new GateFailed(this.#phase, [failed("nobody-asked-to-roll-back", asked.reason)]);
    const limit = this.#limit;
    if (limit !== null && this.clock() > limit.until) {
      throw new GateFailed(limit.phase, [failed("time-limit", `Phase "${limit.phase}" has taken longer than the ${Math.round(limit.milliseconds / 1000)} s it may take.`, { limitMs: limit.milliseconds })]);
    }
  }
}

function failed(gate: string, summary: string, measured: GateResult["measured"] = {}): GateResult {
  return { gate, verdict: "FAIL", summary, details: [], measured };
}

