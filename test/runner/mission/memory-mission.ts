import assert from "node:assert/strict";
import { liveSpecs } from "../../../runner/mission/roll-back.js";
import type { MissionOutcome } from "../../../runner/mission/outcome.js";
import type { MissionParts } from "../../../runner/mission/mission-parts.js";
import { runMission } from "../../../runner/mission/run-mission.js";
import type { Requests } from "../../../runner/mission/requests.js";
import { Interrupted, MissionEnded, Steps, type Asked } from "../../../runner/mission/steps.js";
import { gate, Killed, MemoryGround, MemoryJournal, MemoryPlace, type Quality } from "./memory-world.js";

export const GOOD: Quality = { badFrom: 101, ready: true, badWhenLive: false };
export const STRATEGY = [10, 50, 100].map((weight) => ({ weight, bakeMs: 1 }));

export interface MissionOptions {
  /** Whether nothing is deployed before. */
  readonly first?: boolean;
  readonly services?: readonly string[];
  readonly hotfix?: boolean;
  readonly retires?: boolean;
  readonly pause?: boolean;
  /** Another kind of ground, with a fault. */
  readonly Kind?: typeof MemoryGround;
}

/** A place that serves 1.0.0 of some services. */
function placeOf(services: readonly string[]): MemoryPlace {
  const place = new MemoryPlace();
  void new MemoryGround("", new MemoryJournal(), services, GOOD, "1.0.0", place).stage();
  place.history.length = 0;
  return place;
}

/** A mission in memory, of 1.1.0 where nothing else is said, on stacks that serve 1.0.0 (or nothing), and what happened to it. */
export class MemoryMission {
  readonly journal = new MemoryJournal();
  readonly staging: MemoryGround;
  readonly production: MemoryGround;
  readonly held: string[] = [];
  readonly frozen: string[] = [];
  interrupt = false;
  /** Why a person wants to go back. */
  rollBack: string | null = null;
  /** Where others ask it to go back; none where nobody can. */
  requests: Requests | null = null;
  hotfix = false;
  /** Whether a person, who always does, approves the plan and each further step. */
  pause = false;
  /** Time that each watch takes on the mission's clock. */
  minutesPerWatch = 0;
  /** Whether old slots give up their capacity at the end. */
  retires = false;
  outcome: MissionOutcome | undefined;
  kills = 0;
  readonly #before: Readonly<Record<string, Readonly<Record<string, string>>>>;

  private constructor(
    quality: { staging: Quality; production: Quality },
    services: readonly string[],
    readonly version: string,
    places: { readonly staging: MemoryPlace; readonly production: MemoryPlace },
    Kind: typeof MemoryGround,
  ) {
    this.staging = new Kind("staging", this.journal, services, quality.staging, version, places.staging);
    this.production = new Kind("production", this.journal, services, quality.production, version, places.production);
    this.#before = { staging: liveSpecs(this.staging.observed), production: liveSpecs(this.production.observed) };
  }

  static of(quality: Partial<{ staging: Partial<Quality>; production: Partial<Quality> }> = {}, { first = false, services = ["web"], hotfix = false, retires = false, pause = false, Kind = MemoryGround }: MissionOptions = {}): MemoryMission {
    const places = { staging: placeOf(first ? [] : services), production: placeOf(first ? [] : services) };
    const mission = new MemoryMission({ staging: { ...GOOD, ...quality.staging }, production: { ...GOOD, ...quality.production } }, services, "1.1.0", places, Kind);
    mission.hotfix = hotfix;
    mission.retires = retires;
    mission.pause = pause;
    return mission;
  }

  /** Another one, of another release, on the same places as they are now; it has a journal of its own. */
  static beside({ staging, production }: MemoryMission, version: string): MemoryMission {
    return new MemoryMission({ staging: GOOD, production: GOOD }, production.services, version, { staging: staging.place, production: production.place }, production.constructor as typeof MemoryGround);
  }

  /**
   * Runs it, or on from where it was; the process dies at boundary `killAt`.
   * @param guard what asks for the process's leases
   */
  async run(killAt = Infinity, guard: () => Promise<void> = () => Promise.resolve()): Promise<"ended" | "killed" | "interrupted"> {
    this.journal.revive(killAt);
    try {
      const steps = new Steps(this.journal, async () => (this.journal.assertAlive(), guard()), () => this.#asked(), () => 60_000 * this.minutesPerWatch * (this.staging.watches + this.production.watches));
      this.outcome = await runMission(steps, this.parts());
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

  /** Whether somebody asks to go back decides, as in a real mission's control. */
  #asked(): Asked {
    const reason = this.rollBack ?? this.requests?.rollBack()?.reason ?? null;
    if (reason !== null) return { kind: "roll-back", reason };
    return this.interrupt ? { kind: "stop" } : null;
  }

  /** What holds at the end of every mission, however it came there. */
  assertConverged(): void {
    this.assertRecords();
    this.assertWrites();
    for (const ground of [this.staging, this.production]) {
      for (const { live, split } of Object.values(ground.observed)) assert.ok(live !== null && split?.of(live) === 100, `"${ground.stack}" is stable`);
    }
    const state = this.journal.lines().at(-1)?.id;
    const live = (ground: MemoryGround) => Object.values(ground.observed).map(({ live: slot, slots }) => (slot === null ? null : (slots[slot]?.spec.version ?? null)));
    if (state === "succeeded") for (const ground of this.hotfix ? [this.production] : [this.staging, this.production]) assert.ok(live(ground).every((version) => version === this.version));
    if (state === "rolled-back") assert.deepEqual(liveSpecs(this.production.observed), this.#before["production"]);
    if (state === "refused") assert.ok(!this.production.history.some(({ by }) => by === this.version), "production was not touched");
  }

  /** What holds of every write to an environment at any moment, whatever was done to the mission. */
  assertWrites(): void {
    for (const { history, stack } of [this.staging, this.production]) {
      for (const { transition, by, candidate, version, announced, goingBack } of history) {
        if (by !== this.version) continue;
        const held = [0, 10, 50, 100].includes(candidate) && announced && (transition !== "raise" || (!goingBack && version === by));
        if (!held) assert.fail(`"${transition}" to ${candidate} % by the mission of ${by} in "${stack}", whose candidate is ${version}: only weights of the plan, an intent before the effect (${announced}), nothing up while going back (${goingBack}), traffic only for the mission's own release`);
      }
    }
  }

  /** Exactly one terminal record, and nothing after it. */
  assertRecords(): void {
    const terminal = this.journal.lines().filter(({ kind }) => kind === "terminal");
    assert.equal(terminal.length, 1, "exactly one terminal record");
    assert.equal(this.journal.lines().at(-1), terminal[0], "nothing after it");
    this.#assertIntents();
  }

  /** An intent before and a result after every effect, each once. */
  #assertIntents(): void {
    const seen = new Map<string, string[]>();
    for (const { kind, id } of this.journal.lines()) if (kind === "intent" || kind === "result") seen.set(id, [...(seen.get(id) ?? []), kind]);
    for (const [id, kinds] of seen) assert.match(kinds.join(" "), /^(intent result|result|intent)$/, id);
  }

  /** What it is made of. */
  parts(): MissionParts {
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
      approvePlan: this.pause ? pass : null,
      approve: this.pause ? pass : null,
      hold: (stack) => {
        this.journal.assertAlive();
        this.held.push(stack);
        return Promise.resolve();
      },
      freeze: (stack, reason) => {
        this.journal.assertAlive();
        this.frozen.push(stack);
        this[stack as "staging" | "production"].frozen = reason;
        return Promise.resolve();
      },
    };
  }
}
