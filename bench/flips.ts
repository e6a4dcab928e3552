import { rmSync } from "node:fs";
import { baseOf } from "../model/rollout.js";
import { Split } from "../model/split.js";
import { otherSlot } from "../model/slot.js";
import { windowBetween, type SlotCounters } from "../model/slot-window.js";
import { judgeByThresholds } from "../runner/judge/thresholds.js";
import { takeTrafficBack } from "../runner/rollout/take-traffic-back.js";
import { MissionProject } from "../test/support/mission-project.js";
import { tinyApp } from "../test/support/tiny-app.js";
import { figuresOf, row } from "./support/figures.js";

/*
 * From a FAIL to no traffic: the candidate has 50 %, a verdict is made from counters that fail, and the decision goes through the same way as a mission's.
 * The clock runs from the verdict to the platform's read-back; then a request from outside must be answered by the live release. Beside it, in turns, one
 * plain HTTP request to the same service: what the machine needs for anything at all.
 */

const FLIPS = Number(process.env["FLIPS"] ?? 1_000);
const LIMITS = { errorRate: 0.01, errorRateIncrease: 0.005, latencyP95Ratio: 1.1, latencyP95SlackMs: 5, minimumSamples: 50 };

async function main(): Promise<void> {
  const project = MissionProject.create();
  process.env["MISSION_HOME"] = project.home;
  const { sandboxAdapter } = await import("../runner/platforms/sandbox.js");
  const codebase = tinyApp("flips");
  const stack = "flips-production";
  try {
    for (const version of ["1.0.0", "1.1.0"]) {
      await project.must("release", codebase, "--version", version, "--stack", stack);
      await project.must("pulumi", "up", "--yes", "--skip-preview", "--stack", stack);
    }
    const adapter = sandboxAdapter(stack);
    const url = (await adapter.endpoints("web"))?.production ?? "";
    const [took, request]: [number[], number[]] = [[], []];
    let wrong = 0;
    for (let flip = 0; flip < FLIPS; flip += 1) {
      const now = (await adapter.describe())["web"];
      if (now?.live == null) throw new Error("The service is gone.");
      await adapter.setSplit("web", { live: now.live, split: Split.weight(otherSlot(now.live), 50) }, baseOf(now));
      const verdict = judgeByThresholds(windowOf(200, 60), windowOf(200, 0), LIMITS);
      if (verdict.verdict !== "FAIL") throw new Error(`The verdict is ${verdict.verdict}.`);
      const decided = performance.now();
      const refusals = await takeTrafficBack(stack, adapter, { kind: "set", weight: 0 }, ["web"]);
      took.push(performance.now() - decided);
      if (refusals.length > 0) throw new Error(refusals.join(" "));
      const asked = performance.now();
      const answer = await fetch(url);
      await answer.arrayBuffer();
      request.push(performance.now() - asked);
      if (answer.headers.get("x-mission-release") !== "1.0.0") wrong += 1;
    }
    console.log(row(`${FLIPS} flips: FAIL to read back`, figuresOf(took)));
    console.log(row("one request to the same service", figuresOf(request)));
    console.log(`${wrong} requests after a flip were answered by the candidate (goal 0); p99 goal <= 250 ms`);
  } finally {
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
  }
}

function windowOf(requests: number, errors: number) {
  const none: SlotCounters = { at: 0, epoch: "1", requests: 0, errors: 0, buckets: new Map([[0.1, 0], [Infinity, 0]]) };
  return windowBetween(none, { at: 5_000, epoch: "1", requests, errors, buckets: new Map([[0.1, requests], [Infinity, requests]]) });
}

void main();
