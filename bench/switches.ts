import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { baseOf } from "../model/rollout.js";
import { Split } from "../model/split.js";
import { checkExactlyOnce } from "../runner/prober/exactly-once.js";
import { startProber, type Prober } from "../runner/prober/start-prober.js";
import { MissionProject } from "../test/support/mission-project.js";
import { tinyApp } from "../test/support/tiny-app.js";
import { figuresOf, row, timed } from "./support/figures.js";

/*
 * 100 switches under 1,000 requests a second and 200 long streams: failures, ids seen exactly once, the time a switch takes through the adapter (read back
 * included), and the client's longest gap between answers.
 */

const SWITCHES = Number(process.env["SWITCHES"] ?? 100);
const RATE = Number(process.env["RATE"] ?? 1_000);

async function main(): Promise<void> {
  const project = MissionProject.create();
  process.env["MISSION_HOME"] = project.home;
  const { sandboxAdapter } = await import("../runner/platforms/sandbox.js");
  const codebase = tinyApp("switches");
  const stack = "switches-production";
  const logs = mkdtempSync(join(tmpdir(), "mission-switches-"));
  let probers: Prober[] = [];
  try {
    for (const version of ["1.0.0", "1.1.0"]) {
      await project.must("release", codebase, "--version", version, "--stack", stack);
      await project.must("pulumi", "up", "--yes", "--skip-preview", "--stack", stack);
    }
    const adapter = sandboxAdapter(stack);
    const url = (await adapter.endpoints("web"))?.production ?? "";
    const log = join(logs, "client.jsonl");
    probers = await Promise.all([
      startProber({ url, rate: RATE * 0.9, mode: "keep-alive", log }),
      startProber({ url, rate: RATE * 0.1, mode: "connection-per-request" }),
      startProber({ url, mode: "streams", connections: 200, requests: [{ path: "/stream", endsWith: "end\n" }] }),
    ]);
    const took: number[] = [];
    for (let switched = 0; switched < SWITCHES; switched += 1) {
      const now = (await adapter.describe())["web"];
      if (now?.live == null) throw new Error("The service is gone.");
      const live = now.live;
      const candidate = live === "blue" ? "green" : "blue";
      took.push(await timed(() => adapter.setSplit("web", { live, split: Split.weight(candidate, switched % 2 === 0 ? 100 : 0) }, baseOf(now))));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const summaries = await Promise.all(probers.map((prober) => prober.stop()));
    probers = [];
    console.log(row(`${SWITCHES} switches through the adapter, read back`, figuresOf(took)));
    for (const [index, name] of ["pooled connections", "a connection each", "200 streams"].entries()) {
      const summary = summaries[index];
      if (summary === undefined) continue;
      console.log(`${name}: ${summary.sent} sent, ${summary.failed} failed; ${summary.achievedRate.toFixed(0)} a second; p99 ${(summary.latencyMs?.p99 ?? Number.NaN).toFixed(1)} ms; longest gap ${(summary.longestGapMs ?? Number.NaN).toFixed(0)} ms; client late ${summary.lateStarts.count} times, at worst ${summary.lateStarts.worstMs.toFixed(0)} ms`);
    }
    const directory = join(project.home, "sandboxes", stack, "logs");
    const once = await checkExactlyOnce(log, readdirSync(directory, { recursive: true }).map((name) => join(directory, String(name))).filter((name) => /\.log/.test(name)));
    console.log(`ids: ${once.sent} sent, ${once.missing.length} missing, ${once.duplicated.length} more than once in the applications' logs`);
  } finally {
    await Promise.all(probers.map((prober) => prober.stop()));
    await project.remove();
    for (const folder of [codebase, logs]) rmSync(folder, { recursive: true, force: true });
  }
}

void main();
