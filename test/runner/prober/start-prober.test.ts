import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, it } from "mocha";
import { checkExactlyOnce } from "../../../runner/prober/exactly-once.js";
import type { Outcome } from "../../../runner/prober/outcome.js";
import { type Prober, startProber } from "../../../runner/prober/start-prober.js";
import { FaultServer } from "./fault-server.js";
import { skip } from "../../support/skip.js";

const MODULES = join(__dirname, "../../../runner/prober");

describe("a prober in its own process", function () {
  this.timeout(20_000);
  let server: FaultServer;
  let folder: string;
  const started: Prober[] = [];
  const start = async (options: Omit<Parameters<typeof startProber>[0], "url">) => {
    const prober = await startProber({ url: server.url, ...options });
    started.push(prober);
    return prober;
  };
  beforeEach(async () => {
    server = await FaultServer.start();
    folder = await mkdtemp(join(tmpdir(), "prober-"));
  });
  afterEach(async () => {
    await Promise.allSettled(started.splice(0).map((prober) => prober.stop()));
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("answers once it measures, can be read while it runs, and sums up when it is stopped", async () => {
    const log = join(folder, "log");
    const prober = await start({ rate: 300, log, run: "mine" });
    const early = await prober.snapshot();
    assert.ok(early.answered >= 1);
    while ((await prober.snapshot()).answered < 50) await sleep(10);
    const summary = await prober.stop();
    assert.equal(summary.answered, summary.sent);
    assert.equal(summary.failed, 0);
    assert.equal(summary.run, "mine");
    assert.deepEqual(await prober.snapshot(), summary);
    assert.deepEqual(await prober.stop(), summary);

    const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
    assert.equal(lines.length, summary.sent);
    assert.equal(server.ids.length, summary.sent);
    assert.equal(new Set(server.ids).size, summary.sent);
    assert.equal((await checkExactlyOnce(log, [log])).sent, summary.sent);
  });

  it("ends by itself after its duration", async () => {
    const prober = await start({ rate: 100, durationMs: 200 });
    assert.equal((await prober.finished).sent, 20);
  });

  it("blames itself, not the server, for a time in which it could not run", async () => {
    const prober = await start({ rate: 50, timeoutMs: 1000 });
    process.kill(prober.pid, "SIGSTOP");
    await sleep(1500);
    process.kill(prober.pid, "SIGCONT");
    while ((await prober.snapshot()).lateStarts.worstMs < 1000) await sleep(20);
    const summary = await prober.stop();
    assert.equal(summary.failed, 0);
    assert.ok(summary.lateStarts.count >= 50, `${summary.lateStarts.count} late starts`);
  });

  it("says every mistake in its options before anything runs", async () => {
    await assert.rejects(startProber({ url: "nowhere", rate: -1, requests: [{ path: "x", headers: { "X-Request-Id": "1" } }] }), (error: Error) => {
      assert.equal(error.name, "RangeError");
      assert.equal(error.message.split("\n").length, 4);
      return true;
    });
  });

  it("does not start against a service that never answers, and leaves nothing running", async () => {
    const before = server.ids.length;
    await assert.rejects(start({ requests: [{ path: "/hang" }], rate: 20, timeoutMs: 100, startTimeoutMs: 400 }), /got no answer from .* within 400 ms: \{"timeout":\d+\}/);
    const after = server.ids.length;
    await sleep(150);
    assert.ok(after > before);
    assert.equal(server.ids.length, after);
  });

  it("does not start without a log that it can write", async () => {
    await assert.rejects(start({ log: join(folder, "missing/log") }), /log cannot be written: ENOENT/);
  });

  it("never reports sums when its log is incomplete", async function () {
    if (process.platform !== "linux") skip(this, "it reads /proc, which only Linux has");
    const prober = await start({ log: "/dev/full", rate: 100 });
    await assert.rejects(prober.finished, /ended with code 1 and without a summary.*ENOSPC/);
  });

  it("that is killed has no summary", async () => {
    const prober = await start({ rate: 50 });
    process.kill(prober.pid, "SIGKILL");
    await assert.rejects(prober.finished, /ended with SIGKILL/);
    await assert.rejects(prober.snapshot(), /ended with SIGKILL/);
  });

  it("keeps measuring when the terminal interrupts its caller's group", async () => {
    const prober = await start({ rate: 100 });
    process.kill(prober.pid, "SIGINT");
    const { answered } = await prober.snapshot();
    while ((await prober.snapshot()).answered < answered + 5) await sleep(5);
    assert.equal((await prober.stop()).failed, 0);
  });

  it("ends when its caller dies, and leaves a complete log", async () => {
    const log = join(folder, "log");
    const options = { url: server.url, rate: 200, log };
    const code = `require(${JSON.stringify(join(MODULES, "start-prober.js"))}).startProber(${JSON.stringify(options)}).then((p) => console.log(p.pid))`;
    const caller = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
    const [output] = (await once(caller.stdout, "data")) as [Buffer];
    const pid = Number(output.toString());
    caller.kill("SIGKILL");
    await once(caller, "close");
    while (isRunning(pid)) await sleep(10);

    const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
    const sent = new Set(lines.map((line) => JSON.parse(line) as Outcome).flatMap((line) => (line.sent === null ? [] : [line.id])));
    assert.deepEqual(server.ids.filter((id) => !sent.has(id)), []);
  });

  it("works on a command line: options in, summary out", () => {
    const options = { url: "http://127.0.0.1:1", rate: 50, durationMs: 100 };
    const { status, stdout } = spawnSync(process.execPath, [join(MODULES, "main.js"), "--options", JSON.stringify(options)], { encoding: "utf8" });
    assert.equal(status, 0);
    assert.deepEqual((JSON.parse(stdout) as { errors: object }).errors, { refused: 5 });

    const refused = spawnSync(process.execPath, [join(MODULES, "main.js"), "--options", "-"], { input: "{}", encoding: "utf8" });
    assert.equal(refused.status, 2);
    assert.equal(refused.stderr, 'Prober option "url": allowed is an http or https address.\n');
  });
});

/** A process that has ended but was not yet collected by its parent does not count as running. */
function isRunning(pid: number): boolean {
  const { stdout, status } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return status === 0 && !stdout.startsWith("Z");
}
