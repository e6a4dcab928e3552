import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import { type ProberOptions, readProberOptions } from "../../../runner/prober/options.js";
import { startRun } from "../../../runner/prober/run.js";
import type { ProbeSummary } from "../../../runner/prober/summary.js";
import { FaultServer } from "./fault-server.js";

describe("a prober's report", function () {
  this.timeout(20_000);
  let server: FaultServer;
  beforeEach(async () => {
    server = await FaultServer.start();
  });
  afterEach(() => server.close());

  const probe = async (options: Partial<ProberOptions>): Promise<ProbeSummary> => {
    const all = readProberOptions({ url: server.url, rate: 500, durationMs: 40, run: "r", ...options });
    return (await startRun(all, () => {})).summary;
  };
  const one = (path: string, options: Partial<ProberOptions> = {}) => probe({ requests: [{ path }], ...options });

  it("counts what is answered, by status, slot and release, with every id at the server once", async () => {
    const summary = await probe({ requests: [{ path: "/" }, { path: "/?candidate", weight: 3 }] });
    assert.equal(summary.sent, 20);
    assert.equal(summary.answered, 20);
    assert.equal(summary.failed, 0);
    assert.deepEqual(summary.byStatus, { "200": 20 });
    assert.deepEqual(summary.errors, {});
    assert.deepEqual(summary.bySlot, { blue: { requests: 5, failed: 0 }, green: { requests: 15, failed: 0 } });
    assert.deepEqual(summary.byRelease, { "1.0.0": { requests: 5, failed: 0 }, "2.0.0": { requests: 15, failed: 0 } });
    assert.deepEqual(server.ids.toSorted(), Array.from({ length: 20 }, (_, n) => `r-${n}`).toSorted());
  });

  for (const mode of ["keep-alive", "connection-per-request"] as const) {
    describe(`with ${mode}`, () => {
      for (const [path, errors, byStatus] of [
        ["/500", { status: 20 }, { "500": 20 }],
        ["/reset", { reset: 20 }, {}],
        ["/close", { reset: 20 }, {}],
        ["/hang", { timeout: 20 }, {}],
        ["/garbage", { protocol: 20 }, {}],
        ["/short", { "early-end": 20 }, { "200": 20 }],
        ["/short-last", { "early-end": 20 }, { "200": 20 }],
        ["/torn", { "early-end": 20 }, { "200": 20 }],
      ] as const) {
        it(`names ${path.slice(1)} ${Object.keys(errors)[0]}, and repeats nothing`, async () => {
          const summary = await one(path, { mode, timeoutMs: path === "/hang" ? 300 : 5000 });
          assert.equal(summary.sent, 20);
          assert.equal(summary.failed, 20);
          assert.equal(summary.inFlight, 0);
          assert.deepEqual(summary.errors, errors);
          assert.deepEqual(summary.byStatus, byStatus);
          assert.equal(new Set(server.ids).size, server.ids.length);
          assert.equal(server.ids.length, 20);
        });
      }

      it("names a port where nobody listens refused", async () => {
        await server.close();
        const summary = await probe({ mode });
        assert.deepEqual(summary.errors, { refused: 20 });
        assert.equal(summary.latencyMs, null);
      });
    });
  }

  it("tells faults apart when they come together", async () => {
    const requests = ["/", "/500", "/reset", "/torn"].map((path) => ({ path }));
    const summary = await probe({ requests });
    assert.deepEqual(summary.errors, { status: 5, reset: 5, "early-end": 5 });
    assert.equal(summary.answered, 10);
    assert.equal(summary.failed, 15);
    assert.deepEqual(summary.bySlot, { blue: { requests: 5, failed: 0 }, unknown: { requests: 10, failed: 10 } });
  });

  it("takes a redirect for a success and does not follow it", async () => {
    const summary = await one("/302");
    assert.equal(summary.failed, 0);
    assert.equal(server.ids.length, 20);
  });

  it("notices a body that ends properly, but not where it should", async () => {
    const requests = [{ path: "/truncated", endsWith: "end\n" }, { path: "/stream", endsWith: "end\n" }];
    const summary = await probe({ requests });
    assert.deepEqual(summary.errors, { "early-end": 10 });
  });

  it("sends bodies and headers", async () => {
    const requests = [{ method: "POST" as const, path: "/echo", body: "echo me", headers: { "content-type": "text/plain" }, endsWith: "echo me" }];
    assert.equal((await probe({ requests })).failed, 0);
  });

  it("uses a connection per request only when asked to", async () => {
    await probe({ mode: "connection-per-request" });
    assert.equal(server.connections.opened, 20);
    await probe({ connections: 2 });
    assert.ok(server.connections.opened <= 22, `${server.connections.opened} connections`);
  });

  it("shows a pause of 700 ms as a gap of at least that, and as no failure", async () => {
    const run = await startRun(readProberOptions({ url: server.url, rate: 200, durationMs: 1000 }), () => {
      server.gate = new Promise((resolve) => setTimeout(resolve, 700));
    });
    const summary = await run.summary;
    assert.equal(summary.sent, 200);
    assert.equal(summary.failed, 0);
    assert.ok(summary.longestGapMs >= 690, `${summary.longestGapMs} ms`);
    assert.ok((summary.latencyMs?.max ?? 0) >= 690 - 5, `${summary.latencyMs?.max} ms`);
  });
});
