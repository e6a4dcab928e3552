import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { runEngine } from "../../../runner/engine/run-engine.js";
import { settle } from "../../../runner/engine/settle.js";
import { EXIT, UserError } from "../../../runner/errors.js";

describe("what a killed engine left", function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), "mission-settle-"));
  const stack = "left-staging";
  const environment = { PULUMI_BACKEND_URL: `file://${folder}`, PULUMI_CONFIG_PASSPHRASE: "test", PULUMI_OPTION_STACK: stack, PULUMI_OPTION_CONFIG_FILE: join(folder, "Pulumi.yaml") };
  const locks = join(folder, ".pulumi", "locks", "organization", "mission-deploy", stack);
  let running: ChildProcess | undefined;

  const lock = (owner: { pid: number; hostname: string }) => {
    mkdirSync(locks, { recursive: true });
    writeFileSync(join(locks, "0.json"), JSON.stringify({ ...owner, username: "somebody", timestamp: "2026-11-23T10:00:00Z" }));
  };
  const isLocked = (said: RegExp) => (error: unknown) => error instanceof UserError && error.exitCode === EXIT.locked && said.test(error.message);

  before(async () => {
    writeFileSync(join(folder, "Pulumi.yaml"), "config: {}\n");
    assert.equal((await runEngine(["stack", "init"], { environment })).code, 0);
  });
  after(() => {
    running?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  it("is nothing where nothing was killed", async () => assert.deepEqual(await settle(stack, "mission-deploy", environment), []));

  it("is not touched while the engine that holds the lock lives; the refusal names it", async () => {
    running = spawn("sleep", ["60"], { argv0: "pulumi", stdio: "ignore" });
    await new Promise((resolve) => running?.once("spawn", resolve));
    lock({ pid: running.pid ?? 0, hostname: hostname() });
    await assert.rejects(settle(stack, "mission-deploy", environment), isLocked(new RegExp(`locked by process ${running.pid} .* since 2026-11-23T10:00:00Z, which is running`)));
    assert.ok(existsSync(join(locks, "0.json")));
  });

  it("is not touched when another machine holds the lock", async () => {
    lock({ pid: 1, hostname: "elsewhere" });
    await assert.rejects(settle(stack, "mission-deploy", environment), isLocked(/on "elsewhere".*another machine.*pulumi cancel/));
    assert.ok(existsSync(join(locks, "0.json")));
  });

  it("is cleared when the owner is dead, also when its number belongs to another program by now", async () => {
    // This process lives and is no engine.
    lock({ pid: process.pid, hostname: hostname() });
    assert.match((await settle(stack, "mission-deploy", environment)).join(" "), new RegExp(`left by process ${process.pid}, which is dead; it was cleared`));
    assert.deepEqual(readdirSync(locks).filter((name) => name.endsWith(".json")), []);
  });
});
