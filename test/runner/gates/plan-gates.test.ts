import assert from "node:assert/strict";
import { monitoringConfigured } from "../../../runner/gates/monitoring-configured.js";
import { planGates } from "../../../runner/gates/plan-gates.js";
import { previewSucceeded } from "../../../runner/gates/preview-succeeded.js";
import { rollbackTargetRecorded } from "../../../runner/gates/rollback-target-recorded.js";
import { strategyPlanned } from "../../../runner/gates/strategy-planned.js";
import { transitionPossible } from "../../../runner/gates/transition-possible.js";
import type { PreviewSummary } from "../../../runner/plan/preview-summary.js";
import { planServices } from "../../../runner/plan/service-plan.js";
import { Split } from "../../../model/split.js";
import { observedOf, releaseOf, specOf } from "../../support/specs.js";
import { planInputs, type Differences } from "../../support/plan-inputs.js";

const monitoring = (differences: Differences) => {
  const { subject } = planInputs(differences);
  return monitoringConfigured([subject.staging, subject.production], subject.release);
};

describe("the gates of the plan", () => {
  it("are six, and five when a hotfix waives the window", () => {
    const names = planGates(planInputs()).map(({ gate }) => gate);
    assert.deepEqual(names, ["window-open", "no-freeze", "transition-possible", "monitoring-configured", "strategy-planned", "rollback-target-recorded"]);
    assert.equal(planGates(planInputs({ subject: { hotfix: { reason: "x", by: "y" } } })).length, 5);
  });

  it("want somebody who is told in production, and only mention it in staging", () => {
    assert.equal(monitoring({}).verdict, "PASS");
    assert.match(monitoring({}).details.join(" "), /Nobody is told of alarms in staging/);
    const nobody = monitoring({ production: { notifications: [] } });
    assert.deepEqual([nobody.verdict, /Nobody is told when something goes wrong in production/.test(nobody.summary)], ["FAIL", true]);
  });

  it("refuse alarms that can never go off, all at once, and say that a bare connection sees little", () => {
    const deaf = monitoring({ production: { alarms: { errorRate: "100%", availability: "0%" } } });
    assert.equal(deaf.verdict, "FAIL");
    assert.match([deaf.summary, ...deaf.details].join(" "), /error rate.*can never go off.*availability.*can never go off/);
    const tcp = monitoring({ release: releaseOf("1.1.0", { readiness: { tcp: true, interval: "1s", timeout: "5s", successes: 2, failures: 3 } }) });
    assert.deepEqual([tcp.verdict, /only asked whether its port accepts/.test(tcp.details.join(" "))], ["PASS", true]);
  });

  it("refuse steps that do not rise to 100 and bakes in which nothing is measured", () => {
    const verdict = (steps: readonly (readonly [number, number])[], grainMs = 1_000) => strategyPlanned({ name: "custom", steps: steps.map(([weight, bakeMs]) => ({ weight, bakeMs })) }, { platform: grainMs > 1_000 ? "aws" : "sandbox", grainMs }, "sha256:x").verdict;
    assert.equal(verdict([[10, 5_000], [100, 5_000]]), "PASS");
    assert.equal(verdict([[10, 180_000], [100, 180_000]], 60_000), "PASS");
    for (const steps of [[], [[10, 5_000]], [[50, 5_000], [50, 5_000], [100, 5_000]], [[0, 5_000], [100, 5_000]], [[100, Number.NaN]], [[100, 0]], [[50.5, 5_000], [100, 5_000]]] as const) assert.equal(verdict(steps), "FAIL", JSON.stringify(steps));
    assert.equal(verdict([[10, 180_000], [100, 179_999]], 60_000), "FAIL");
    assert.equal(strategyPlanned({ name: "custom", steps: [{ weight: 100, bakeMs: 5_000 }] }, { platform: "sandbox", grainMs: 1_000 }, "sha256:x").measured["planDigest"], "sha256:x");
  });

  it("want every instance of what a rollback goes to, and nothing where nothing serves", () => {
    const verdict = (ready: number, instances = 2) => rollbackTargetRecorded("production", ["web"], { web: observedOf(specOf("1.0.0"), null, { slots: { blue: { spec: specOf("1.0.0"), instances, ready }, green: null } }) }).verdict;
    assert.deepEqual([verdict(2), verdict(1), verdict(0), verdict(0, 0)], ["PASS", "FAIL", "FAIL", "FAIL"]);
    assert.match(rollbackTargetRecorded("production", ["web"], {}).summary, /nothing to return to/);
    assert.equal(rollbackTargetRecorded("production", ["web"], { web: observedOf(specOf("1.0.0"), null, { slots: { blue: null, green: null } }) }).verdict, "FAIL");
    assert.equal(rollbackTargetRecorded("production", [], {}).verdict, "INCONCLUSIVE");
  });

  it("want a preview of both stacks that went through, where one was made", () => {
    const counts = { create: 1, update: 0, replace: 0, delete: 0, same: 3 };
    const good = { stack: "a", exists: true, counts, changes: [], errors: [] };
    const bad = { stack: "b", exists: true, counts: null, changes: [], errors: ["No region is set."] };
    const verdict = (staging: PreviewSummary, production: PreviewSummary) => planGates(planInputs({ inputs: { preview: { staging, production } } })).find(({ gate }) => gate === "preview-succeeded");
    assert.equal(verdict(good, good)?.verdict, "PASS");
    assert.deepEqual([verdict(good, bad)?.verdict, verdict(bad, good)?.summary], ["FAIL", 'The preview of stack "b" failed: No region is set.']);
    assert.equal(previewSucceeded([]).verdict, "INCONCLUSIVE");
  });

  it("refuse a release for which no slot is free, and one without a service that production runs", () => {
    const { subject } = planInputs();
    const busy = { web: observedOf(specOf("1.0.0"), specOf("1.0.5"), { split: Split.weight("green", 50) }), api: observedOf(specOf("1.0.0", { service: "api" })) };
    const { refusals } = planServices(subject.production, subject.release, busy);
    const gate = transitionPossible([{ stack: "shop-production", refusals }]);
    assert.equal(gate.verdict, "FAIL");
    assert.match([gate.summary, ...gate.details].join(" "), /Service "api" runs in production but is not in shop 1\.1\.0.*no slot is free for 1\.1\.0/);
  });
});
