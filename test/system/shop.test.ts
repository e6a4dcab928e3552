import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkExactlyOnce } from "../../runner/prober/exactly-once.js";
import { startProber } from "../../runner/prober/start-prober.js";
import { baseOf } from "../../model/rollout.js";
import { Split } from "../../model/split.js";
import { MissionProject } from "../support/mission-project.js";
import { formsOf, secretsIn } from "../../runner/engine/search-state.js";
import { allProcesses, processesWith } from "../support/process-table.js";

/** The example as the README has it, on its own stacks, with a real database and an open-loop client in its own process. */
describe("the shop", function () {
  this.timeout(240_000);
  const project = MissionProject.create();
  const logs = mkdtempSync(join(tmpdir(), "mission-logs-"));
  let url = "";

  before(async () => {
    await project.must("release", "examples/shop", "--version", "1.0.0");
    for (const stack of ["staging", "production"]) assert.equal((await project.up(stack)).code, 0);
    await project.must("release", "examples/shop", "--version", "1.1.0");
    for (const stack of ["staging", "production"]) assert.equal((await project.up(stack)).code, 0);
    url = (await project.sandbox("production")).services["web"]?.endpoints?.production ?? "";
  });

  after(async () => {
    await project.remove();
    rmSync(logs, { recursive: true, force: true });
  });

  it("has one database server per environment, which both slots use", async () => {
    const ports = await Promise.all(["staging", "production"].map(async (stack) => (await project.sandbox(stack)).database?.port));
    assert.equal(new Set(ports).size, 2);
  });

  it("reads through green what was written through blue, during a shift", async () => {
    await project.must("rollout", "set", "staging", "50");
    const { endpoints } = (await project.sandbox("staging")).services["web"] ?? {};
    assert.ok(endpoints);
    const made = await fetch(`${endpoints.blue}/carts`, { method: "POST" });
    assert.equal(made.status, 201);
    assert.equal(made.headers.get("x-mission-slot"), "blue");
    const { id } = (await made.json()) as { id: string };
    const read = await fetch(`${endpoints.green}/carts/${id}`);
    assert.deepEqual([read.status, read.headers.get("x-mission-slot"), ((await read.json()) as { id: string }).id], [200, "green", id]);
  });

  it("loses no request in 100 switches: pooled connections, a new connection each, long streams; every id exactly once", async () => {
    process.env["MISSION_HOME"] = project.home;
    const { sandboxAdapter } = await import("../../runner/platforms/sandbox.js");
    const adapter = sandboxAdapter("production");
    const log = join(logs, "keep-alive.jsonl");
    const probers = await Promise.all([
      startProber({ url, rate: 200, mode: "keep-alive", requests: [{ method: "GET", path: "/products" }], log }),
      startProber({ url, rate: 50, mode: "connection-per-request", requests: [{ method: "GET", path: "/products" }] }),
      startProber({ url, mode: "streams", connections: 40, requests: [{ method: "GET", path: "/stream?seconds=3&interval=100" }] }),
    ]);
    for (let switched = 0; switched < 100; switched += 1) {
      const now = (await adapter.describe())["web"];
      assert.ok(now?.live);
      await adapter.setSplit("web", { live: now.live, split: Split.weight(now.live === "blue" ? "green" : "blue", [100, 0, 50, 10][switched % 4] ?? 0) }, baseOf(now));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const summaries = await Promise.all(probers.map((prober) => prober.stop()));
    for (const { sent, answered, failed, errors, byStatus } of summaries) {
      assert.deepEqual([failed, answered], [0, sent], JSON.stringify({ errors, byStatus }));
      assert.ok(sent > 0);
    }
    const directory = join(project.home, "sandboxes", "production", "logs");
    const once = await checkExactlyOnce(log, readdirSync(directory, { recursive: true }).map(String).filter((name) => /\.log/.test(name)).map((name) => join(directory, name)));
    assert.deepEqual([once.missing, once.duplicated], [[], []]);
    delete process.env["MISSION_HOME"];
  });

  it("shows its secret in no argument of any process, no log and no state", async () => {
    const { stdout } = await project.must("pulumi", "config", "get", "secrets:PAYMENT_KEY", "--stack", "production");
    const secret = stdout.trim();
    assert.ok(secret.length > 20);
    assert.ok(processesWith("PAYMENT_KEY", secret).length > 0, "it reaches the instances");
    // Commands while they run as well: an up that really changes something reads, encrypts and hands over the secret.
    await project.must("release", "examples/shop", "--version", "1.2.0", "--stack", "production");
    const seen = new Map<string, number>();
    const look = setInterval(() => {
      for (const { command } of allProcesses()) seen.set(command, (seen.get(command) ?? 0) + 1);
    }, 10);
    await project.up("production").finally(() => clearInterval(look));
    const commands = [...seen.keys()];
    assert.ok(commands.some((command) => command.includes("pulumi-language-nodejs")), "the engine was watched at work");
    assert.deepEqual(commands.flatMap((command) => secretsIn(command, new Map([["PAYMENT_KEY", secret]]))), []);
    const state = await project.must("pulumi", "stack", "export", "--stack", "production");
    assert.deepEqual(secretsIn(state.all, new Map([["PAYMENT_KEY", secret]])), []);
    for (const form of formsOf(secret)) assert.deepEqual(grep(project.home, form), []);
  });

  it("says so when the state holds a secret in plain text, and names it", async () => {
    const { stdout } = await project.must("pulumi", "config", "get", "secrets:PAYMENT_KEY", "--stack", "staging");
    await project.must("pulumi", "config", "set", "--path", "mission:variables.FAULT_ENVIRONMENT", stdout.trim(), "--stack", "staging");
    await project.must("rollout", "set", "staging", "0");
    const finished = await project.up("staging");
    assert.equal(finished.code, 6, finished.all);
    assert.match(finished.stderr, /state of stack "staging" holds "secrets:PAYMENT_KEY" in plain text/);
    assert.ok(!finished.stderr.includes(stdout.trim()));
  });

  it("refuses an encrypted setting, which would stand readable in the state", async () => {
    await project.must("pulumi", "config", "set", "--secret", "--path", "mission:variables.FAULT_ENVIRONMENT", "production", "--stack", "staging");
    const finished = await project.up("staging");
    assert.notEqual(finished.code, 0);
    assert.match(finished.all, /"mission:variables" is encrypted, but settings are written into the state readably/);
  });
});

/** Files below a folder that hold a text. */
function grep(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => !path.includes("/pgdata/") && statSync(path, { throwIfNoEntry: false })?.isFile() === true && readFileSync(path).includes(text));
}
