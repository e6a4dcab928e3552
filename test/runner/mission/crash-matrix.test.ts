import assert from "node:assert/strict";
import { MemoryMission } from "./memory-mission.js";

/** Every mission that can happen, killed at every boundary of its journal: just before each line is on disk, and just after. */
const SCENARIOS: readonly (readonly [name: string, make: () => MemoryMission, state: string, live: string])[] = [
  ["a good release", () => MemoryMission.of(), "succeeded", "1.1.0"],
  ["a good release of two services", () => MemoryMission.of({}, { services: ["api", "web"] }), "succeeded", "1.1.0"],
  ["a good release whose steps a person approves", () => MemoryMission.of({}, { pause: true }), "succeeded", "1.1.0"],
  ["a first release", () => MemoryMission.of({}, { first: true }), "succeeded", "1.1.0"],
  ["a good release whose old slots retire at the end", () => MemoryMission.of({}, { retires: true }), "succeeded", "1.1.0"],
  ["a good hotfix", () => MemoryMission.of({ staging: { ready: false } }, { hotfix: true }), "succeeded", "1.1.0"],
  ["a bad hotfix", () => MemoryMission.of({ production: { badFrom: 10 } }, { hotfix: true }), "rolled-back", "1.0.0"],
  ["a release that is never ready in staging", () => MemoryMission.of({ staging: { ready: false } }), "refused", "1.0.0"],
  ["a release with errors in staging", () => MemoryMission.of({ staging: { badFrom: 1 } }), "refused", "1.0.0"],
  ["a release with errors in production's first step", () => MemoryMission.of({ production: { badFrom: 1 } }), "rolled-back", "1.0.0"],
  ["a release of two services with errors at 50 %", () => MemoryMission.of({ production: { badFrom: 50 } }, { services: ["api", "web"] }), "rolled-back", "1.0.0"],
  ["a release with errors at 100 %", () => MemoryMission.of({ production: { badFrom: 100 } }), "rolled-back", "1.0.0"],
  ["a release that breaks after it was finished", () => MemoryMission.of({ production: { badWhenLive: true } }), "rolled-back", "1.0.0"],
];

describe("a mission in memory", () => {
  for (const [name, make, state, live] of SCENARIOS) {
    describe(`of ${name}`, () => {
      const check = (mission: MemoryMission) => {
        mission.assertConverged();
        const terminal = mission.journal.lines().at(-1);
        assert.equal(terminal?.id, state, String(terminal?.["reason"]));
        for (const service of Object.values(mission.production.observed)) assert.equal(service.live && service.slots[service.live]?.spec.version, live);
        if (state === "rolled-back") assert.deepEqual([...new Set(mission.held)], ["production"]);
      };

      it(`ends ${state}`, async () => {
        const mission = make();
        assert.equal(await mission.run(), "ended");
        check(mission);
      });

      it("ends the same when it is killed at any boundary of its journal and run again", async () => {
        const undisturbed = make();
        await undisturbed.run();
        const all = 2 * undisturbed.journal.lines().length;
        for (let killAt = 0; killAt < all; killAt += 1) {
          const mission = make();
          assert.equal(await mission.run(killAt), "killed", `boundary ${killAt} of ${all}`);
          assert.equal(await mission.run(), "ended");
          check(mission);
          // No effect twice: what was so already was left alone.
          assert.deepEqual(mission.production.history, undisturbed.production.history, `boundary ${killAt} of ${all}`);
          assert.deepEqual(mission.staging.history, undisturbed.staging.history, `boundary ${killAt} of ${all}`);
        }
      });

      it("can be stopped before any step; nothing unproven has traffic then, and it ends the same when it goes on", async () => {
        const undisturbed = make();
        await undisturbed.run();
        for (let stopAt = 0; stopAt < 2 * undisturbed.journal.lines().length; stopAt += 1) {
          const mission = make();
          if ((await mission.run(stopAt)) === "ended") continue;
          mission.interrupt = true;
          const stopped = await mission.run();
          mission.interrupt = false;
          for (const ground of [mission.staging, mission.production]) {
            for (const { live: slot, split } of Object.values(ground.observed)) assert.ok(slot !== null && split?.of(slot) === 100, `stopped at ${stopAt}`);
          }
          if (stopped === "interrupted") assert.equal(await mission.run(), "ended");
          check(mission);
        }
      });
    });
  }

  it("goes back when a person asks at any of its boundaries, and says who asked and why", async () => {
    const undisturbed = MemoryMission.of();
    await undisturbed.run();
    for (let askAt = 0; askAt < 2 * undisturbed.journal.lines().length; askAt += 1) {
      const mission = MemoryMission.of();
      if ((await mission.run(askAt)) === "ended") continue;
      mission.rollBack = "The operator asks for it: customers call.";
      assert.equal(await mission.run(), "ended");
      mission.assertConverged();
      const terminal = mission.journal.lines().at(-1);
      // Once everything is proven and recorded there is nothing left to ask: what then goes back is another command's business.
      if (terminal?.id === "succeeded") continue;
      assert.ok(terminal?.id === "refused" || terminal?.id === "rolled-back", terminal?.id);
      assert.match(String(terminal["reason"]), /customers call/);
      for (const { live: slot, slots } of Object.values(mission.production.observed)) assert.equal(slot && slots[slot]?.spec.version, "1.0.0");
    }
  });

  it("fails at the next step of a phase that has taken longer than it may, with both numbers, and goes back", async () => {
    const mission = MemoryMission.of();
    mission.minutesPerWatch = 10;
    await mission.run();
    mission.assertConverged();
    assert.equal(mission.outcome?.state, "rolled-back");
    assert.match(mission.outcome?.reason ?? "", /Phase "production" has taken longer than the 900 s it may take/);
  });

  it("goes back again when the platform refuses for a while", async () => {
    const mission = MemoryMission.of({ production: { badFrom: 50 } });
    mission.production.refusesBack = 3;
    await mission.run();
    mission.assertConverged();
    assert.equal(mission.outcome?.state, "rolled-back");
  });

  it("freezes the environment and says why when traffic cannot be brought back", async () => {
    const mission = MemoryMission.of({ production: { badFrom: 50 } });
    mission.production.refusesBack = 1_000;
    await mission.run();
    assert.equal(mission.outcome?.state, "failed-safe");
    assert.deepEqual(mission.frozen, ["production"]);
    assert.match(mission.outcome?.reason ?? "", /gives 50 % to the candidate.*does not answer.*frozen until a person acts/s);
  });

  it("that was stopped and could not take its traffic back says so, and tries that first when it goes on", async () => {
    const mission = MemoryMission.of();
    const watch = mission.production.watch.bind(mission.production);
    mission.production.watch = () => {
      mission.interrupt = true;
      return watch();
    };
    mission.production.refusesBack = 1_000;
    await assert.rejects(mission.run(), /traffic of stack "production" could not be taken back: Service "web" gives 10 % to the candidate\. Service "web": the platform does not answer/);
    await assert.rejects(mission.run(), /could not be taken back/);
    mission.production.refusesBack = 0;
    assert.equal(await mission.run(), "interrupted");
    assert.equal(mission.production.observed["web"]?.split?.of("blue"), 100);
    mission.production.watch = watch;
    mission.interrupt = false;
    assert.equal(await mission.run(), "ended");
    mission.assertConverged();
    assert.equal(mission.outcome?.state, "succeeded");
  });

  it("does not raise in a freeze, and goes back", async () => {
    const mission = MemoryMission.of();
    mission.production.frozen = "frozen for the audit";
    await mission.run();
    mission.assertConverged();
    assert.deepEqual([mission.outcome?.state, mission.production.history.some(({ transition }) => transition === "raise")], ["rolled-back", false]);
  });

  it("stops when somebody else has moved traffic meanwhile, and does not overrule it", async () => {
    const mission = MemoryMission.of();
    let done = false;
    mission.production.watch = async () => {
      if (!done) await mission.production.byPerson((ground) => ground.takeBack({ kind: "set", weight: 0 }, ["web"]));
      done = true;
      return [{ gate: "g", verdict: "PASS", summary: "", details: [], measured: {} }];
    };
    await mission.run();
    mission.assertConverged();
    assert.equal(mission.outcome?.state, "rolled-back");
    assert.match(mission.outcome?.reason ?? "", /Somebody else has moved traffic: service "web" gives the candidate 0 %, the mission had given it 10 %/);
  });

  it("gives no traffic to another release that somebody has put into the free slot meanwhile", async () => {
    const mission = MemoryMission.of();
    const baseline = mission.production.baseline.bind(mission.production);
    mission.production.baseline = async () => {
      await mission.production.byPerson((ground) => ground.stage());
      return baseline();
    };
    await mission.run();
    mission.assertConverged();
    assert.equal(mission.outcome?.state, "rolled-back");
    assert.match(mission.outcome?.reason ?? "", /"candidate-unchanged".*service "web": its free slot holds 9\.9\.9 with 2 of 2 instances ready/);
    assert.ok(mission.production.history.every(({ transition }) => transition !== "raise"));
  });

  it("that was stopped after its finish, when what was live before is gone, comes to its end: frozen, and saying why", async () => {
    const mission = MemoryMission.of();
    const watch = mission.production.watch.bind(mission.production);
    mission.production.watch = async () => {
      const finished = mission.production.observed["web"]?.live === "green";
      if (finished) await mission.production.byPerson((ground) => ground.stage());
      mission.interrupt = finished;
      return watch();
    };
    // Asked to stop once more, it says again that it cannot.
    for (let stop = 0; stop < 2; stop += 1) await assert.rejects(mission.run(), /could not be taken back.*slot "blue" holds 9\.9\.9, which was not live before/);
    mission.interrupt = false;
    assert.equal(await mission.run(), "ended");
    mission.assertRecords();
    assert.equal(mission.outcome?.state, "failed-safe");
    assert.deepEqual(mission.frozen, ["production"]);
    assert.match(mission.outcome?.reason ?? "", /holds 9\.9\.9/);
  });
});
