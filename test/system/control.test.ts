import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { unchangedRollout } from "../../model/rollout.js";
import { openStack } from "../../runner/engine/stack.js";
import { sandboxAdapter } from "../../runner/platforms/sandbox.js";
import { applyRollout, UpStopped } from "../../runner/rollout/apply-rollout.js";
import { emergency } from "../../runner/rollout/emergency.js";
import { returnPoint } from "../../runner/rollout/return-point.js";
import { planRollout } from "../../runner/rollout/rollout-intent.js";
import { openStore } from "../../runner/store/open-store.js";
import type { MissionStore } from "../../runner/store/mission-store.js";
import { MissionProject, run } from "../support/mission-project.js";
import { eventually, processesWith } from "../support/process-table.js";
import { processesOf, shares } from "../support/serving.js";
import { tinyApp } from "../support/tiny-app.js";

const API = ["  api:", "    artifact: app", "    command: [node, server.cjs]", "    readiness: { http: /healthz, interval: 100ms }", "    variables: { API_MODE: {} }", ""].join("\n");

/** A person in control of one production stack with two services; each test goes on where the one before ended. */
describe("a person in control", function () {
  this.timeout(240_000);
  const project = MissionProject.create();
  const codebase = tinyApp("control", (yaml) => `${yaml.replace("    artifact: app", "    artifact: app\n    database: true")}${API}`);
  const stack = "control-production";
  let store: MissionStore;

  const services = async () => (await project.sandbox(stack)).services;
  const candidates = async () => Object.values(await services()).map(({ live, split }) => 100 - (split?.[live ?? "blue"] ?? 0));
  const adapter = () => sandboxAdapter(stack);
  const deploy = async (version: string) => {
    await project.must("release", codebase, "--version", version, "--stack", stack);
    const finished = await project.up(stack);
    assert.equal(finished.code, 0, finished.all);
  };

  before(async () => {
    process.env["MISSION_HOME"] = project.home;
    store = openStore();
    await project.must("release", codebase, "--version", "1.0.0", "--stack", stack);
    await project.must("pulumi", "config", "set", "--path", "mission:variables.API_MODE", "full", "--stack", stack);
    for (const version of ["1.0.0", "1.1.0"]) await deploy(version);
  });

  after(async () => {
    delete process.env["MISSION_HOME"];
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
  });

  it("freezes with a reason only, and ends only a freeze that there is", async () => {
    for (const [args, code, said] of [
      [["freeze", stack], 2, /required option '--reason/],
      [["freeze", stack, "--reason", "  "], 2, /"--reason" is empty/],
      [["freeze", "nonsense", "--reason", "x"], 2, /"nonsense" is no stack of ours/],
      [["unfreeze", stack, "--reason", "x"], 5, /"control-production" is not frozen; there is nothing to end/],
      [["release-hold", stack, "--reason", "x"], 5, /"control-production" is not on hold; there is nothing to end/],
    ] as const) {
      const finished = await project.mission(...args);
      assert.equal(finished.code, code, finished.all);
      assert.match(finished.stderr, said);
    }
    assert.deepEqual(await store.history(stack), []);
  });

  it("refuses a raise in a freeze with who, why and the way out; lowering goes on, and so does a raise when it is over", async () => {
    await project.must("rollout", "set", stack, "20");
    assert.match((await project.must("freeze", stack, "--reason", "trade fair")).stderr, /was not frozen\.\nNow: frozen by \S+@\S+: "trade fair"\./);
    const refused = await project.mission("rollout", "set", stack, "50");
    assert.equal(refused.code, 5, refused.all);
    assert.match(refused.stderr, /is frozen since 20\S+Z by \S+@\S+: "trade fair"\..*\.\/mission unfreeze control-production --reason/);
    assert.deepEqual(await candidates(), [20, 20]);
    await project.must("rollout", "set", stack, "5");
    await project.must("rollout", "set", stack, "0");
    assert.match((await project.must("freeze", stack, "--reason", "longer")).stderr, /was frozen since \S+ by \S+: "trade fair"/);
    assert.match((await project.must("unfreeze", stack, "--reason", "fair is over")).stderr, /was frozen since \S+ by \S+: "longer"\.\nNow: not frozen/);
    await project.must("rollout", "set", stack, "20");
    assert.deepEqual((await store.history(stack)).map(({ kind, begins, reason }) => [kind, begins, reason]), [["freeze", true, "trade fair"], ["freeze", true, "longer"], ["freeze", false, "fair is over"]]);
  });

  it("refuses a raise in a hold until it is released", async () => {
    await store.set(stack, "hold", { reason: "rolled back", by: "mission 7", at: new Date().toISOString() });
    const refused = await project.mission("rollout", "set", stack, "50");
    assert.equal(refused.code, 5, refused.all);
    assert.match(refused.stderr, /is on hold since \S+ by mission 7: "rolled back".*\.\/mission release-hold control-production/);
    const released = await project.must("release-hold", stack, "--reason", "mended", "--json");
    assert.deepEqual(JSON.parse(released.stdout), { freeze: null, hold: null });
    await project.must("rollout", "set", stack, "50");
  });

  it("leaves a running mission alone, except that traffic can be taken back", async () => {
    const acquired = await store.acquire(stack, { mission: "m-1", ttlMs: 600_000 });
    assert.ok(acquired.ok);
    for (const weight of ["60", "10"]) {
      const refused = await project.mission("rollout", "set", stack, weight);
      assert.equal(refused.code, 7, refused.all);
      assert.match(refused.stderr, /is in the hands of mission "m-1" since \S+Z .*this one changed nothing\. .*\.\/mission rollback m-1/);
    }
    assert.deepEqual(await candidates(), [50, 50]);
    await project.must("rollout", "set", stack, "0");
    assert.deepEqual(await candidates(), [0, 0]);
    for (const args of [["rollout", "retire", stack], ["retire", stack, "--due"], ["retire", stack, "api", "--yes"], ["destroy", stack, "--yes", "--confirm", stack]]) {
      const refused = await project.mission(...args);
      assert.equal(refused.code, 7, refused.all);
    }
    await acquired.lease.release();
  });

  it("takes users off a release at once, stops its own up that hangs, and the engine's record follows", async () => {
    await project.must("rollout", "set", stack, "50");
    const controller = new AbortController();
    const opened = await openStack(stack);
    const observed = await adapter().describe();
    const wanted = { ...unchangedRollout(observed), ...planRollout(stack, observed, { kind: "set", weight: 90 }).rollout };
    const outcome = applyRollout(opened, adapter(), wanted, { signal: controller.signal }).then(() => "done", (error: unknown) => error);
    // The provider is stopped in the middle, so that neither the up nor a polite request to end it comes to an end.
    const helpers = () => processesWith("PULUMI_OPTION_STACK", stack).filter(({ pid }) => pid !== process.pid);
    await eventually("the provider runs", () => helpers().some(({ command }) => command.includes("sandbox/provider/main.js")));
    for (const { pid, command } of helpers()) if (command.includes("sandbox/provider/main.js")) process.kill(pid, "SIGSTOP");
    const said: string[] = [];
    const result = await emergency({ stack, adapter: adapter(), before: returnPoint(observed), running: { controller, ended: outcome }, say: (line) => said.push(line) });
    assert.ok((await outcome) instanceof UpStopped);
    assert.deepEqual([result.notBack, result.engine], [[], null]);
    assert.match(said.slice(0, 2).join(" "), /Traffic has moved.*The update .* is stopped/);
    assert.deepEqual(helpers(), []);
    assert.deepEqual(await candidates(), [0, 0]);
    await project.must("rollout", "set", stack, "10");
    assert.deepEqual(await candidates(), [10, 10]);
  });

  it("keeps the old slot warm until its time is over, and says when that will be", async () => {
    await project.must("rollout", "set", stack, "100");
    await project.must("rollout", "finish", stack);
    const early = await project.must("retire", stack, "--due");
    assert.match(early.stderr, /Service "web": 1\.0\.0 in "blue" is kept warm until 20\S+Z \(keepWarm 1h, finished 20\S+Z\)[\s\S]*Nothing is due yet/);
    assert.equal((await services())["web"]?.slots.blue.processes.length, 2);
    await project.must("pulumi", "config", "set", "mission:keepWarm", "0s", "--stack", stack);
    await project.must("retire", stack, "--due");
    for (const { slots } of Object.values(await services())) assert.deepEqual([slots.blue.phase, slots.green.phase], ["retired", "ready"]);
    assert.match((await project.must("retire", stack, "--due")).stderr, /No slot of stack "control-production" is kept warm/);
  });

  it("refuses to remove a service in a rollout, the last with a database, in a freeze, and unasked", async () => {
    await deploy("1.2.0");
    await project.must("rollout", "set", stack, "10");
    const shifting = await project.mission("retire", stack, "api", "--yes");
    assert.deepEqual([shifting.code, /"api" is in a rollout \(green 90 \/ blue 10\)/.test(shifting.stderr)], [5, true], shifting.all);
    await project.must("rollout", "set", stack, "0");
    for (const [args, code, said] of [
      [["retire", stack, "web", "--yes"], 5, /"web" is the last one .* that uses the database/],
      [["retire", stack, "nobody", "--yes"], 2, /has no service "nobody"; it has api, web/],
      [["retire", stack, "api", "--due"], 2, /"--due" is about the capacity/],
      [["retire", stack, "api"], 2, /agree by adding --yes/],
    ] as const) {
      const finished = await project.mission(...args);
      assert.equal(finished.code, code, finished.all);
      assert.match(finished.stderr, said);
    }
    await project.must("freeze", stack, "--reason", "audit");
    assert.equal((await project.mission("retire", stack, "api", "--yes")).code, 5);
    await project.must("unfreeze", stack, "--reason", "audited");
    assert.deepEqual(Object.keys(await services()).sort(), ["api", "web"]);
  });

  it("removes one service for good, killed in the middle, and never touches the other", async () => {
    const before = (await services())["web"];
    const url = before?.endpoints?.production ?? "";
    const config = join(project.home, "config", `Pulumi.${stack}.yaml`);
    await killWhile(["retire", stack, "api", "--yes"], () => !/ +api:/.test(readFileSync(config, "utf8")));
    // Half gone: no up brings it back or loses it unseen.
    assert.match((await project.up(stack)).all, /"api" runs in production but is not in|api.*leaves by `mission retire`/);
    const finished = await project.must("retire", stack, "api", "--yes");
    assert.match(finished.stderr, /"api" has left stack "control-production"/);
    const now = await services();
    assert.deepEqual(Object.keys(now), ["web"]);
    for (const slot of ["blue", "green"] as const) assert.equal(processesOf(now["web"]?.slots[slot] ?? { processes: [] }), processesOf(before?.slots[slot] ?? { processes: [] }), `${slot} of web was touched`);
    assert.deepEqual([now["web"]?.generation, now["web"]?.split], [before?.generation, before?.split]);
    const bare = await project.up(stack);
    assert.equal(bare.code, 0, bare.all);
    assert.deepEqual(Object.keys(await services()), ["web"]);
    assert.deepEqual((await shares(url, 10)).failed, 0);
    const { deployment } = JSON.parse((await project.must("pulumi", "stack", "export", "--stack", stack)).stdout) as { deployment: { resources: { urn: string; type: string; protect?: boolean }[] } };
    assert.deepEqual(deployment.resources.filter(({ urn }) => urn.includes("::api")), []);
    assert.ok(deployment.resources.filter(({ type }) => type.startsWith("sandbox:")).every(({ protect }) => protect === true), "what stays is protected");
  });

  it("destroys the environment only when its name is given, killed in the middle, until nothing is left", async () => {
    for (const args of [["destroy", stack], ["destroy", stack, "--yes"], ["destroy", stack, "--yes", "--confirm", "control-staging"]]) assert.equal((await project.mission(...args)).code, 2, args.join(" "));
    assert.deepEqual(Object.keys(await services()), ["web"]);
    await killWhile(["destroy", stack, "--yes", "--confirm", stack], () => processesWith("PULUMI_OPTION_STACK", stack).some(({ command }) => /(^|\/)pulumi destroy/.test(command)));
    const finished = await project.must("destroy", stack, "--yes", "--confirm", stack);
    assert.match(finished.stderr, /Nothing of stack "control-production" is left/);
    for (const path of [["sandboxes", stack], ["config", `Pulumi.${stack}.yaml`], ["state", ".pulumi", "stacks", "mission-deploy", `${stack}.json`]]) assert.ok(!existsSync(join(project.home, ...path)), path.join("/"));
    assert.deepEqual(processesWith("MISSION_HOME", project.home).filter(({ pid }) => pid !== process.pid), []);
    assert.match((await project.must("destroy", stack, "--yes", "--confirm", stack)).stderr, /There is nothing of stack/);
    assert.equal((await store.history(stack)).length, 7);
  });

  /** Runs a command and kills it, with the engine it runs, as soon as something is so. */
  async function killWhile(args: readonly string[], condition: () => boolean): Promise<void> {
    let pid = 0;
    const ended = run(process.execPath, [join(project.root, "dist", "runner", "cli", "main.js"), ...args], { cwd: project.root, env: project.environment(), onSpawn: (spawned) => (pid = spawned) });
    await eventually("the moment to kill has come", condition);
    for (const each of [pid, ...processesWith("PULUMI_OPTION_STACK", stack).flatMap((row) => (/(^|\/)pulumi /.test(row.command) ? [row.pid] : []))]) {
      try {
        process.kill(each, "SIGKILL");
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, "ESRCH");
      }
    }
    const { code, all } = await ended;
    assert.equal(code, 137, `it ended before it was killed: ${all}`);
  }
});
