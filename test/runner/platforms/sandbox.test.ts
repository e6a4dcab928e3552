import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactStore } from "../../../artifacts/store.js";
import { ABSENT, baseOf } from "../../../model/rollout.js";
import { Split } from "../../../model/split.js";
import { SandboxClient, stopSandbox } from "../../../sandbox/client.js";
import { toObserved } from "../../../sandbox/observed.js";
import { eventually } from "../../support/process-table.js";
import { shares } from "../../support/serving.js";
import { specOf } from "../../support/specs.js";
import { tinyApp } from "../../support/tiny-app.js";
import { adapterConformance } from "./conformance.js";

adapterConformance("sandbox", async () => {
  const home = mkdtempSync(join(tmpdir(), "mission-home-"));
  const before = process.env["MISSION_HOME"];
  process.env["MISSION_HOME"] = home;
  const { sandboxAdapter } = await import("../../../runner/platforms/sandbox.js");
  const directory = join(home, "sandboxes", "conform-staging");
  const artifacts = join(home, "artifacts");
  const codebase = tinyApp("conform");
  const client = await SandboxClient.ensure({ directory, artifacts });

  const put = async (slot: "blue" | "green", version: string) => {
    execFileSync(process.execPath, ["build.cjs"], { cwd: codebase, env: { ...process.env, MISSION_VERSION: version } });
    const copy = join(codebase, `copy-${version}`);
    mkdirSync(copy);
    cpSync(join(codebase, "app"), copy, { recursive: true });
    const digest = await new ArtifactStore(artifacts).put(copy);
    const spec = specOf(version, { digest, command: ["node", "server.cjs"], readiness: { http: "/healthz", interval: "100ms", timeout: "1s", successes: 1, failures: 1 } });
    const now = toObserved(await client.state())["web"] ?? ABSENT;
    await client.putSlot("web", slot, { spec, instances: 2, base: baseOf(now), secrets: {}, progressDeadlineMs: 20_000, drainMs: 1_000, environment: "staging", labels: {} });
    const { phase, reason } = await client.waitForSlot("web", slot, { signal: AbortSignal.timeout(30_000) });
    if (phase !== "ready") throw new Error(`${slot} is ${phase}: ${reason}`);
  };
  await put("blue", "1.0.0");
  await client.putRouting("web", { ports: {}, headers: true, stickinessMs: null, accessLog: false });
  await client.putSplit("web", { live: "blue", split: Split.all("blue"), returnTo: null, base: null });
  await put("green", "1.1.0");

  for (const metric of ["latency-p95", "error-rate"] as const) {
    await client.putAlarm(`web-${metric}`, { service: "web", metric, threshold: 1_000, windowMs: 60_000, targets: [{ type: "file", path: `told-${metric}.jsonl` }] });
  }

  const green = async () => (await client.state()).services["web"]?.slots.green.processes ?? [];
  return {
    adapter: sandboxAdapter("conform-staging"),
    empty: sandboxAdapter("empty-staging"),
    tellsProcessorTime: process.platform === "linux",
    answers: async (url, count) => (await shares(url, count)).byRelease,
    async breakGreen() {
      for (const { pid } of await green()) if (pid !== null) process.kill(pid, "SIGSTOP");
      await eventually("green is not ready", async () => (await green()).every(({ ready }) => !ready));
    },
    async mendGreen() {
      for (const { pid } of await green()) if (pid !== null) process.kill(pid, "SIGCONT");
      await eventually("green is ready", async () => (await green()).every(({ ready }) => ready));
    },
    // The router tells its counters as they stand.
    counted: () => Promise.resolve(),
    received: (id) => Promise.resolve(readFileSync(join(directory, "told-error-rate.jsonl"), "utf8").split("\n").filter((line) => line.includes(`"test":"${id}"`)).length),
    async remove() {
      await stopSandbox(directory, { traffic: true });
      if (before === undefined) delete process.env["MISSION_HOME"];
      else process.env["MISSION_HOME"] = before;
      for (const folder of [home, codebase]) rmSync(folder, { recursive: true, force: true });
    },
  };
});
