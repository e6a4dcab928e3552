import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProber } from "../../runner/prober/start-prober.js";
import { FULL, itFull } from "../support/it-full.js";
import { gitRepository } from "../support/git.js";
import { firstRelease, missionApp } from "../support/mission-app.js";
import { MissionProject } from "../support/mission-project.js";
import { checkoutWithPack, packFolder, POLICIES, setPack } from "../support/policy-packs.js";
import { linesOf, RunningMission } from "../support/running-mission.js";
import { skip } from "../support/skip.js";
import { untouchable } from "../support/watched-mission.js";

/** Hotfixes straight to production, because staging is not what this is about; what differs from test to test is the checkout's pack. */
describe("a mission and the policy pack", function () {
  this.timeout(300_000);
  const checkout = checkoutWithPack([POLICIES.allows]);
  const project = MissionProject.create(checkout);
  const codebase = missionApp("judged");
  const stack = "judged-production";
  const args = (version: string, ...more: string[]) => ["deploy", codebase, "--version", version, "--hotfix", "--reason", "users cannot log in", ...more];

  before(async () => {
    gitRepository(codebase);
    await firstRelease(project, codebase, [stack]);
  });

  after(async () => {
    await project.remove();
    for (const folder of [codebase, checkout]) rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a mission that must be refused before anything is deployed. @returns all that it said */
  const refusedAtOnce = async (policies: readonly string[] | null): Promise<string> => {
    setPack(checkout, policies);
    const before = await untouchable(project, stack);
    const { code, all } = await project.mission(...args("1.1.0"));
    assert.equal(code, 5, all);
    assert.match(all, /The mission was refused: .*Gate "policies-judged" of phase "plan" is ERROR/);
    assert.equal(await untouchable(project, stack), before);
    return all;
  };

  it("is refused before anything is deployed when there is no pack", async () => {
    assert.match(await refusedAtOnce(null), /There is no policy pack in ".*policies": its PulumiPolicy\.yaml is missing\. Without a pack nothing is deployed/);
  });

  for (const [what, policies, words] of [
    ["is empty", [POLICIES.empty], /Stack "judged-staging": no policy of the pack ran: it is empty/],
    ["has only disabled policies", [POLICIES.disabled], /no policy of the pack ran: it is empty, or every policy in it is disabled/],
    ["has a policy that throws", [POLICIES.allows, POLICIES.throws], /Policy "thrower" could not judge service "web": Error: the store is not there\./],
    ["does not start", ["not a policy at all ("], /The policy pack cannot be run: SyntaxError: /],
  ] as const) {
    it(`is refused before anything is deployed when the pack ${what}`, async function () {
      if (!FULL) skip(this, "each such pack takes a quarter of a minute; that its silence refuses has unit tests on recorded events (MISSION_FULL=1 runs it)");
      assert.match(await refusedAtOnce(policies), words);
    });
  }

  it("goes back without having moved anything when a policy refuses the raise, in the policy's words", async () => {
    setPack(checkout, [POLICIES.allows, POLICIES.deniesRaises]);
    const prober = await startProber({ url: (await project.sandbox(stack)).services["web"]?.endpoints?.production ?? "", rate: 50 });
    const mission = RunningMission.start(project, args("1.1.0"));
    const { code, all } = await mission.ended;
    const { failed, sent, byRelease } = await prober.stop();
    assert.equal(code, 6, all);
    assert.match(all, /The mission was rolled back: .*Policy "no-raise" refuses service "web": the candidate of web may not get more traffic\./s);
    assert.doesNotMatch(all, /without the policy pack|Policy Violation|policy-pack/i);
    assert.deepEqual([failed, sent > 100, Object.keys(byRelease)], [0, true, ["1.0.0"]]);
    assert.equal(linesOf(project, mission.id()).some(({ kind, id }) => kind === "result" && /weight-/.test(id) && !id.endsWith("/permit")), false);
  });

  it("goes back when the pack changed between the plan and a raise, and tells both digests; the changed pack does not keep users from coming back", async () => {
    setPack(checkout, [POLICIES.allows]);
    await project.must("release-hold", stack, "--reason", "mended");
    const mission = RunningMission.start(project, args("1.2.0", "--pause"));
    await mission.reached("note", "production/1/weight-100/approval");
    setPack(checkout, [POLICIES.allows, POLICIES.advises]);
    await project.must("approve", mission.id());
    const { code, all } = await mission.ended;
    assert.equal(code, 6, all);
    const [, pinned, now] = /The policy pack has changed since the plan was made: the plan pins (sha256:[0-9a-f]{64}), ".*policies" now holds (sha256:[0-9a-f]{64})\./.exec(all) ?? [];
    assert.ok(pinned !== undefined && now !== undefined && pinned !== now, all);
    assert.match(all, /Traffic is back; the engine's state was brought in line without the policy pack, which changes no service: /);
    const plan = linesOf(project, mission.id()).find(({ kind, id }) => kind === "result" && id === "plan/document")?.["value"] as { markdown: string; json: { decided: { policies: { pack: string } } } };
    assert.equal(plan.json.decided.policies.pack, pinned);
    assert.ok(plan.markdown.includes(`| Policy pack | ${pinned} |`), plan.markdown);
    const web = (await project.sandbox(stack)).services["web"];
    assert.deepEqual([web?.live && web.slots[web.live].spec?.version, web?.live && web.split?.[web.live]], ["1.0.0", 100]);
  });

  itFull("waits for a person who agrees to the plan where pack.yaml demands it, and goes on when somebody has", async () => {
    setPack(checkout, [POLICIES.allows]);
    writeFileSync(join(checkout, "policies", "pack.yaml"), "approval: true\n");
    await project.must("release-hold", stack, "--reason", "mended");
    const before = await untouchable(project, stack);
    const mission = RunningMission.start(project, args("1.2.1"));
    await mission.reached("note", "plan/approval");
    assert.match((await project.must("status")).all, /a person who approves the plan/);
    assert.equal(await untouchable(project, stack), before);
    const be = (name: string) => {
      for (const [key, value] of [["name", name], ["email", `${name}@example.invalid`]] as const) execFileSync("git", ["-C", codebase, "config", `user.${key}`, value]);
    };
    be("test");
    const own = await project.mission("approve", mission.id());
    assert.deepEqual([own.code, /would not count, so nothing was signed\.\n.*"test <test@example\.invalid>" is the author of the release; somebody else must approve it\./.test(own.all)], [5, true], own.all);
    be("lead");
    await project.must("approve", mission.id());
    const { code, all } = await mission.ended;
    assert.equal(code, 0, all);
    assert.match(all, /Waiting for a person to approve the plan, until .*Say yes: \.\/mission approve \S+ --plan/);
    assert.match(all, /PASS +approved: .* approved the plan at/);
  });

  itFull("touches nothing of production when that person says no", async () => {
    const before = await untouchable(project, stack);
    const mission = RunningMission.start(project, args("1.2.2"));
    await mission.reached("note", "plan/approval");
    await project.must("rollback", mission.id());
    const { code, all } = await mission.ended;
    assert.equal(code, 5, all);
    assert.match(all, /The mission was refused: Gate "approved" of phase "plan" is FAIL: .* Production was not touched\./);
    assert.equal(await untouchable(project, stack), before);
    setPack(checkout, [POLICIES.allows]);
  });

  it("is no help by hand: traffic that a person moves is judged by the pack that is named, and without one that is said", async () => {
    const [refusing, allowing] = [packFolder([POLICIES.deniesRaises]), packFolder([POLICIES.allows])];
    try {
      if (!FULL) await project.must("release-hold", stack, "--reason", "mended");
      await project.must("release", codebase, "--version", "1.3.0", "--stack", stack);
      assert.equal((await project.up(stack)).code, 0);
      const before = await untouchable(project, stack);
      const refused = await project.mission("rollout", "set", stack, "10", "--policy-pack", refusing);
      assert.equal(refused.code, 5, refused.all);
      assert.match(refused.all, /Policy "no-raise" refuses service "web"/);
      assert.equal(await untouchable(project, stack), before);
      assert.equal((await project.mission("rollout", "set", stack, "10", "--policy-pack", codebase)).code, 5);
      assert.doesNotMatch((await project.must("rollout", "set", stack, "10", "--policy-pack", allowing)).all, /No policy pack judges this/);
      assert.match((await project.must("rollout", "set", stack, "0")).all, /No policy pack judges this; give one by --policy-pack <folder>\./);
    } finally {
      for (const folder of [refusing, allowing]) rmSync(folder, { recursive: true, force: true });
    }
  });
});
