import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { readProberOptions } from "../../../runner/prober/options.js";
import type { Outcome } from "../../../runner/prober/outcome.js";
import { startRun } from "../../../runner/prober/run.js";
import { FaultServer } from "./fault-server.js";

describe("the open loop", function () {
  this.timeout(20_000);
  let server: FaultServer;
  let folder: string;
  beforeEach(async () => {
    server = await FaultServer.start();
    folder = await mkdtemp(join(tmpdir(), "prober-"));
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const linesOf = async (path: string): Promise<Outcome[]> => {
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as Outcome).sort((a, b) => a.scheduled - b.scheduled);
  };

  it("goes on sending while no request is answered", async () => {
    // The server answers nobody until all have come: a client that waits for answers would never get there.
    server.gate = server.received(100);
    const run = await startRun(readProberOptions({ url: server.url, rate: 500, durationMs: 200, connections: 100, timeoutMs: 60_000 }), () => {});
    const summary = await run.summary;
    assert.equal(summary.sent, 100);
    assert.equal(summary.failed, 0);
  });

  it("keeps the scheduled times that were fixed beforehand, and counts latency from them", async () => {
    const log = join(folder, "log");
    server.gate = server.received(1).then(() => new Promise((resolve) => setTimeout(resolve, 150)));
    const run = await startRun(readProberOptions({ url: server.url, rate: 200, durationMs: 100, connections: 1, log }), () => {});
    const summary = await run.summary;
    const lines = await linesOf(log);
    const first = lines[0];
    assert.ok(first);
    assert.equal(lines.length, 20);
    for (const [n, line] of lines.entries()) {
      assert.equal(line.id, `${summary.run}-${n}`);
      assert.ok(Math.abs(line.scheduled - first.scheduled - n * 5) < 0.01);
      assert.ok((line.sent ?? 0) >= line.scheduled - 0.01 && line.ended >= (line.sent ?? Infinity) - 0.01);
      // One connection, held up by the first answer: everybody's time includes the waiting.
      assert.ok(line.ended >= first.ended);
    }
    const latencies = lines.map((line) => line.ended - line.scheduled);
    assert.ok(Math.abs((summary.latencyMs?.max ?? 0) - Math.max(...latencies)) < 0.01);
    assert.ok((summary.latencyMs?.p50 ?? 0) >= 90);
    assert.ok(summary.connectionWaits.count > 0);
  });

  it("never sends a request that ran out of time while it waited for a connection", async () => {
    const log = join(folder, "log");
    const options = { url: server.url, requests: [{ path: "/hang" }], rate: 500, durationMs: 40, connections: 1, timeoutMs: 60, log };
    const summary = await (await startRun(readProberOptions(options), () => {})).summary;
    const lines = await linesOf(log);
    assert.deepEqual(summary.errors, { timeout: 20 });
    assert.ok(lines.some(({ sent }) => sent === null));
    const sent = lines.filter((line) => line.sent !== null).map(({ id }) => id);
    await server.received(sent.length);
    assert.deepEqual(server.ids, sent);
  });

  it("stops when told to, and settles what is in flight first", async () => {
    let release = () => {};
    server.gate = new Promise((resolve) => (release = resolve));
    const log = join(folder, "log");
    const run = await startRun(readProberOptions({ url: server.url, rate: 1000, log }), () => {});
    await server.received(10);
    run.stop();
    const { sent, inFlight } = run.snapshot();
    assert.equal(inFlight, sent);
    release();
    const summary = await run.summary;
    assert.deepEqual([summary.sent, summary.answered, summary.inFlight], [sent, sent, 0]);
    assert.equal((await linesOf(log)).length, sent);
  });

  it("gives up what is in flight when it is abandoned, and says so", async () => {
    const log = join(folder, "log");
    const run = await startRun(readProberOptions({ url: server.url, requests: [{ path: "/hang" }], rate: 1000, log }), () => {});
    await server.received(10);
    run.abandon();
    const summary = await run.summary;
    assert.equal(summary.stopped, summary.sent);
    assert.equal(summary.failed, 0);
    assert.ok((await linesOf(log)).every(({ error }) => error === "stopped"));
  });
});
