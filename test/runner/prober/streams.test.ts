import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import { type ProberOptions, readProberOptions } from "../../../runner/prober/options.js";
import { startRun } from "../../../runner/prober/run.js";
import { FaultServer } from "./fault-server.js";

describe("streams", function () {
  this.timeout(20_000);
  let server: FaultServer;
  beforeEach(async () => {
    server = await FaultServer.start();
  });
  afterEach(() => server.close());

  const start = (path: string, options: Partial<ProberOptions> = {}) =>
    startRun(readProberOptions({ url: server.url, mode: "streams", connections: 4, requests: [{ path }], ...options }), () => {});

  it("are opened again when they end, as many at a time as asked for", async () => {
    const run = await start("/stream");
    await server.received(12);
    run.stop();
    const summary = await run.summary;
    assert.equal(summary.failed, 0);
    assert.equal(summary.sent, server.ids.length);
    assert.equal(summary.answered, summary.sent);
    assert.equal(new Set(server.ids).size, server.ids.length);
  });

  it("that break are failures, and are opened again", async () => {
    const run = await start("/torn", { connections: 2 });
    await server.received(4);
    run.stop();
    const summary = await run.summary;
    assert.deepEqual(summary.errors, { "early-end": summary.sent });
  });

  it("that fall silent are failures", async () => {
    const run = await start("/endless", { connections: 2, timeoutMs: 60, durationMs: 80 });
    const summary = await run.summary;
    assert.equal(summary.errors.timeout, 2);
  });

  it("that would go on for ever are given up some time after the stop, and are no failures", async () => {
    const run = await start("/endless", { connections: 3, timeoutMs: 500 });
    await server.received(3);
    await new Promise((resolve) => setTimeout(resolve, 50));
    run.abandon();
    const summary = await run.summary;
    assert.deepEqual([summary.sent, summary.stopped, summary.failed], [3, 3, 0]);
  });
});
