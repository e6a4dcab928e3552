import "../../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { makePlan } from "../../../runner/plan/make-plan.js";
import { planDigest } from "../../../runner/plan/decided-plan.js";
import { stopping } from "../../../runner/plan/gate-list.js";
import { planMarkdown } from "../../../runner/plan/plan-markdown.js";
import { Split } from "../../../model/split.js";
import { observedOf, releaseOf, specOf } from "../../support/specs.js";
import { live, planInputs, type Differences } from "../../support/plan-inputs.js";

const planOf = (differences?: Differences) => makePlan(planInputs(differences));
const production = (differences?: Differences) => planOf(differences).decided.environments[1];
const stops = (differences?: Differences) => stopping(planOf(differences).gates).map(({ gate }) => gate);

describe("a plan", () => {
  it("brings a second release dark into the free slot and shifts traffic step by step", () => {
    const plan = planOf();
    assert.deepEqual(plan.decided.environments.map(({ services }) => services.map(({ transition, slot }) => [transition, slot])), [[["stage-dark", "green"]], [["stage-dark", "green"]]]);
    assert.deepEqual(plan.steps.map(({ weight, bakeMs, baseline }) => [weight, bakeMs, baseline]), [[10, 5_000, "concurrent"], [50, 5_000, "concurrent"], [100, 5_000, "recorded"]]);
    assert.deepEqual(stopping(plan.gates), []);
  });

  it("says how long each step takes to be judged, by the mission's own requests and those of users", () => {
    assert.deepEqual(planOf().steps.map(({ minimumAfterMs, marginAfterMs }) => [minimumAfterMs, marginAfterMs]), [[5_000, 59_800], [1_000, 11_960], [500, 5_980]]);
    assert.equal(planOf({ inputs: { traffic: { web: 100 } } }).steps[0]?.minimumAfterMs, 2_500);
    assert.match(planMarkdown(planOf()), /10 and 90 \| 5 s \| 1 min/);
  });

  it("says so when a step has too little traffic, and which baseline is left then", () => {
    const poor = planOf({ production: { probeRate: 1, bake: "10s" }, strategy: "canary" });
    assert.match(poor.steps[0]?.notes.join(" ") ?? "", /too little traffic for a verdict.*would end INCONCLUSIVE and roll back/);
    assert.deepEqual(poor.steps.map(({ baseline }) => baseline), ["thresholds", "thresholds"]);
    const steep = planOf({ production: { probeRate: 10 }, strategy: { steps: [{ weight: 95, bake: "10s" }, { weight: 100, bake: "10s" }] } });
    assert.equal(steep.steps[0]?.baseline, "recorded");
  });

  it("shifts nothing at a first release, which is judged by fixed limits and has nothing to return to", () => {
    const plan = planOf({ inputs: { observed: { staging: {}, production: {} } } });
    assert.deepEqual([plan.steps, plan.decided.environments[1]?.services[0]?.transition, plan.decided.environments[1]?.services[0]?.target], [[], "bootstrap", null]);
    assert.match(planMarkdown(plan), /No traffic is shifted\. It is a first deployment.*nothing to return to/s);
    assert.equal(plan.first?.needed.forMargin, 299);
    assert.deepEqual(stopping(plan.gates), []);
  });

  it("has nothing to do where the same SlotSpec is live, and knows one that is dark already from another configuration", () => {
    const release = releaseOf("1.0.0");
    assert.equal(production({ release })?.services[0]?.transition, "none");
    assert.equal(production({ release, production: { instances: 3 } })?.services[0]?.transition, "stage-dark");
    const dark = { web: observedOf(specOf("1.0.0"), specOf("1.1.0")) };
    assert.equal(production({ inputs: { observed: { staging: live("1.0.0", 1), production: dark } } })?.services[0]?.transition, "dark-already");
    const retired = { web: { ...dark.web, slots: { ...dark.web.slots, green: { spec: specOf("1.1.0"), instances: 0, ready: 0 } } } };
    assert.equal(production({ inputs: { observed: { staging: {}, production: retired } } })?.services[0]?.transition, "stage-dark");
    assert.equal(production({ release: releaseOf("1.0.0", { secrets: ["API_KEY"] }) })?.services[0]?.transition, "stage-dark");
  });

  it("names the rollback target, and how long going back takes while it is warm and later", () => {
    const plan = planOf({ production: { keepWarm: "2h", progressDeadline: "10m" } });
    assert.deepEqual([plan.decided.environments[1]?.services[0]?.target?.slot, plan.decided.environments[1]?.services[0]?.target?.version, plan.ready["web"]], ["blue", "1.0.0", { ready: 2, instances: 2 }]);
    assert.deepEqual(plan.rollback, { warmMs: 300_000, basis: "limit", keepWarm: "2h", coldMs: 900_000 });
    assert.deepEqual(planOf({ inputs: { drillMs: 800 } }).rollback, { warmMs: 800, basis: "measured", keepWarm: "1h", coldMs: 60_800 });
  });

  it("is stopped by a closed window, a freeze, a hold, a rollback target that is not ready, and a candidate that has traffic", () => {
    const deny = { window: { deny: [{ from: "2026-11-01T00:00", to: "2026-12-01T00:00", reason: "moving house" }] } };
    const statement = { reason: "incident 7", by: "ada", at: "2026-11-25T11:00:00Z" };
    const FREE = { freeze: null, hold: null };
    assert.deepEqual(stops({ production: deny }), ["window-open"]);
    assert.deepEqual(stops({ inputs: { standing: { staging: FREE, production: { freeze: statement, hold: null } } } }), ["no-freeze"]);
    assert.deepEqual(stops({ inputs: { standing: { staging: { freeze: null, hold: statement }, production: FREE } } }), ["no-freeze"]);
    const weak = { web: observedOf(specOf("1.0.0"), null, { slots: { blue: { spec: specOf("1.0.0"), instances: 2, ready: 1 }, green: null } }) };
    assert.deepEqual(stops({ inputs: { observed: { staging: {}, production: weak } } }), ["rollback-target-recorded"]);
    const busy = { web: observedOf(specOf("1.0.0"), specOf("1.0.5"), { split: Split.weight("green", 50) }) };
    assert.deepEqual(stops({ inputs: { observed: { staging: {}, production: busy } } }), ["transition-possible"]);
  });

  it("lets a hotfix waive the window and staging with its reason, and nothing else", () => {
    const deny = { window: { deny: [{ from: "2026-11-01T00:00", to: "2026-12-01T00:00", reason: "moving house" }] } };
    const plan = planOf({ production: { ...deny, notifications: [] }, subject: { hotfix: { reason: "payments fail", by: "ada@build-1" } } });
    assert.deepEqual(plan.gates.filter(({ state }) => state === "WAIVED").map(({ gate }) => gate), ["window-open", "staging-verified"]);
    assert.deepEqual(stopping(plan.gates).map(({ gate }) => gate), ["monitoring-configured"]);
    assert.match(planMarkdown(plan), /## Hotfix\n\nBy ada@build-1: payments fail/);
    assert.ok(plan.schedule.every(({ name }) => !name.startsWith("staging")));
  });

  it("leaves out what a platform cannot do, and says so", () => {
    const remembers = { metricsGrainMs: 1_000, engineRemembersTraffic: false };
    const plan = planOf({ inputs: { capabilities: { staging: { weights: "any", slotRoutes: true, database: true, ...remembers }, production: { weights: "all-or-nothing", slotRoutes: false, database: true, ...remembers } } } });
    assert.deepEqual(plan.steps.map(({ weight }) => weight), [100]);
    assert.match(planMarkdown(plan), /## What the platform lacks\n\n- production \(sandbox\): It cannot share traffic by weight.*no test route/s);
  });

  it("names a webhook by its host alone", () => {
    const plan = planOf();
    for (const text of [planMarkdown(plan), JSON.stringify(plan)]) {
      assert.match(text, /hooks\.example\.org/);
      assert.doesNotMatch(text, /secret-token|services\/T0/);
    }
  });

  it("keeps other people's words apart from its own", () => {
    const text = planMarkdown(planOf({ subject: { notes: "# Plan: other\n\n| a | b |", hotfix: { reason: "a | b\nc", by: "ada" } } }));
    assert.match(text, /\n> # Plan: other\n>\n> \| a \| b \|\n$/);
    assert.match(text, /\| staging-verified \| WAIVED \| Waived by the hotfix of ada: a \\\| b<br>c \|/);
  });

  it("shows gates that were judged elsewhere in place of what is pending", () => {
    const judged = { gate: "tests-passed", verdict: "INCONCLUSIVE", summary: "No test ran.", details: [], measured: {} } as const;
    assert.deepEqual(stops({ inputs: { gates: [judged] } }), ["tests-passed"]);
  });
});

describe("the digest of a plan", () => {
  it("is the same at any time of day and whatever flaps, and another one for another decision", () => {
    const digest = planDigest(planOf());
    fc.assert(fc.property(fc.integer({ min: 0, max: 4e12 }), fc.nat(2), (now, ready) => {
      const observed = { web: observedOf(specOf("1.0.0"), null, { slots: { blue: { spec: specOf("1.0.0"), instances: 2, ready }, green: null } }) };
      assert.equal(planOf({ inputs: { now, observed: { staging: live("1.0.0", 1), production: observed } } }).digest, digest);
    }));
    const others: readonly Differences[] = [
      { release: releaseOf("1.1.1") },
      { strategy: "canary" },
      { production: { bake: "6s" } },
      { production: { instances: 3 } },
      { production: { limits: { errorRate: "2%" } } },
      { subject: { notes: "x" } },
      { subject: { hotfix: { reason: "x", by: "y" } } },
      { inputs: { observed: { staging: live("1.0.0", 1), production: live("0.9.0", 2) } } },
      { inputs: { pause: true } },
    ];
    assert.equal(new Set([digest, ...others.map((each) => planOf(each).digest)]).size, others.length + 1);
  });
});
