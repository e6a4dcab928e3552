import assert from "node:assert/strict";
import fc from "fast-check";
import type { MissionOptions } from "./memory-mission.js";
import { isOver, MemoryDeployers, type Deployer } from "./memory-deployers.js";

/** What can happen to missions, in any order. */
export type Event =
  | { readonly kind: "run"; readonly who: Deployer; readonly killAt: number; readonly supersede: boolean }
  /** Its process is paused after it has asked so often for its leases. */
  | { readonly kind: "run-and-pause"; readonly who: Deployer; readonly pauseAt: number; readonly supersede: boolean }
  /** The paused process has not renewed its leases in time. */
  | { readonly kind: "late" }
  | { readonly kind: "wake" }
  | { readonly kind: "stop"; readonly who: Deployer; readonly killAt: number }
  | { readonly kind: "ask-back"; readonly who: Deployer }
  /** What the releases are like in production from now on. */
  | { readonly kind: "quality"; readonly badFrom: number; readonly ready: boolean; readonly badWhenLive: boolean }
  /** A person takes production's candidate off by hand. */
  | { readonly kind: "flip" }
  /** A person puts another release into production's free slot. */
  | { readonly kind: "drift" }
  | { readonly kind: "freeze"; readonly frozen: boolean }
  | { readonly kind: "platform-silent"; readonly times: number };

const boundary = fc.integer({ min: 0, max: 70 });
// Mostly the first one: what nobody has begun nobody can disturb.
const who = fc.constantFrom<Deployer[]>("first", "first", "second");

export const EVENT: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("run" as const), who, killAt: boundary, supersede: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("run-and-pause" as const), who, pauseAt: fc.integer({ min: 0, max: 60 }), supersede: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: "late" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "wake" as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("stop" as const), who, killAt: boundary }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("ask-back" as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("quality" as const), badFrom: fc.constantFrom(1, 10, 50, 100, 101), ready: fc.boolean(), badWhenLive: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: "flip" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "drift" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("freeze" as const), frozen: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("platform-silent" as const), times: fc.integer({ min: 0, max: 4 }) }) },
);

/** Lets all of it happen, then lets every mission come to its end, and checks what must hold. @returns what only two deployers see */
export async function happen(events: readonly Event[], options: MissionOptions): Promise<MemoryDeployers["seen"]> {
  const deployers = new MemoryDeployers(options);
  try {
    for (const event of events) await one(deployers, event);
    await deployers.wake();
    deployers.world.production.refusesBack = 0;
    for (const deployer of ["first", "second"] as const) {
      const mission = deployers.of(deployer);
      if (mission === undefined) continue;
      assert.equal(await deployers.run(deployer), "ended");
      assert.ok(isOver(mission));
      // Once more: a finished mission changes nothing.
      const written = () => [mission.journal.lines().length, mission.staging.history.length, mission.production.history.length];
      const before = written();
      assert.equal(await deployers.run(deployer), "ended");
      assert.deepEqual(written(), before);
    }
    return deployers.seen;
  } finally {
    deployers.close();
  }
}

async function one(deployers: MemoryDeployers, event: Event): Promise<void> {
  const { world } = deployers;
  switch (event.kind) {
    case "run":
    case "run-and-pause":
      await deployers.run(event.who, event);
      break;
    case "stop":
      if ((await deployers.run(event.who, { killAt: event.killAt, stop: true })) === "interrupted") assertStable(deployers);
      break;
    case "late":
      deployers.late();
      break;
    case "wake":
      await deployers.wake();
      break;
    case "ask-back": {
      const mission = deployers.of(event.who);
      if (mission !== undefined) mission.rollBack = "a person asks";
      break;
    }
    case "quality":
      deployers.quality = event;
      break;
    case "flip":
      await world.production.byPerson((ground) => ground.takeBack({ kind: "set", weight: 0 }, ground.shifting()));
      break;
    case "drift":
      await world.production.byPerson((ground) => (ground.shifting().length > 0 || Object.keys(ground.observed).length === 0 ? undefined : ground.stage()));
      break;
    case "freeze":
      world.production.frozen = event.frozen ? "a person says so" : null;
      break;
    case "platform-silent":
      world.production.refusesBack = event.times;
      break;
  }
}

function assertStable({ world }: MemoryDeployers): void {
  for (const ground of [world.staging, world.production]) {
    for (const { live, split } of Object.values(ground.observed)) assert.ok(live !== null && split?.of(live) === 100, `"${ground.stack}" is stable after a stop`);
  }
}
