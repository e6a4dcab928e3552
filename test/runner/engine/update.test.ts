import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Observed } from "../../../model/rollout.js";
import { openStack } from "../../../runner/engine/stack.js";
import { sandboxAdapter } from "../../../runner/platforms/sandbox.js";
import { keepUp, UpStopped } from "../../../runner/rollout/apply-rollout.js";
import { MissionProject } from "../../support/mission-project.js";
import { eventually, processesWith } from "../../support/process-table.js";
import { itFull } from "../../support/it-full.js";
import { tinyApp } from "../../support/tiny-app.js";

/** An `up` that waits for a slot which does not become ready, and is stopped. */
describe("stopping an up", function () {
  this.timeout(240_000);
  const project = MissionProject.create();
  const codebase = tinyApp("stopped");
  const stacks = ["stopped-staging", "stopped-production"] as const;
  const [stack, other] = stacks;

  before(async () => {
    process.env["MISSION_HOME"] = project.home;
    await project.must("release", codebase, "--version", "1.0.0");
    for (const each of stacks) assert.equal((await project.up(each)).code, 0);
    await project.must("release", codebase, "--version", "1.1.0");
  });

  after(async () => {
    delete process.env["MISSION_HOME"];
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
  });

  const health = (each: string, value: string) => project.must("pulumi", "config", "set", "--path", "mission:variables.HEALTH", value, "--stack", each);
  const web = async (each: string) => (await project.sandbox(each)).services["web"];
  const engines = (each: string) => processesWith("PULUMI_OPTION_STACK", each).filter(({ pid }) => pid !== process.pid);
  const none = (): string[] => [];

  /** Begins an up that hangs on a slot which never becomes ready. */
  const begin = async (each: string) => {
    await health(each, "bad");
    const controller = new AbortController();
    const outcome = keepUp(await openStack(each), sandboxAdapter(each), none, { signal: controller.signal }).then(() => "done", (error: unknown) => error);
    await eventually("the candidate starts", async () => (await web(each))?.slots.green.phase === "starting");
    return { controller, outcome };
  };

  const nothingLeft = async (each: string, before: Observed) => {
    assert.deepEqual(engines(each), [], "a process of the run is left");
    const opened = await openStack(each);
    const backend = join(project.home, "state", ".pulumi");
    const locks = join(backend, "locks", "organization", "mission-deploy", each);
    assert.deepEqual(existsSync(locks) ? readdirSync(locks).filter((name) => name.endsWith(".json")) : [], []);
    const state = readFileSync(join(backend, "stacks", "mission-deploy", `${each}.json`), "utf8");
    assert.doesNotMatch(state, /"pending_operations": *\[ *\{/);
    const after = await sandboxAdapter(each).describe();
    assert.deepEqual([after["web"]?.live, after["web"]?.split], [before["web"]?.live, before["web"]?.split]);
    await health(each, "good");
    await keepUp(opened, sandboxAdapter(each), ({ web: now }) => (now?.slots.green?.spec.variables["HEALTH"] === "good" && now.slots.green.ready === now.slots.green.instances ? [] : ["green is not ready"]));
  };

  it("ends the engine and all it started, no other run, leaves traffic as it was, and the next up converges", async () => {
    const before = await sandboxAdapter(stack).describe();
    const [mine, theirs] = [await begin(stack), await begin(other)];
    assert.ok(engines(stack).length >= 3, "the engine, its language host and the provider run");
    const others = engines(other).map(({ pid }) => pid);
    mine.controller.abort();
    assert.ok((await mine.outcome) instanceof UpStopped);
    assert.deepEqual(engines(other).map(({ pid }) => pid), others, "the other stack's run was touched");
    await nothingLeft(stack, before);
    theirs.controller.abort();
    assert.ok((await theirs.outcome) instanceof UpStopped);
    await nothingLeft(other, await sandboxAdapter(other).describe());
  });

  itFull("ends an engine that does not heed the signal, too", async () => {
    await project.must("rollout", "retire", stack);
    await project.must("release", codebase, "--version", "1.2.0");
    const before = await sandboxAdapter(stack).describe();
    const { controller, outcome } = await begin(stack);
    for (const { pid } of engines(stack)) process.kill(pid, "SIGSTOP");
    controller.abort();
    assert.ok((await outcome) instanceof UpStopped);
    await nothingLeft(stack, before);
  });

  it("begins nothing when the wish to stop was there before", async () => {
    const opened = await openStack(stack);
    const controller = new AbortController();
    controller.abort();
    await assert.rejects(keepUp(opened, sandboxAdapter(stack), none, { signal: controller.signal }), UpStopped);
    assert.deepEqual(engines(stack), []);
  });
});
