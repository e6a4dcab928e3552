import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Environment } from "../../components/environment.js";
import { sandboxPlatform } from "../../components/sandbox/index.js";
import { planEnvironment } from "../../model/environment-plan.js";
import { environmentSettingsSchema } from "../../model/environment-settings.js";
import { baseOf, unchanged, type Observed, type Rollout } from "../../model/rollout.js";
import { specDigest } from "../../model/slot-spec.js";
import { Split } from "../../model/split.js";
import { recordDeclarations, type Declared } from "../support/platform-mocks.js";
import { observedOf, releaseOf, specOf } from "../support/specs.js";

const ENVIRONMENT = { variables: {}, secrets: [], size: 2 };

/** Declares an environment under mocks and returns what was declared. */
async function declare(kind: "staging" | "production", observed: Observed, version: string, rollout?: Rollout, database = false): Promise<Declared[]> {
  const declared = recordDeclarations(JSON.stringify(observed));
  const release = releaseOf(version, { database });
  const settings = environmentSettingsSchema.parse({ environment: kind, instances: 2 });
  const plan = planEnvironment({ release, environment: ENVIRONMENT, kind, observed, rollout });
  assert.ok(plan.ok, plan.ok ? "" : JSON.stringify(plan.refusals));
  await pulumi.runtime.runInPulumiStack(async () => {
    const environment = new Environment("shop", { environment: kind, release, services: plan.services, alarms: settings.alarms, notifications: [{ type: "file", path: "n.jsonl" }], window: settings.window, gates: settings.gates }, sandboxPlatform(kind, settings), () => undefined);
    return { rollout: environment.rollout, endpoints: environment.endpoints };
  });
  // Outputs settle before the last leaf is registered; the SDK's own end of a program waits for every one.
  await pulumi.runtime.disconnect();
  return declared;
}

function find(declared: readonly Declared[], type: string, name: string): Declared {
  const found = declared.find((each) => each.type === type && each.name === name);
  assert.ok(found, `${type} ${name} among ${declared.map((each) => `${each.type} ${each.name}`).join(", ")}`);
  return found;
}

describe("an environment", () => {
  it("always declares both slots, the split, the health check and three alarms, named by role", async () => {
    const declared = await declare("staging", {}, "1.0.0");
    assert.deepEqual(
      declared.filter(({ custom }) => custom).map(({ type, name }) => `${type.split(":")[2]} ${name}`).sort(),
      ["Alarm web-availability", "Alarm web-error-rate", "Alarm web-latency-p95", "Slot web-blue", "Slot web-green", "TrafficSplit web-split"],
    );
    for (const component of ["Environment", "BlueGreenService", "TrafficSplit", "HealthCheck", "Alarms", "Notifications"]) assert.ok(declared.some(({ type }) => type === `mission:index:${component}`), component);
  });

  it("gives the names of children independent of weights and of which slot is live", async () => {
    const names = (declared: readonly Declared[]) => declared.map(({ type, name }) => `${type} ${name}`).sort();
    const first = names(await declare("staging", {}, "1.0.0"));
    const later = names(await declare("staging", { web: observedOf(specOf("1.0.0"), specOf("1.1.0"), { live: "green", split: Split.all("green") }) }, "1.1.0"));
    assert.deepEqual(first, later);
  });

  it("puts everything a policy must judge into plain inputs of BlueGreenService", async () => {
    const { inputs } = find(await declare("production", { web: observedOf(specOf("1.0.0")) }, "1.1.0"), "mission:index:BlueGreenService", "web");
    assert.equal(inputs["transition"], "stage-dark");
    assert.equal(inputs["environment"], "production");
    assert.deepEqual((inputs["previous"] as { split: unknown }).split, { blue: 100, green: 0 });
    assert.equal((inputs["specs"] as { green: { version: string; digest: string } }).green.version, "1.1.0");
    assert.match((inputs["specs"] as { green: { digest: string } }).green.digest, /^sha256:/);
    assert.deepEqual(inputs["targets"], [{ type: "file", path: "n.jsonl" }]);
  });

  it("declares a slot that is in use with its recorded spec, whatever the configuration makes", async () => {
    const declared = await declare("production", { web: observedOf(specOf("1.0.0")) }, "1.1.0");
    assert.equal((find(declared, "sandbox:index:Slot", "web-blue").inputs["spec"] as { version: string }).version, "1.0.0");
    assert.equal((find(declared, "sandbox:index:Slot", "web-green").inputs["spec"] as { version: string }).version, "1.1.0");
  });

  it("changes weights only in a step of a shift", async () => {
    const now = observedOf(specOf("1.0.0"), specOf("1.1.0"));
    const same = unchanged(now);
    assert.ok(same);
    const rollout: Rollout = { web: { ...same, split: Split.weight("green", 10) } };
    const [before, after] = [await declare("production", { web: now }, "1.1.0"), await declare("production", { web: now }, "1.1.0", rollout)];
    const leaves = (declared: readonly Declared[], type: string) => declared.filter((each) => each.type === type).map(({ name, inputs }) => ({ name, inputs }));
    assert.deepEqual(leaves(after, "sandbox:index:Slot"), leaves(before, "sandbox:index:Slot"));
    assert.deepEqual(leaves(after, "sandbox:index:Alarm"), leaves(before, "sandbox:index:Alarm"));
    assert.deepEqual(find(after, "sandbox:index:TrafficSplit", "web-split").inputs["split"], { blue: 90, green: 10 });
  });

  it("declares a database only where a service asks for one", async () => {
    const has = (declared: readonly Declared[]) => declared.some(({ type }) => type === "sandbox:index:Database");
    assert.equal(has(await declare("staging", {}, "1.0.0")), false);
    assert.equal(has(await declare("staging", {}, "1.0.0", undefined, true)), true);
  });
});

describe("the plan of an environment", () => {
  const inputs = { release: releaseOf("1.1.0"), environment: ENVIRONMENT, kind: "production", observed: { web: observedOf(specOf("1.0.0"), specOf("1.1.0")) }, rollout: undefined } as const;
  const refusals = (plan: ReturnType<typeof planEnvironment>) => (plan.ok ? "" : plan.refusals.map(({ message }) => message).join(" "));

  it("refuses a rollout whose base no longer holds", () => {
    const now = inputs.observed.web;
    const same = unchanged(now);
    assert.ok(same);
    const rollout = { web: { ...same, base: baseOf({ ...now, generation: 0 }), split: Split.weight("green", 10) } };
    assert.match(refusals(planEnvironment({ ...inputs, rollout })), /no longer as it was when this rollout was decided/);
  });

  it("refuses a SlotSpec that neither the platform nor the configuration has", () => {
    const same = unchanged(inputs.observed.web);
    assert.ok(same);
    const rollout = { web: { ...same, slots: { ...same.slots, green: { spec: specDigest(specOf("9.9.9")), instances: 2 } } } };
    assert.match(refusals(planEnvironment({ ...inputs, rollout })), /the platform holds .* there and the configuration makes/);
  });

  it("refuses to let a service leave production by leaving the release", () => {
    const observed = { ...inputs.observed, worker: observedOf(specOf("1.0.0", { service: "worker" })) };
    assert.match(refusals(planEnvironment({ ...inputs, observed })), /mission retire/);
    assert.equal(planEnvironment({ ...inputs, observed, kind: "staging" }).ok, true);
  });
});
