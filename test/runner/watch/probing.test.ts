import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { ABSENT } from "../../../model/rollout.js";
import type { Probed } from "../../../runner/mission/ground.js";
import { combineProbed, probedOf } from "../../../runner/watch/combine-probed.js";
import { Probing } from "../../../runner/watch/probing.js";
import { allProcesses, eventually } from "../../support/process-table.js";
import { observedOf, specOf } from "../../support/specs.js";

/** A service of one release whose answers may be good or bad; keeps the paths that were asked for. */
class Service {
  readonly paths: string[] = [];
  status = 200;
  hold = false;
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(release: string): Promise<Service> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const service = new Service(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("request", (request, response) => {
      service.paths.push(request.url ?? "");
      if (service.hold) return;
      response.writeHead(service.status, { "x-mission-release": release }).end();
    });
    return service;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, "close");
  }
}

describe("probing from outside", function () {
  this.timeout(30_000);
  let web: Service;
  let api: Service;
  let probing: Probing;
  const adapter = (services: Readonly<Record<string, Service>>) => ({
    describe: () => Promise.resolve({ ...Object.fromEntries(Object.keys(services).map((name) => [name, observedOf(specOf("1.0.0"))])), dark: ABSENT }),
    endpoints: (service: string) => Promise.resolve(services[service] && { production: services[service].url, slots: { blue: "", green: "" } }),
  });
  const make = (services: Readonly<Record<string, Service>>, load: { path: string; weight: number }[] = []) => (probing = new Probing({ adapter: adapter(services), application: { checks: { load } }, rate: 200, startTimeoutMs: 2_000 }));
  const seen = async (since?: "start" | "mark"): Promise<Probed> => {
    const found = await probing.probed(since);
    assert.ok(found);
    return found;
  };
  /** Prober processes below this one. */
  const probers = () => allProcesses().filter(({ parent, command }) => parent === process.pid && command.includes("prober/main.js"));

  beforeEach(async () => {
    web = await Service.start("1.0.0");
    api = await Service.start("2.0.0");
  });
  afterEach(async () => {
    await probing.stopProbing().catch(() => undefined);
    await Promise.all([web.close(), api.close()]);
    assert.deepEqual(probers(), []);
  });

  it("sends to every service that serves, the rate shared, and adds up what they say", async () => {
    make({ web, api });
    assert.equal(await probing.probed(), null);
    await probing.startProbing();
    await probing.startProbing();
    assert.equal(probers().length, 2);
    await eventually("enough was sent", async () => (await seen()).sent > 100);
    const both = await probing.stopProbing();
    assert.ok(both);
    assert.equal(await probing.probed(), null);
    assert.equal(await probing.stopProbing(), null);
    const [first, second] = [both.byRelease["1.0.0"], both.byRelease["2.0.0"]];
    assert.ok(first && second);
    assert.deepEqual([both.failed, first.failed, second.failed, first.requests + second.requests], [0, 0, 0, both.sent]);
    assert.deepEqual([web.paths.length, api.paths.length], [first.requests, second.requests]);
    assert.ok(both.p95Ms !== null && Object.keys(both.byRelease).length === 2);
  });

  it("asks for what the load of the application is made of, by weight", async () => {
    make({ web }, [{ path: "/items", weight: 3 }, { path: "/basket", weight: 1 }]);
    await probing.startProbing();
    await eventually("enough was sent", async () => (await seen()).sent >= 40);
    await probing.stopProbing();
    const items = web.paths.slice(0, 40).filter((path) => path === "/items").length;
    assert.equal(items, 30);
  });

  it("tells failures and the longest gap since the mark apart from those before it", async () => {
    make({ web });
    await probing.startProbing();
    web.status = 500;
    await eventually("some have failed", async () => (await seen()).failed > 20);
    const gap = (await seen()).longestGapMs;
    web.status = 200;
    await eventually("what was in flight has ended", async () => {
      const { failed } = await seen();
      const { requests = 0, failed: bad = 0 } = (await seen()).byRelease["1.0.0"] ?? {};
      return failed === bad && requests > bad + 20;
    });
    await probing.markProbed();
    await eventually("some came after the mark", async () => (await seen("mark")).sent > 50);
    const [since, all] = [await seen("mark"), await seen("start")];
    assert.equal(since.failed, 0);
    assert.ok(all.failed > 20 && all.sent > since.sent && all.longestGapMs >= gap);
    assert.ok(gap > 50 && since.longestGapMs <= all.longestGapMs);
  });

  it("starts nothing, and leaves nothing running, when a service does not answer", async () => {
    api.hold = true;
    make({ web, api });
    await assert.rejects(probing.startProbing(), /The prober got no answer from http:\/\/127\.0\.0\.1:\d+ within 2000 ms/);
    assert.equal(await probing.probed(), null);
    api.hold = false;
  });

  it("sends nothing where nothing serves", async () => {
    make({});
    await probing.startProbing();
    assert.equal(await probing.probed(), null);
  });

  it("does not take a prober that was killed for one that saw nothing wrong", async () => {
    make({ web });
    await probing.startProbing();
    const [prober] = probers();
    assert.ok(prober);
    process.kill(prober.pid, "SIGKILL");
    await assert.rejects(probing.probed(), /The prober ended with SIGKILL and without a summary/);
  });
});

describe("what probers saw together", () => {
  const part = (more: Partial<Probed>): Probed => ({ sent: 10, failed: 0, longestGapMs: 10, p95Ms: 5, byRelease: { "1.0.0": { requests: 10, failed: 0 } }, ...more });

  it("is sums, the worst gap and the worst 95th percentile", () => {
    const whole = combineProbed([part({}), part({ failed: 2, longestGapMs: 400, p95Ms: null, byRelease: { "1.0.0": { requests: 8, failed: 0 }, unknown: { requests: 2, failed: 2 } } })]);
    assert.deepEqual(whole, { sent: 20, failed: 2, longestGapMs: 400, p95Ms: 5, byRelease: { "1.0.0": { requests: 18, failed: 0 }, unknown: { requests: 2, failed: 2 } } });
    assert.equal(combineProbed([]), null);
  });

  it("counts requests without an answer among those of an unknown release", () => {
    const summary = { run: "r", startedAt: 0, durationMs: 1, sent: 12, inFlight: 1, answered: 8, failed: 3, stopped: 0, byStatus: { 200: 7, 500: 1 }, errors: { status: 1, timeout: 2, refused: 0 }, bySlot: {}, byRelease: { "1.0.0": { requests: 8, failed: 1 } }, latencyMs: null, longestGapMs: 3, longestGapFrom: 0, achievedRate: 1, lateStarts: { count: 0, worstMs: 0 }, connectionWaits: { count: 0, worstMs: 0 } };
    assert.deepEqual(probedOf(summary), { sent: 11, failed: 3, longestGapMs: 3, p95Ms: null, byRelease: { "1.0.0": { requests: 8, failed: 1 }, unknown: { requests: 2, failed: 2 } } });
  });
});
