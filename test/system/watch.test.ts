import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ArtifactStore } from "../../artifacts/store.js";
import { limitsSchema } from "../../model/limits.js";
import type { Release } from "../../model/release.js";
import { ABSENT, baseOf } from "../../model/rollout.js";
import type { Slot } from "../../model/slot.js";
import { Split } from "../../model/split.js";
import type { GateResult } from "../../model/verdict.js";
import { rollbackReady } from "../../runner/gates/rollback-target.js";
import { weightApplied } from "../../runner/gates/weight-applied.js";
import { liveSpecs } from "../../runner/mission/roll-back.js";
import type { PlatformAdapter } from "../../runner/platforms/adapter.js";
import { sandboxAdapter } from "../../runner/platforms/sandbox.js";
import { parseBaseline, recordBaseline } from "../../runner/watch/baseline.js";
import { Probing } from "../../runner/watch/probing.js";
import { watchRelease, type WatchOptions } from "../../runner/watch/watch-release.js";
import { SandboxClient, stopSandbox } from "../../sandbox/client.js";
import { toObserved } from "../../sandbox/observed.js";
import { eventually } from "../support/process-table.js";
import { skip } from "../support/skip.js";
import { releaseOf, specOf } from "../support/specs.js";

/** Serves well, or as MODE says: fails a fifth of the requests, is slow, or keeps its processor busy. */
const SERVER = `
const http = require("node:http");
let asked = 0;
http.createServer((request, response) => {
  if (request.url === "/healthz") return response.end("ok");
  if (process.env.MODE === "failing" && ++asked % 5 === 0) response.statusCode = 500;
  if (process.env.MODE === "slow") return setTimeout(() => response.end("late"), 60);
  response.end("ok");
}).listen(Number(process.env.PORT), process.env.HOST);
if (process.env.MODE === "busy") setInterval(() => { const until = Date.now() + 98; while (Date.now() < until); }, 100);
`;
const LIMITS = limitsSchema.parse({ latencyP95Slack: "30ms" });

describe("a release that is watched on the sandbox", function () {
  this.timeout(120_000);
  const home = mkdtempSync(join(tmpdir(), "mission-watch-"));
  const directory = join(home, "sandboxes", "watch-production");
  const artifacts = new ArtifactStore(join(home, "artifacts"));
  let client: SandboxClient;
  let adapter: PlatformAdapter;
  let probing: Probing;
  let digest: string;

  const state = async () => (await client.state()).services["web"];
  const base = async () => baseOf(toObserved(await client.state())["web"] ?? ABSENT);
  const put = async (slot: Slot, version: string, mode: string) => {
    const spec = specOf(version, { digest, command: ["node", "server.cjs"], variables: { MODE: mode }, readiness: { http: "/healthz", interval: "100ms", timeout: "1s", successes: 1, failures: 3 } });
    await client.putSlot("web", slot, { spec, instances: 2, base: await base(), secrets: {}, progressDeadlineMs: 20_000, drainMs: 1_000, environment: "production", labels: {} });
    const { phase, reason } = await client.waitForSlot("web", slot, { signal: AbortSignal.timeout(30_000) });
    assert.equal(phase, "ready", reason ?? "");
  };
  const weigh = async (weight: number) => adapter.setSplit("web", { live: "blue", split: Split.weight("green", weight) }, await base());
  /** Puts a candidate into green with half of the traffic, and waits until the platform counts it. */
  const candidate = async (version: string, mode: string, weight = 50) => {
    await put("green", version, mode);
    await weigh(weight);
    await eventually("the candidate is counted", async () => (await adapter.metrics("web")).green !== null);
  };
  const watch = (version: string, more: Partial<WatchOptions> = {}) => watchRelease({ adapter, release: { ...releaseOf(version), services: { web: { ...web(version), digest } } }, limits: LIMITS, milliseconds: 4_000, lookMs: 500, baseline: null, ...more });
  const web = (version: string): Release["services"][string] => {
    const released = releaseOf(version).services["web"];
    assert.ok(released);
    return released;
  };
  const verdicts = (results: readonly GateResult[]) => results.map(({ gate, verdict }) => `${gate} ${verdict}`).join(", ");
  const bad = (results: readonly GateResult[]) => results.filter(({ verdict }) => verdict === "FAIL").map(({ gate }) => gate);

  before(async () => {
    process.env["MISSION_HOME"] = home;
    const folder = join(mkdtempSync(join(home, "tree-")));
    writeFileSync(join(folder, "server.cjs"), SERVER);
    digest = await artifacts.put(folder);
    client = await SandboxClient.ensure({ directory, artifacts: artifacts.directory });
    adapter = sandboxAdapter("watch-production");
    await put("blue", "1.0.0", "good");
    await client.putRouting("web", { ports: {}, headers: true, stickinessMs: null, accessLog: false });
    await client.putSplit("web", { live: "blue", split: Split.all("blue"), returnTo: null, base: null });
    probing = new Probing({ adapter, application: { checks: { load: [] } }, rate: 200 });
    await probing.startProbing();
  });
  afterEach(async () => {
    if ((await state())?.split?.blue !== 100) await weigh(0);
    await client.deleteSlot("web", "green");
  });
  after(async () => {
    await probing.stopProbing();
    await stopSandbox(directory, { traffic: true });
    delete process.env["MISSION_HOME"];
    rmSync(home, { recursive: true, force: true });
  });

  it("passes when it is as good as what runs beside it, with the weight that was asked for and a way back", async () => {
    const before = liveSpecs(await adapter.describe());
    await candidate("1.1.0", "good");
    await probing.markProbed();
    const started = performance.now();
    const results = await watch("1.1.0");
    assert.ok(performance.now() - started >= 4_000);
    assert.equal(verdicts(results), "candidate-as-good-as-baseline PASS, instances-ready PASS, saturation PASS", JSON.stringify(results, undefined, 1));
    const probed = (await probing.probedServices("mark")).get("web") ?? null;
    const applied = weightApplied({ service: "web", candidate: "1.1.0", live: "1.0.0", weight: 50, probed });
    assert.equal(applied.verdict, "PASS", applied.summary);
    assert.equal(probed?.failed, 0);
    assert.equal(weightApplied({ service: "web", candidate: "1.1.0", live: "1.0.0", weight: 10, probed }).verdict, "FAIL");
    assert.equal((await rollbackReady({ observed: await adapter.describe(), before, artifacts })).verdict, "PASS");
  });

  it("fails long before the time is over when it fails a fifth of the requests", async () => {
    await candidate("1.2.0", "failing");
    const started = performance.now();
    const results = await watch("1.2.0", { milliseconds: 60_000 });
    assert.deepEqual(bad(results), ["candidate-as-good-as-baseline"]);
    assert.ok(performance.now() - started < 30_000);
  });

  it("fails at all of the traffic against what was recorded, when it is slower", async () => {
    const baseline = parseBaseline(await recordBaseline({ adapter, limits: LIMITS }));
    assert.ok((baseline?.services["web"]?.window.requests ?? 0) >= 50);
    await candidate("1.3.0", "slow", 100);
    const results = await watch("1.3.0", { baseline, milliseconds: 60_000 });
    const [judged] = results;
    assert.deepEqual([bad(results), judged?.measured["baseline"]], [["candidate-as-good-as-baseline"], "recorded"]);
    assert.match(judged?.summary ?? "", /95 % of the candidate's answers took at most/);
  });

  it("fails when an instance is killed, although the router keeps every answer good and another process takes its place", async () => {
    await candidate("1.4.0", "good");
    const watching = watch("1.4.0", { milliseconds: 10_000 });
    const [instance] = (await state())?.slots.green.processes ?? [];
    assert.ok(instance?.pid);
    await sleep(800); // One look at least has seen it alive.
    process.kill(instance.pid, "SIGKILL");
    assert.ok(bad(await watching).includes("instances-ready"));
    await client.waitForSlot("web", "green");
  });

  it("fails when its instances keep their processor busy", async function () {
    if (process.platform !== "linux") skip(this, "processor time is told on Linux only");
    await candidate("1.5.0", "busy");
    const results = await watch("1.5.0", { limits: { ...LIMITS, latencyP95Increase: "1000%", latencyP95Slack: "10s", errorRate: "100%", errorRateIncrease: "100%", saturation: "20%" } });
    assert.deepEqual(bad(results), ["saturation"], JSON.stringify(results, undefined, 1));
  });

  it("starts its full time again when the router was killed and counts anew", async () => {
    await candidate("1.6.0", "good");
    const router = (await client.state()).router;
    assert.ok(router);
    const started = performance.now();
    // What users lose when a router is killed is not the release's fault: here only the counting is judged.
    const watching = watch("1.6.0", { longestMs: 30_000, limits: { ...LIMITS, errorRate: "100%", errorRateIncrease: "100%", latencyP95Slack: "10s" } });
    await eventually("a part of the time is over", () => performance.now() - started > 2_000);
    process.kill(router.pid, "SIGKILL");
    const [judged] = await watching;
    assert.equal(judged?.verdict, "PASS", JSON.stringify(judged, undefined, 1));
    assert.ok(judged?.details.some((text) => text.includes("the full time starts again")), JSON.stringify(judged));
    assert.ok(performance.now() - started >= 6_000);
  });
});
