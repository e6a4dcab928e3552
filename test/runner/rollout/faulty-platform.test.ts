import assert from "node:assert/strict";
import { unchanged, type Observed, type ObservedService } from "../../../model/rollout.js";
import { specDigest } from "../../../model/slot-spec.js";
import { Split } from "../../../model/split.js";
import { UserError, EXIT } from "../../../runner/errors.js";
import { PlatformRefusal, type PlatformAdapter } from "../../../runner/platforms/adapter.js";
import { differences } from "../../../runner/rollout/apply-rollout.js";
import { bringBack } from "../../../runner/rollout/bring-back.js";
import { takeTrafficBack } from "../../../runner/rollout/take-traffic-back.js";
import { observedOf, specOf } from "../../support/specs.js";
import { MemoryMission } from "../mission/memory-mission.js";

const [old, next] = [specOf("1.0.0"), specOf("1.1.0")];
const before = { web: specDigest(old) };

/** A platform with "web" at 50 %, whose moves and looks can be spoilt. */
class FaultyPlatform {
  web: ObservedService = observedOf(old, next, { split: Split.weight("green", 50) });
  moves = 0;
  looks = 0;
  /** How long was waited, milliseconds; nothing really waits. */
  waited = 0;
  pause = (milliseconds: number) => Promise.resolve((this.waited += milliseconds));
  /** Instead of moving; `apply` moves. */
  move: (apply: () => void) => void = (apply) => apply();
  /** Instead of showing what is. */
  look: (web: ObservedService) => ObservedService = (web) => web;

  describe(): Promise<Observed> {
    this.looks += 1;
    return Promise.resolve().then(() => ({ web: this.look(this.web) }));
  }

  setSplit: PlatformAdapter["setSplit"] = (_service, { live, split }) => {
    this.moves += 1;
    return Promise.resolve().then(() => this.move(() => (this.web = { ...this.web, generation: this.web.generation + 1, live, split })));
  };

  takeBack(): Promise<readonly string[]> {
    return takeTrafficBack("production", this as unknown as PlatformAdapter, { kind: "set", weight: 0 }, ["web"], this.pause);
  }
}

describe("traffic that is taken back on a platform that misbehaves", () => {
  let platform: FaultyPlatform;
  beforeEach(() => (platform = new FaultyPlatform()));

  it("is looked at before it is moved again when the answer was lost after the move: there is no second one", async () => {
    platform.move = (apply) => {
      apply();
      throw new Error("read ECONNRESET");
    };
    assert.deepEqual(await platform.takeBack(), []);
    assert.deepEqual([platform.moves, platform.web.generation, platform.web.split?.of("blue")], [1, 2, 100]);
  });

  it("is moved again when the answer was lost before the move", async () => {
    platform.move = (apply) => {
      if (platform.moves < 3) throw new Error("read ECONNRESET");
      apply();
    };
    assert.deepEqual(await platform.takeBack(), []);
    assert.deepEqual([platform.moves, platform.web.split?.of("blue")], [3, 100]);
  });

  it("is tried five times, and then said not to be back, with the platform's own words", async () => {
    platform.move = () => {
      throw new Error("503 from the load balancer");
    };
    assert.deepEqual(await platform.takeBack(), ['Service "web": 503 from the load balancer']);
    assert.equal(platform.moves, 5);
    platform.look = () => {
      throw new Error("no answer within 15s");
    };
    assert.deepEqual([await platform.takeBack(), platform.moves], [['Service "web": no answer within 15s'], 5]);
  });

  it("is not tried again where the platform has refused", async () => {
    platform.move = () => {
      throw new PlatformRefusal("not-ready", "The slot is not ready.");
    };
    assert.deepEqual([await platform.takeBack(), platform.moves], [['Service "web": The slot is not ready.'], 1]);
  });

  it("is back only when the platform shows it: a move that is applied late is waited for, one that never is said so", async () => {
    let late: (() => void) | null = null;
    platform.move = (apply) => (late ??= apply) && undefined;
    platform.look = () => {
      if (platform.looks === 6) late?.();
      return platform.web;
    };
    assert.deepEqual(await bringBack(platform, before), []);
    platform = new FaultyPlatform();
    platform.move = () => undefined;
    assert.deepEqual(await bringBack(platform, before), ['Service "web" gives 50 % to the candidate.']);
    assert.deepEqual([platform.moves, platform.waited], [8, 30_000]);
  });

  it("is not back while the platform cannot be looked at, and is moved as soon as it can", async () => {
    platform.look = (web) => {
      if (platform.looks <= 7) throw new Error("no answer within 15s");
      return web;
    };
    assert.deepEqual(await bringBack(platform, before), []);
    assert.equal(platform.web.split?.of("blue"), 100);
    platform = new FaultyPlatform();
    platform.look = () => {
      throw new Error("no answer within 15s");
    };
    assert.deepEqual(await bringBack(platform, before), ["What serves cannot be looked at: no answer within 15s"]);
    assert.equal(platform.moves, 0);
  });
});

describe("what a platform shows after an update that reports success", () => {
  const wanted = observedOf(old, next, { split: Split.weight("green", 50) });
  const rollout = { web: unchanged(wanted) as NonNullable<ReturnType<typeof unchanged>> };
  for (const [name, shown, sentence] of [
    ["has gone back by itself", { ...wanted, split: Split.all("blue") }, /traffic is blue 100 \/ green 0, wanted was blue 50 \/ green 50/],
    ["has not applied the weight yet", { ...wanted, split: Split.weight("green", 10) }, /traffic is blue 90 \/ green 10, wanted was blue 50/],
    ["has made the candidate live", { ...wanted, live: "green" as const }, /live is green, wanted was blue/],
    ["holds another release", observedOf(old, specOf("1.2.0"), { split: wanted.split }), /slot "green" does not hold what was wanted/],
    ["has taken the candidate's capacity", { ...wanted, slots: { ...wanted.slots, green: { spec: next, instances: 0, ready: 0 } } }, /slot "green" does not hold/],
  ] as const) {
    it(`is a failure with both numbers when it ${name}`, () => assert.match(differences({ web: shown }, rollout).join(" "), sentence));
  }
  it("is as it was wanted, whatever its generation is, and a failure where the service is gone", () => {
    assert.deepEqual(differences({ web: { ...wanted, generation: 9 } }, rollout), []);
    assert.deepEqual(differences({}, rollout), ['Service "web" is not there.']);
  });

  it("makes the mission go back when it is not what was wanted: it says rolled-back, and why", async () => {
    const mission = MemoryMission.of();
    const { production } = mission;
    const apply = production.apply.bind(production);
    production.apply = async (intent, services) => {
      await apply(intent, services);
      if (intent.kind !== "set" || intent.weight !== 50) return;
      await production.byPerson((ground) => ground.takeBack({ kind: "set", weight: 0 }, services));
      throw new UserError(EXIT.failed, `The engine reports success, but the platform does not show it: ${differences(production.observed, rollout).join(" ")}`);
    };
    await mission.run();
    mission.assertConverged();
    assert.equal(mission.outcome?.state, "rolled-back");
    assert.match(mission.outcome?.reason ?? "", /reports success, but the platform does not show it: Service "web": traffic is blue 100/);
  });
});
