import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXIT, UserError } from "../../../runner/errors.js";
import { holdLeases, type HeldLeases } from "../../../runner/mission/hold-leases.js";
import { NotTakenBack } from "../../../runner/mission/roll-back.js";
import { Requests } from "../../../runner/mission/requests.js";
import { beginMission, type InTheWay } from "../../../runner/phases/begin-mission.js";
import { StaleLease } from "../../../runner/store/mission-store.js";
import { journalOf, subjectOf } from "../../support/missions.js";
import { GOOD, MemoryMission, type MissionOptions } from "./memory-mission.js";
import type { Quality } from "./memory-world.js";
import { MemoryStore, type MemoryProcess } from "./memory-store.js";

/** Who deploys: the first one 1.1.0, the second one 1.2.0, on the same two stacks. */
export type Deployer = "first" | "second";

const STACKS = ["staging", "production"];
const LEASE_MS = 3_600_000;

/** How somebody's mission is begun, or gone on with. */
export interface RunOptions {
  /** Boundary of the journal at which the process dies. */
  readonly killAt?: number;
  /** How often the process asks for its leases until it is paused just before the next time. */
  readonly pauseAt?: number;
  readonly supersede?: boolean;
  /** Somebody asks it to stop. */
  readonly stop?: boolean;
}

/** What came of it: `locked` and `refused` are the two ways not to get the environments, `stuck` is a stop that could not take traffic back. */
export type RunResult = "ended" | "killed" | "interrupted" | "paused" | "stuck" | "locked" | "refused";

interface Paused {
  readonly who: Deployer;
  readonly process: MemoryProcess;
  readonly wake: () => void;
  readonly running: Promise<RunResult | "stale">;
}

/** Two people who deploy to the same environments, with leases, by the same `beginMission` as the command. */
export class MemoryDeployers {
  readonly #store = new MemoryStore();
  readonly #missions: Partial<Record<Deployer, MemoryMission>> = {};
  readonly #origin: MemoryMission;
  /** How releases behave in production from now on. */
  quality: Quality = GOOD;
  #requests: string | null = null;
  #paused: Paused | null = null;
  /** How often something happened that only two deployers see, so that a test can tell that it has looked at it. */
  readonly seen: Record<"locked" | "refused" | "superseded" | "stale" | "woken", number> = { locked: 0, refused: 0, superseded: 0, stale: 0, woken: 0 };

  constructor(options: MissionOptions = {}) {
    this.#origin = MemoryMission.of({}, options);
  }

  /** What is really there, for what people do by hand. */
  get world(): MemoryMission {
    return this.#origin;
  }

  /** Missions that have begun. */
  get missions(): readonly MemoryMission[] {
    return Object.values(this.#missions);
  }

  of(who: Deployer): MemoryMission | undefined {
    return this.#missions[who];
  }

  async run(who: Deployer, options: RunOptions = {}): Promise<RunResult> {
    const process: MemoryProcess = { alive: true, late: false };
    let leases: HeldLeases;
    try {
      leases = await this.#environments(who, options, process);
    } catch (error) {
      process.alive = false;
      if (!(error instanceof UserError)) throw error;
      const result = error.exitCode === EXIT.locked ? "locked" : "refused";
      assert.ok(result === "locked" || error.exitCode === EXIT.refused, error.message);
      this.seen[result] += 1;
      return result;
    }
    const mission = (this.#missions[who] ??= this.#begun(who));
    return this.#carryOut(who, mission, leases, process, options);
  }

  /** The paused process has not renewed its leases for longer than they last. */
  late(): void {
    if (this.#paused !== null) this.#paused.process.late = true;
  }

  /** The paused process goes on; one whose environments were taken over meanwhile does nothing more. */
  async wake(): Promise<void> {
    const paused = this.#paused;
    if (paused === null) return;
    this.#paused = null;
    const mission = this.#missions[paused.who];
    assert.ok(mission);
    const written = () => [mission.journal.lines().length, mission.staging.history.length, mission.production.history.length, mission.held.length, mission.frozen.length];
    const before = written();
    // Awake, it renews what is still its own.
    paused.process.late = false;
    paused.wake();
    const result = await paused.running;
    this.seen[result === "stale" ? "stale" : "woken"] += 1;
    if (result === "stale") assert.deepEqual(written(), before, "a process whose lease was taken over writes nothing");
  }

  close(): void {
    if (this.#requests !== null) rmSync(this.#requests, { recursive: true, force: true });
  }

  /** A mission that has begun is gone on with by whoever gets its leases; a new one must not find another one there. */
  async #environments(who: Deployer, options: RunOptions, process: MemoryProcess): Promise<HeldLeases> {
    const store = this.#store.as(process);
    if (this.#missions[who] !== undefined) return holdLeases(store, STACKS, who, LEASE_MS);
    return beginMission<InTheWay & { readonly who: Deployer; readonly mission: MemoryMission }>({
      store,
      subject: subjectOf({ id: who, version: versionOf(who) }),
      supersede: options.supersede === true,
      say: () => undefined,
      unfinished: () => Promise.resolve(Object.entries(this.#missions).flatMap(([other, mission]) => (isOver(mission) ? [] : [this.#inTheWay(other as Deployer, mission)]))),
      wait: () => this.wake(),
      bringBack: async ({ who: other, mission }, leases) => {
        assert.notEqual(other, who);
        const ended = await this.#carryOut(other, mission, leases, process, {}, false);
        assert.equal(ended, "ended", "a mission that is asked to go back comes to its end");
        this.seen.superseded += 1;
      },
    });
  }

  #begun(who: Deployer): MemoryMission {
    for (const other of this.missions) assert.ok(isOver(other), "no mission begins while another one has not ended");
    return MemoryMission.beside(this.#origin, versionOf(who));
  }

  #inTheWay(who: Deployer, mission: MemoryMission): InTheWay & { readonly who: Deployer; readonly mission: MemoryMission } {
    // A folder only for those who are really asked: there are thousands of cases.
    const path = () => {
      const directory = join((this.#requests ??= mkdtempSync(join(tmpdir(), "mission-model-"))), who);
      mission.requests ??= new Requests(directory);
      return directory;
    };
    return { who, mission, folder: { id: who, path }, record: { subject: subjectOf({ id: who, version: versionOf(who) }), lines: journalOf(mission.journal.lines().slice(-1)) } };
  }

  async #carryOut(who: Deployer, mission: MemoryMission, leases: HeldLeases, process: MemoryProcess, { killAt, pauseAt = Infinity, stop = false }: RunOptions, gives = true): Promise<RunResult> {
    let [asked, wake, sleeps] = [0, () => undefined as void, () => undefined as void];
    const asleep = new Promise<"paused">((resolve) => (sleeps = () => resolve("paused")));
    const awake = new Promise<void>((resolve) => (wake = resolve));
    const guard = async () => {
      if (asked++ === pauseAt && this.#paused === null) {
        this.#paused = { who, process, wake, running };
        sleeps();
        await awake;
      }
      await leases.guard();
    };
    mission.production.quality = this.quality;
    const wasOver = isOver(mission);
    mission.interrupt = stop;
    const running: Promise<RunResult | "stale"> = (async () => {
      // Only after this has a name, which a pause keeps.
      await Promise.resolve();
      try {
        const result = await mission.run(killAt, guard);
        if (result === "ended" && !wasOver) assertEnd(mission);
        return result;
      } catch (error) {
        if (error instanceof StaleLease) return "stale";
        // It was told to stop and says that it could not take its traffic back; whoever goes on with it tries that first.
        if (stop && error instanceof NotTakenBack) return "stuck";
        throw error;
      } finally {
        if (gives) {
          process.alive = false;
          await leases.release();
        }
      }
    })();
    const result = await Promise.race([running, asleep]);
    mission.interrupt = false;
    assert.notEqual(result, "stale", "nobody takes over from a process that runs");
    return result as RunResult;
  }
}

export function versionOf(who: Deployer): string {
  return who === "first" ? "1.1.0" : "1.2.0";
}

/** Whether a mission has its terminal line. */
export function isOver(mission: MemoryMission): boolean {
  return mission.journal.lines().at(-1)?.kind === "terminal";
}

/** What holds when a mission has just come to its end. */
function assertEnd(mission: MemoryMission): void {
  mission.assertRecords();
  mission.assertWrites();
  if (mission.journal.lines().at(-1)?.id === "failed-safe") assert.ok(mission.frozen.length > 0, "traffic that is not back for certain freezes the environment");
  else mission.assertConverged();
}
