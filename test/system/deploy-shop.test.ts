import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JournalLine } from "../../runner/mission/journal-port.js";
import { itFull } from "../support/it-full.js";
import { MissionProject } from "../support/mission-project.js";
import { shares } from "../support/serving.js";
import { configure, deploy, servedVersion, untouchable, type Watched } from "../support/watched-mission.js";

const SHOP = "examples/shop";
const STACKS = ["staging", "production"] as const;

/** The example through whole missions, good and bad, on its own stacks; each test goes on where the one before ended. */
describe("mission deploy takes the shop to users, and back when it is bad", function () {
  this.timeout(480_000);
  const project = MissionProject.create();
  const folder = mkdtempSync(join(tmpdir(), "mission-deploy-shop-"));
  const trigger = join(folder, "fault");

  before(async () => {
    // Whatever else this machine does at the time makes answers slower than a baseline that was recorded before; the faults add 400 ms.
    for (const stack of STACKS) await configure(project, stack, "mission:limits.latencyP95Slack", "250ms");
  });

  after(async () => {
    await project.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const url = async () => (await project.sandbox("production")).services["web"]?.endpoints?.production ?? "";
  const promise = ({ mission }: Watched, name: RegExp) => {
    const found = mission.report().promises.find((each) => name.test(each.name));
    assert.ok(found, `no promise ${name}`);
    return found;
  };
  const nothingFailed = (watched: Watched) => {
    const { kept, values } = promise(watched, /^Failed requests/);
    assert.deepEqual([kept, values["failed"], Number(values["sent"]) > 0], [true, 0, true]);
  };
  /** Creates the trigger of the fault when the mission comes to a line of its journal. */
  const faultWhen = (moment: (line: JournalLine) => boolean) => (line: JournalLine) => {
    if (moment(line)) writeFileSync(trigger, "");
  };

  it("makes a first deployment, and says that it is one", async () => {
    const watched = await deploy(project, [SHOP, "--version", "1.0.0"]);
    assert.equal(watched.code, 0, watched.all);
    for (const stack of STACKS) assert.equal(await servedVersion(project, stack), "1.0.0");
    const report = watched.mission.report();
    assert.deepEqual([report.state, report.environments.map(({ first }) => first), report.traffic.production?.byRelease.map(({ release }) => release)], ["succeeded", [true, true], ["1.0.0"]]);
    assert.match(watched.mission.read("report.md"), /first deployment|deployed for the first time/);
    assert.match(watched.mission.read("report.md"), /Rollback in the drill \(staging\).*not measured: there was no drill/);
    assert.deepEqual(report.stillRunning.map(({ stack, what }) => [stack, what]), STACKS.map((stack) => [stack, "the new release"]));
    nothingFailed(watched);
    assert.deepEqual(await shares(await url(), 10), { byRelease: { "1.0.0": 10 }, failed: 0 });
  });

  it("shifts to the next release step by step, measures every promise, and leaves a record that holds", async () => {
    const notes = join(folder, "notes.md");
    writeFileSync(notes, "# Mugs with names\n\nYour name on every mug.\n");
    const watched = await deploy(project, [SHOP, "--version", "1.1.0", "--notes", notes]);
    assert.equal(watched.code, 0, watched.all);
    const { mission } = watched;
    for (const stack of STACKS) assert.equal(await servedVersion(project, stack), "1.1.0");
    assert.deepEqual(mission.steps("result").filter((id) => /^production\/1\/(weight-\d+|finish)$/.test(id)), ["weight-10", "weight-50", "weight-100", "finish"].map((step) => `production/1/${step}`));
    assert.match(mission.read("report.md"), /> # Mugs with names[\s\S]*> Your name on every mug\./);
    assert.equal(mission.report().releaseNotes, "# Mugs with names\n\nYour name on every mug.\n");
    assert.equal(typeof promise(watched, /drill/).values["backMs"], "number");
    nothingFailed(watched);
    assert.deepEqual(mission.report().promises.map(({ name, kept }) => [name, kept]).filter(([, kept]) => kept !== true), [["Rollback in reality", null]]);
    const past = JSON.parse((await project.must("history", "--json")).stdout) as { version: string; state: string }[];
    assert.deepEqual(past.map(({ version, state }) => [version, state]), [["1.1.0", "succeeded"], ["1.0.0", "succeeded"]]);
    const verified = await project.must("verify", mission.id);
    for (const gate of ["journal", "evidence", "platform"]) assert.match(verified.stdout, new RegExp(`^PASS +${gate}:`, "m"));
    assert.equal(mission.read("post-mortem.md"), "");
  });

  it("finds nothing to do when the release is live already, and touches nothing", async () => {
    const before = await Promise.all(STACKS.map((stack) => untouchable(project, stack)));
    const watched = await deploy(project, [SHOP, "--version", "1.1.0"]);
    assert.equal(watched.code, 0, watched.all);
    assert.match(watched.mission.report().reason ?? "", /nothing to do/);
    assert.deepEqual(watched.mission.steps("intent"), []);
    assert.deepEqual(await Promise.all(STACKS.map((stack) => untouchable(project, stack))), before);
  });

  itFull("refuses in staging what never becomes ready, and production is not touched", () => refusedInStaging("1.2.0-never-ready", /does not become ready: Not every instance was ready within 5s/));

  itFull("refuses in staging what fails requests, and production is not touched", () => refusedInStaging("1.2.0-bad-errors", /candidate-as-good-as-baseline|smoke-tests|user-flows/));

  async function refusedInStaging(version: string, reason: RegExp): Promise<void> {
    await configure(project, "staging", "mission:progressDeadline", "5s");
    const before = await untouchable(project, "production");
    const watched = await deploy(project, [SHOP, "--version", version]);
    assert.equal(watched.code, 5, watched.all);
    const report = watched.mission.report();
    assert.deepEqual([report.state, report.decision?.phase], ["refused", "staging"]);
    assert.match(report.reason ?? "", reason);
    assert.deepEqual(watched.mission.steps("intent").filter((id) => id.startsWith("production/")), []);
    assert.equal(await untouchable(project, "production"), before);
    assert.equal(await servedVersion(project, "staging"), "1.1.0");
    assert.notEqual(watched.mission.read("post-mortem.md"), "");
  }

  it("takes users off a release that fails at 10 % of production's traffic, and puts further promotion on hold", async () => {
    for (const stack of STACKS) {
      await configure(project, stack, "mission:variables.FAULT_ENVIRONMENT", "production");
      await configure(project, stack, "mission:variables.FAULT_TRIGGER", trigger);
    }
    const watched = await deploy(project, [SHOP, "--version", "1.2.0-bad-errors"], faultWhen(({ kind, id }) => kind === "result" && id === "production/1/weight-10"));
    await wasRolledBack(watched, 10, /Gate "candidate-as-good-as-baseline" of phase "production" is FAIL/);
  });

  it("refuses the next mission while the hold stands, and lets it through when a person has released it", async () => {
    rmSync(trigger);
    const before = await Promise.all(STACKS.map((stack) => untouchable(project, stack)));
    const refused = await deploy(project, [SHOP, "--version", "1.2.0-bad-errors"]);
    assert.equal(refused.code, 5, refused.all);
    assert.match(refused.all, /"production" is on hold after a rollback since .*\.\/mission release-hold production/);
    assert.deepEqual(await Promise.all(STACKS.map((stack) => untouchable(project, stack))), before);
    await project.must("release-hold", "production", "--reason", "the test goes on");
  });

  itFull("takes users off a release that fails after it got all traffic", async () => {
    const watched = await deploy(project, [SHOP, "--version", "1.2.0-bad-errors", "--strategy", "all-at-once"], faultWhen(({ kind, id }) => kind === "phase" && id === "monitor"));
    await wasRolledBack(watched, 100, /Gate "candidate-as-good-as-baseline" of phase "monitor" is FAIL/);
    assert.ok(watched.mission.steps("result").includes("production/1/finish"));
  });

  itFull("takes users off a release that is slow in production only", async () => {
    rmSync(trigger);
    await project.must("release-hold", "production", "--reason", "the test goes on");
    const watched = await deploy(project, [SHOP, "--version", "1.2.0-bad-latency"], faultWhen(({ kind, id }) => kind === "result" && id === "production/1/weight-10"));
    await wasRolledBack(watched, 10, /Gate "candidate-as-good-as-baseline" of phase "production" is FAIL: .*ms/, 0);
  });

  /** @param leastFailures of requests that the candidate answered */
  async function wasRolledBack(watched: Watched, weight: number, reason: RegExp, leastFailures = 1): Promise<void> {
    assert.equal(watched.code, 6, watched.all);
    assert.ok(existsSync(trigger), "the fault never began");
    const { mission } = watched;
    const { state, reason: said, recovery, traffic, evidence } = mission.report();
    assert.match(said ?? "", reason);
    assert.deepEqual([state, recovery.environment, recovery.detectedAt?.weight, recovery.failed], ["rolled-back", "production", weight, false]);
    assert.ok(evidence.length > 0);
    const failures = promise(watched, /^Failed requests/);
    assert.deepEqual([failures.kept, failures.values["onlyOfCandidate"], Number(failures.values["failedOfCandidate"]) >= leastFailures], [true, true, true], failures.measured);
    assert.deepEqual(traffic.production?.byRelease.filter(({ role, failed }) => role !== "candidate" && failed > 0), []);
    const gap = promise(watched, /^Longest time without an answer/);
    assert.ok(gap.kept === true && Number(gap.values["longestGapMs"]) < 3_000, gap.measured);
    const back = promise(watched, /^Rollback in reality/);
    assert.ok(back.kept === true && typeof back.values["backMs"] === "number", back.measured);
    assert.match(mission.read("report.md"), /was rolled back/);
    assert.notEqual(mission.read("post-mortem.md"), "");
    assert.equal(await servedVersion(project, "production"), "1.1.0");
    assert.deepEqual(await shares(await url(), 20), { byRelease: { "1.1.0": 20 }, failed: 0 });
    const { environments } = JSON.parse((await project.must("status", "--json")).stdout) as { environments: { stack: string; hold: { by: string } | null }[] };
    assert.notEqual(environments.find(({ stack }) => stack === "production")?.hold, null);
    await project.must("verify", mission.id);
    process.stdout.write(`      ${failures.measured}; longest gap ${gap.measured}; back ${back.measured}\n`);
  }
});
