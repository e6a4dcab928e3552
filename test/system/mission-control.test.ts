import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { startProber, type Prober } from "../../runner/prober/start-prober.js";
import { firstRelease, missionApp, setInStack, withBakes } from "../support/mission-app.js";
import { MissionProject } from "../support/mission-project.js";
import { eventually, processesWith } from "../support/process-table.js";
import { itFull } from "../support/it-full.js";
import { journalText, linesOf, RunningMission } from "../support/running-mission.js";

/** Missions straight to production (hotfixes, because staging is not what this is about), steered by people; each test goes on where the one before ended. */
describe("a mission that people steer", function () {
  this.timeout(600_000);
  const project = MissionProject.create();
  const codebase = missionApp("helm");
  const stack = "helm-production";
  const slow = withBakes(codebase, { 50: "10s", 100: "1s" });
  let prober: Prober;

  const args = (version: string, ...more: string[]) => ["deploy", codebase, "--version", version, "--hotfix", "--reason", "users cannot log in", ...more];
  const start = (version: string, ...more: string[]) => RunningMission.start(project, args(version, ...more));
  /** Version and weight of what is live. */
  const live = async () => {
    const web = (await project.sandbox(stack)).services["web"];
    assert.ok(web?.live && web.split);
    return `${web.slots[web.live].spec?.version} ${web.split[web.live]}`;
  };
  const standing = async () => {
    const { environments } = JSON.parse((await project.must("status", "--json")).stdout) as { environments: { stack: string; hold: { reason: string } | null; holder: unknown }[] };
    return environments.find((each) => each.stack === stack);
  };
  const releaseHold = () => project.must("release-hold", stack, "--reason", "mended");
  const stateOf = (id: string) => linesOf(project, id).at(-1)?.id;
  const waits = async (mission: RunningMission) => eventually("it waits for a person", async () => {
    const { waitsFor } = JSON.parse((await project.must("status", mission.id(), "--json")).stdout) as { waitsFor: string | null };
    return waitsFor !== null && /approve/.test(waitsFor);
  });

  before(async () => {
    await firstRelease(project, codebase, [stack]);
    await project.must("release", codebase, "--version", "1.0.0", "--stack", "helm-staging");
    prober = await startProber({ url: (await project.sandbox(stack)).services["web"]?.endpoints?.production ?? "", rate: 50 });
  });

  after(async () => {
    const { failed, sent, errors } = await prober.stop();
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
    assert.deepEqual([failed, sent > 1_000], [0, true], JSON.stringify(errors));
  });

  it("is one of two that begin at the same moment: the other is refused and told who has the stack, since when", async () => {
    const both = [start("1.1.0", "--pause"), start("1.1.0", "--pause")] as const;
    const refused = await Promise.race(both.map(({ ended }) => ended));
    assert.equal(refused.code, 7, refused.all);
    const winner = both.find(({ child }) => child.exitCode === null);
    assert.ok(winner, "both have ended");
    await winner.reached("note", "production/1/weight-100/approval");
    assert.match(refused.all, new RegExp(`Stack "${stack}" is in the hands of mission "${winner.id()}" since 20\\S+Z .*this one changed nothing\\. .*\\./mission rollback ${winner.id()}`));

    // It waits for a person between the steps, says so to whoever asks, and goes on when it is told.
    await waits(winner);
    assert.equal(await live(), "1.0.0 50");
    assert.match((await project.must("status", winner.id())).stdout, /waits for .*100 %[\s\S]*\.\/mission approve/);
    assert.match((await project.must("approve", winner.id())).stderr, /goes on to 100 %/);
    const { code, all } = await winner.ended;
    assert.equal(code, 0, all);
    assert.deepEqual([await live(), stateOf(winner.id()), (await standing())?.holder], ["1.1.0 100", "succeeded", null]);
    const late = await project.mission("approve", winner.id());
    assert.deepEqual([late.code, /has ended already: succeeded/.test(late.stderr)], [5, true], late.all);
  });

  it("goes back by stack after it has succeeded, which leaves a hold", async () => {
    const back = await project.must("rollback", stack, "--reason", "carts are empty");
    assert.match(back.stderr, /is on hold; .*\.\/mission release-hold helm-production/);
    assert.equal(await live(), "1.0.0 100");
    assert.match((await standing())?.hold?.reason ?? "", /carts are empty/);
    const again = await project.mission("rollback", stack);
    assert.deepEqual([again.code, /nothing to go back to/.test(again.stderr)], [5, true], again.all);
    await releaseHold();
  });

  itFull("is taken back in a bake by another process: users at once, then it ends rolled back; a second time is refused", async () => {
    const mission = start("1.2.0", "--config", withBakes(codebase, { 50: "120s", 100: "1s" }));
    await mission.reached("result", "production/1/weight-50");
    assert.equal(await live(), "1.0.0 50");
    const back = await project.must("rollback", mission.id(), "--reason", "too slow");
    assert.match(back.stderr, /"helm-production": all traffic is with what was live before the mission\.[\s\S]*is asked to go back[\s\S]*has ended: rolled-back/);
    const { code, all } = await mission.ended;
    assert.equal(code, 6, all);
    assert.match(String(linesOf(project, mission.id()).at(-1)?.["reason"]), /asked to go back: too slow/);
    assert.deepEqual([await live(), stateOf(mission.id())], ["1.0.0 100", "rolled-back"]);
    const again = await project.mission("rollback", mission.id());
    assert.deepEqual([again.code, /has ended already: rolled-back/.test(again.stderr)], [5, true], again.all);
    await releaseHold();
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    (signal === "SIGINT" ? it : itFull)(`comes to a safe point at ${signal} in a bake, and resume finishes it`, async () => {
      const version = signal === "SIGINT" ? "1.3.0" : "1.4.0";
      const before = await live();
      const mission = start(version, "--config", slow);
      await mission.reached("result", "production/1/weight-50");
      mission.signal(signal);
      const { code, all } = await mission.ended;
      assert.equal(code, 130, all);
      assert.match(all, new RegExp(`stopped at a safe point: what served before serves\\. Go on with: \\./mission resume ${mission.id()}   or bring it back: \\./mission rollback ${mission.id()}`));
      assert.equal(await live(), before);
      assert.match((await project.must("status", mission.id())).stdout, /waits for +a person who goes on with it/);
      await project.must("resume", mission.id());
      assert.deepEqual([await live(), stateOf(mission.id())], [`${version} 100`, "succeeded"]);
    });
  }

  itFull("rolls back when nobody approves in time", async () => {
    const before = await live();
    setInStack(project, stack, { approvalTimeout: "10s" });
    const { code, all } = await start("1.5.0", "--pause").ended;
    setInStack(project, stack, { approvalTimeout: "1h" });
    assert.equal(code, 6, all);
    assert.match(all, /Nobody approved 100 % between/);
    assert.equal(await live(), before);
    await releaseHold();
  });

  itFull("that was killed at 50 % stands in the way of the next one until that supersedes it", async () => {
    const before = await live();
    const mission = start("1.6.0", "--config", slow);
    await mission.reached("result", "production/1/weight-50");
    mission.signal("SIGKILL");
    assert.equal((await mission.ended).code, 137);
    const refused = await project.mission(...args("1.7.0"));
    assert.equal(refused.code, 5, refused.all);
    assert.match(refused.stderr, new RegExp(`"${mission.id()}" was cut off .*\\./mission resume .*\\./mission rollback .*--supersede`));
    assert.equal(await live(), before.replace("100", "50"));
    await project.must(...args("1.7.0", "--supersede"));
    assert.deepEqual([stateOf(mission.id()), await live(), (await standing())?.hold], ["rolled-back", "1.7.0 100", null]);
  });

  itFull("whose process is stopped is taken over when its lease is over; when it wakes it ends with a sentence and writes nothing", async () => {
    const mission = RunningMission.start(project, args("1.8.0", "--config", slow), { MISSION_TEST: "1", MISSION_TEST_LEASE_MS: "2000" });
    await mission.reached("result", "production/1/weight-50");
    mission.signal("SIGSTOP");
    try {
      // Until its lease is over nobody gets the stack; what comes then is told that a mission is unfinished there.
      const early = await project.mission("resume", mission.id());
      if (early.code !== 0) {
        assert.equal(early.code, 7, early.all);
        await eventually("its lease is over", async () => (await standing())?.holder === null);
        await project.must("resume", mission.id());
      }
      assert.deepEqual([await live(), stateOf(mission.id())], ["1.8.0 100", "succeeded"]);
      const journal = journalText(project, mission.id());
      const { generation } = (await project.sandbox(stack)).services["web"] ?? {};
      mission.signal("SIGCONT");
      const { code, all } = await mission.ended;
      assert.equal(code, 7, all);
      assert.match(all, /no longer has "helm-production": .* This process does nothing more\./);
      assert.doesNotMatch(all, /bug or a lost connection|\n {4}at /);
      assert.equal(journalText(project, mission.id()), journal);
      assert.deepEqual([await live(), (await project.sandbox(stack)).services["web"]?.generation], ["1.8.0 100", generation]);
    } finally {
      mission.signal("SIGCONT");
    }
  });

  itFull("whose process is stopped while its engine lives is not gone on with: the engine's lock is never broken, and its process is named", async () => {
    const engine = () => processesWith("PULUMI_OPTION_STACK", stack).find(({ command }) => /(^|\/)pulumi up/.test(command));
    const mission = RunningMission.start(project, args("1.9.0"), { MISSION_TEST: "1", MISSION_TEST_LEASE_MS: "2000" });
    await mission.reached("intent", "production/1/weight-50");
    await eventually("its engine runs", () => engine() !== undefined);
    const pid = engine()?.pid ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    process.kill(pid, "SIGSTOP");
    mission.signal("SIGSTOP");
    try {
      await eventually("its lease is over", async () => (await standing())?.holder === null);
      const refused = await project.mission("resume", mission.id());
      assert.equal(refused.code, 7, refused.all);
      assert.match(refused.stderr, new RegExp(`Stack "${stack}" is locked by process ${pid} on .*, which is running`));
      assert.equal(engine()?.pid, pid);
    } finally {
      process.kill(pid, "SIGCONT");
      mission.signal("SIGCONT");
    }
    assert.equal((await mission.ended).code, 7);
    await eventually("the engine has ended", () => engine() === undefined);
    await project.must("resume", mission.id());
    assert.deepEqual([await live(), stateOf(mission.id())], ["1.9.0 100", "succeeded"]);
  });
});
