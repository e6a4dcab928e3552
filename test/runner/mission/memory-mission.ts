import assert from "node:assert/strict";
import { liveSpecs } from "../../../runner/mission/roll-back.js";
import type { MissionOutcome } from "../../../runner/mission/outcome.js";
import type { MissionParts } from "../../../runner/mission/mission-parts.js";
import { runMission } from "../../../runner/mission/run-mission.js";
import { Interrupted, MissionEnded, Steps } from "../../../runner/mission/steps.js";
import { gate, Killed, MemoryGround, MemoryJournal, type Quality } from "./memory-world.js";

export const GOOD: Quality = { badFrom: 101, ready: true, badWhenLive: false };
export const STRATEGY = [10, 50, 100].map((weight) => ({ weight, bakeMs: 1 }));

/** A mission of 1.1.0 in memory, on stacks that serve 1.0.0 (or nothing), and what happened to it. */
export class MemoryMission {
  readonly journal = new MemoryJournal();
  readonly staging: MemoryGround;
  readonly production: MemoryGround;
  readonly held: string[] = [];
  readonly frozen: string[] = [];
  interrupt = false;
  /** Why a person wants to go back. */
  rollBack: string | null = null;
  hotfix = false;
  /** Time that each watch takes on the mission's clock. */
  minutesPerWatch = 0;
  /** Whether old slots give up their capacity at the end. */
  retires = false;
  outcome: MissionOutcome | undefined;
  kills = 0;
  readonly #before: Readonly<Record<string, Readonly<Record<string, string>>>>;

  private constructor(quality: { staging: Quality; production: Quality }, first: boolean, services: readonly string[]) {
    this.staging = new MemoryGround("staging", this.journal, services, GOOD);
    this.production = new MemoryGround("production", this.journal, services, GOOD);
    for (const ground of [this.staging, this.production]) {
      if (!first) void ground.stage();
      ground.history.length = 0;
      ground.version = "1.1.0";
    }
    this.staging.quality = quality.staging;
    this.production.quality = quality.production;
    this.#before = { staging: liveSpecs(this.staging.observed), production: liveSpecs(this.production.observed) };
  }

  static of(quality: Partial<{ staging: Partial<Quality>; production: Partial<Quality> }> = {}, { first = false, services = ["web"], hotfix = false, retires = false }: { first?: boolean; services?: readonly string[]; hotfix?: boolean; retires?: boolean } = {}): MemoryMission {
    const mission = new MemoryMission({ staging: { ...GOOD, ...quality.staging }, production: { ...GOOD, ...quality.production } }, first, services);
    mission.hotfix = hotfix;
    mission.retires = retires;
    return mission;
  }

  /** Runs it, or on from where it was; the process dies at boundary `killAt`. */
  async run(killAt = Infinity): Promise<"ended" | "killed" | "interrupted"> {
    this.journal.revive(killAt);
    try {
      const steps = new Steps(this.journal, () => Promise.resolve(this.journal.assertAlive()), () => (this.interrupt ? { kind: "stop" } : this.rollBack === null ? null : { kind: "roll-back", reason: this.rollBack }), () => 60_000 * this.minutesPerWatch * (this.staging.watches + this.production.watches));
      this.outcome = await runMission(steps, this.#parts());
      return "ended";
    } catch (error) {
      if (error instanceof MissionEnded) return "ended";
      if (error instanceof Interrupted) return "interrupted";
      if (!(error instanceof Killed)) throw error;
      this.kills += 1;
      return "killed";
    } finally {
      this.journal.revive();
    }
  }

  /** What holds at the end of every mission, however it came there. */
  assertConverged(): void {
    const terminal = this.journal.lines().filter(({ kind }) => kind === "terminal");
    assert.equal(terminal.length, 1, "exactly one terminal record");
    assert.equal(this.journal.lines().at(-1), terminal[0], "nothing after it");
    for (const ground of [this.staging, this.production]) {
      assert.ok(ground.history.every(({ candidate }) => [0, 10, 50, 100].includes(candidate)), "only weights of the plan");
      for (const { live, split } of Object.values(ground.observed)) assert.ok(live !== null && split?.of(live) === 100, `"${ground.stack}" is stable`);
    }
    this.#assertIntents();
    const state = terminal[0]?.id;
    const live = (ground: MemoryGround) => Object.values(ground.observed).map(({ live: slot, slots }) => (slot === null ? null : (slots[slot]?.spec.version ?? null)));
    if (state === "succeeded") for (const ground of this.hotfix ? [this.production] : [this.staging, this.production]) assert.ok(live(ground).every((version) => version === "1.1.0"));
    if (state === "rolled-back") assert.deepEqual(liveSpecs(this.production.observed), this.#before["production"]);
    if (state === "refused") assert.equal(this.production.history.length, 0, "production was not touched");
  }

  /** An intent before and a result after every effect, each once. */
  #assertIntents(): void {
    const seen = new Map<string, string[]>();
    for (const { kind, id } of this.journal.lines()) if (kind === "intent" || kind === "result") seen.set(id, [...(seen.get(id) ?? []), kind]);
    for (const [id, kinds] of seen) assert.match(kinds.join(" "), /^(intent result|result|intent)$/, id);
  }

  #parts(): MissionParts {
    const pass = () => Promise.resolve([gate("gate", "PASS", "it is well")]);
    return {
      validate: pass,
      plan: pass,
      staging: this.staging,
      production: this.production,
      strategy: STRATEGY,
      stagingBakeMs: 1,
      monitorMs: 1,
      hotfix: this.hotfix,
      limits: { validate: Infinity, plan: Infinity, staging: Infinity, production: 900_000, monitor: Infinity },
      retires: { staging: this.retires, production: this.retires },
      nothingToDo: () => Promise.resolve(false),
      provedInStaging: (drill) => Promise.resolve([gate("staging-verified", "PASS", "it is well"), ...(drill === null ? [] : [drill])]),
      afterwards: pass,
      approve: pass,
      hold: (stack) => {
        this.journal.assertAlive();
        this.held.push(stack);
        return Promise.resolve();
      },
      freeze: (stack) => {
        this.journal.assertAlive();
        this.frozen.push(stack);
        return Promise.resolve();
      },
    };
  }
}
