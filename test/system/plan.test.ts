import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plan } from "../../runner/plan/make-plan.js";
import { directoryStore } from "../../runner/store/directory-store.js";
import { MissionProject } from "../support/mission-project.js";
import { tinyApp } from "../support/tiny-app.js";

describe("mission plan", function () {
  this.timeout(180_000);
  const project = MissionProject.create();
  const app = tinyApp("planned");
  after(async () => {
    await project.remove();
    rmSync(app, { recursive: true, force: true });
  });

  /** Every file below these folders of the home with its contents. */
  const contents = (...folders: readonly string[]): Readonly<Record<string, string>> =>
    Object.fromEntries(
      folders.flatMap((folder) =>
        globSync("**/*", { cwd: join(project.home, folder) })
          .map((name) => join(folder, name))
          .filter((name) => statSync(join(project.home, name)).isFile())
          .map((name) => [name, /state\.json(\.previous)?$/.test(name) ? withoutAlarms(join(project.home, name)) : createHash("sha256").update(readFileSync(join(project.home, name))).digest("hex")]),
      ),
    );
  const sandboxFiles = () => Object.fromEntries(Object.entries(contents("sandboxes")).filter(([name]) => /state\.json$|routing|processes/.test(name)));
  /** What a supervisor measures for its alarms changes by itself, and is counted as a write. */
  const withoutAlarms = (path: string): string => {
    const state = JSON.parse(readFileSync(path, "utf8")) as object;
    return JSON.stringify({ ...state, alarms: null, serial: null });
  };
  const nothingTemporary = () => assert.deepEqual(readdirSync(join(project.home, "runs")), []);

  it("plans a first release of which nothing is there: no stack, no sandbox and no state is left behind", async () => {
    const { code, stdout, all } = await project.mission("plan", app, "--version", "1.0.0");
    assert.equal(code, 0, all);
    assert.match(stdout, /^# Plan: planned 1\.0\.0\n\nNothing stands in its way now/);
    assert.match(stdout, /\| web \| bootstrap \| 1\.0\.0 is the first release: it takes all traffic/);
    assert.match(stdout, /\*\*planned-production\*\*: \d+ made, 0 changed, 0 replaced, 0 removed, 0 as before \(the stack does not exist yet\)\./);
    assert.match(stdout, /sandbox:index:TrafficSplit "web-split" is made\./);
    assert.deepEqual(Object.keys(contents("state")), []);
    assert.equal(existsSync(join(project.home, "sandboxes")), false);
    assert.deepEqual(Object.keys(contents("config")).sort(), ["planned-production.tracked.json", "planned-staging.tracked.json", "Pulumi.planned-production.yaml", "Pulumi.planned-staging.yaml"].map((name) => join("config", name)).sort());
    assert.ok(Object.keys(contents("config")).every((name) => !/mission:release|encryptionsalt/.test(readFileSync(join(project.home, name), "utf8"))));
    nothingTemporary();
  });

  it("plans a second release beside the one that is live, and changes neither state, files nor sandboxes", async () => {
    await project.must("release", app, "--version", "1.0.0");
    for (const stack of ["planned-staging", "planned-production"]) assert.equal((await project.up(stack)).code, 0);
    const before = [contents("state", "config"), sandboxFiles()] as const;
    const running = [await project.sandbox("planned-staging"), await project.sandbox("planned-production")].map(({ services }) => services);
    assert.ok(Object.keys(before[1]).length >= 2);
    writeFileSync(join(app, "NOTES.md"), "# 1.1.0\n\nGreets louder.\n");
    const { code, stdout, all } = await project.mission("plan", app, "--version", "1.1.0", "--notes", join(app, "NOTES.md"), "--strategy", "canary", "--json");
    assert.equal(code, 0, all);
    const plan = JSON.parse(stdout) as Plan;
    assert.deepEqual(plan.decided.environments.map(({ services }) => services.map(({ transition, slot }) => [transition, slot])), [[["stage-dark", "green"]], [["stage-dark", "green"]]]);
    assert.deepEqual(plan.steps.map(({ weight }) => weight), [5, 100]);
    assert.deepEqual([plan.decided.environments[1]?.services[0]?.target?.version, plan.ready["web"]], ["1.0.0", { ready: 2, instances: 2 }]);
    assert.equal(plan.notes, "# 1.1.0\n\nGreets louder.\n");
    for (const preview of [plan.preview?.staging, plan.preview?.production]) {
      assert.deepEqual([preview?.exists, preview?.errors], [true, []]);
      assert.deepEqual(preview?.changes.map(({ type, name, operation }) => [type, name, operation]), [["sandbox:index:Slot", "web-green", "update"]]);
    }
    assert.deepEqual([contents("state", "config"), sandboxFiles()], before);
    assert.deepEqual([await project.sandbox("planned-staging"), await project.sandbox("planned-production")].map(({ services }) => services), running);
    nothingTemporary();
  });

  it("gives the same digest again, and has nothing to do for the release that is live", async () => {
    const planned = async (version: string) => JSON.parse((await project.must("plan", app, "--version", version, "--json")).stdout) as Plan;
    const [first, again, live] = [await planned("1.1.0"), await planned("1.1.0"), await planned("1.0.0")];
    assert.equal(first.digest, again.digest);
    assert.deepEqual(live.decided.environments.map(({ services }) => services[0]?.transition), ["none", "none"]);
    assert.deepEqual(live.preview?.production.changes, []);
    assert.match(live.notShifted ?? "", /live already/);
  });

  it("ends with 5 and the reason while production is frozen, and writes the plan where it is told", async () => {
    const store = directoryStore(join(project.home, "store", "environments"));
    const statement = { reason: "incident 7", by: "ada@build-1", at: "2026-11-25T11:00:00Z" };
    await store.set("planned-production", "freeze", statement);
    const output = join(app, "plan.md");
    const { code, stdout, stderr } = await project.mission("plan", app, "--version", "1.1.0", "--output", output);
    await store.clear("planned-production", "freeze", statement);
    assert.deepEqual([code, stdout], [5, ""]);
    assert.match(stderr, /Gate "no-freeze" is FAIL: Stack "planned-production" is frozen since 2026-11-25T11:00:00Z, by ada@build-1: incident 7\. End that with/);
    assert.match(readFileSync(output, "utf8"), /\*\*It would be refused now: 1 gate does not pass\*\*/);
  });

  it("says what keeps the engine from a preview, in a sentence, and leaves nothing behind", async () => {
    const yaml = readFileSync(join(app, "mission.yaml"), "utf8");
    writeFileSync(join(app, "mission.yaml"), yaml.replace("GREETING: { default: hello }", "GREETING: { default: hello }, REGION: {}"));
    const { code, stdout } = await project.mission("plan", app, "--version", "1.2.0");
    writeFileSync(join(app, "mission.yaml"), yaml);
    assert.equal(code, 5);
    assert.match(stdout, /\| preview-succeeded \| FAIL \|/);
    assert.match(stdout, /\*\*planned-production\*\*: the preview failed\.\n\n- The configuration of stack "planned-production" has a mistake:\n\s+"mission:variables\.REGION" is missing; service "web" needs a value and has no default\./);
    nothingTemporary();
  });

  it("refuses every mistake at once, before anything is built", async () => {
    writeFileSync(join(app, "big.md"), "x".repeat(64 * 1024 + 1));
    const { code, stderr, stdout } = await project.mission("plan", app, "--version", "not a version", "--notes", join(app, "big.md"), "--strategy", "yolo", "--hotfix");
    assert.deepEqual([code, stdout], [2, ""]);
    for (const said of [/"--version" is "not a version"/, /"--notes" is ".*", which has more than 65,536 bytes/, /"--strategy" is "yolo"; allowed is blue-green, canary, linear, all-at-once/, /"--reason" is missing; a hotfix leaves out gates/]) assert.match(stderr, said);
    const missing = await project.mission("plan", app, "--notes", join(app, "nowhere.md"), "--reason", "x");
    assert.match(missing.stderr, /"--notes" is ".*", which does not exist[\s\S]*"--reason" is given without --hotfix/);
  });
});
