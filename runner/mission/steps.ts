import type { Json, MissionJournal } from "./journal-port.js";

/** The mission has ended; its journal takes no further step. */
export class MissionEnded extends Error {}

/** A person or a signal asks the mission to stop at its next safe point. */
export class Interrupted extends Error {}

/**
 * Runs a mission's steps so that a killed mission can go on: every step's outcome is recorded under its name, and a mission that is run again
 * with the same journal gets the recorded outcomes instead of doing the steps again. Mission code is plain code, as long as everything that
 * is not the same each time (clock, platform, network) happens inside a step.
 */
export class Steps {
  readonly #results = new Map<string, Json>();
  readonly #intents = new Set<string>();

  /**
   * @param guard throws when this process may no longer act: its lease is gone
   * @param interrupted whether somebody asks to stop
   */
  constructor(
    private readonly journal: MissionJournal,
    private readonly guard: () => Promise<void>,
    private readonly interrupted: () => boolean,
  ) {
    for (const line of journal.lines()) {
      if (line.kind === "terminal") throw new MissionEnded("The mission has ended already.");
      if (line.kind === "intent") this.#intents.add(line.id);
      if (line.kind === "result") this.#results.set(line.id, line["value"] ?? null);
    }
  }

  /** Something measured or decided. Has no effect outside, so no intent is needed; once recorded it stays so. */
  async measure<T extends Json>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.#results.has(id)) return this.#results.get(id) as T;
    this.#stopIfAsked();
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

  /** Like `effect`, for the way back: no wish to stop keeps it from being done. */
  async wayBack<T extends Json>(id: string, detail: Json, work: () => Promise<T>): Promise<T> {
    if (this.#results.has(id)) return this.#results.get(id) as T;
    return this.#act(id, detail, work);
  }

  /** Whether an earlier run announced this step and did not record its end. */
  isOpen(id: string): boolean {
    return this.#intents.has(id) && !this.#results.has(id);
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

  /** A phase begins; once. */
  async phase(id: string): Promise<void> {
    if (this.journal.lines().some((line) => line.kind === "phase" && line.id === id)) return;
    await this.guard();
    await this.journal.append({ kind: "phase", id });
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
      this.#intents.add(id);
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
    if (this.interrupted()) throw new Interrupted("Somebody asked the mission to stop.");
  }
}
