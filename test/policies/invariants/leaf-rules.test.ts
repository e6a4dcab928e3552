import assert from "node:assert/strict";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { digestOf } from "../../../model/digest.js";
import { specDigest } from "../../../model/slot-spec.js";
import { leafAgrees } from "../../../policies/invariants/leaf-agrees.js";
import { protectedInProduction } from "../../../policies/invariants/protected-in-production.js";
import { trafficHasAService } from "../../../policies/invariants/traffic-has-a-service.js";
import { LEAF_TYPES, TASK_DEFINITION } from "../../../policies/leaf-types.js";
import { alarmLeaf, judge, NEW, OLD, openDefaults, service, slotLeaf, splitComponent, splitLeaf, state, urnOf, type Shown } from "./support.js";

/** What a fresh policy says of the last of some resources, which it sees in this order; of the others it says nothing. */
async function ofLast(make: () => ResourceValidationPolicy, ...shown: readonly Shown[]): Promise<string[]> {
  const policy = make();
  const said = [];
  for (const each of shown) said.push(await judge(policy, each));
  const last = said.pop() ?? [];
  assert.deepEqual(said.flat(), []);
  // What to do stands last, and is the same for every refusal.
  return last.length === 0 ? [] : (assert.equal(last.at(-1), policy.remediationSteps), last.slice(0, -1));
}

const TRAFFIC = ["live", "split", "returnTo", "base"];
const RECORDED = digestOf("the platform as it was when the leaf was written");

describe("traffic-has-a-service", () => {
  it("allows slots and splits below a service, however far", async () => {
    assert.deepEqual(await ofLast(trafficHasAService, service(), slotLeaf("blue")), []);
    assert.deepEqual(await ofLast(trafficHasAService, service(), splitComponent(), splitLeaf()), []);
  });

  it("leaves what carries no traffic alone", async () => {
    assert.deepEqual(await ofLast(trafficHasAService, { type: "sandbox:index:Database", name: "db", props: {} }), []);
    assert.deepEqual(await ofLast(trafficHasAService, { type: "aws:s3/bucket:Bucket", name: "b", props: {} }), []);
  });

  it("refuses a raw leaf, and one below something that only looks like a service", async () => {
    for (const parent of [undefined, urnOf({ type: "mission:index:Environment", name: "shop" }), urnOf({ type: "mission:index:BlueGreenService", name: "never-declared" })]) {
      const { parent: _parent, ...raw } = splitLeaf();
      assert.deepEqual(await ofLast(trafficHasAService, parent === undefined ? raw : { ...raw, parent }), [
        '"web-split" (sandbox:index:TrafficSplit) carries traffic, but there is no mission:index:BlueGreenService above it.',
      ]);
    }
  });

  it("refuses a leaf of a service that nobody could judge", async () => {
    assert.deepEqual(await ofLast(trafficHasAService, service({ wanted: 3 }), slotLeaf("green")), [
      '"web-green" (sandbox:index:Slot) carries traffic, but the inputs of the service above it are not understood.',
    ]);
  });
});

describe("leaf-agrees", () => {
  const allowed = async (...shown: readonly Shown[]) => assert.deepEqual(await ofLast(leafAgrees, service(), splitComponent(), ...shown), []);
  const refused = async (sentences: readonly string[], ...shown: readonly Shown[]) => assert.deepEqual(await ofLast(leafAgrees, service(), splitComponent(), ...shown), sentences);
  const split = '"web-split" (sandbox:index:TrafficSplit) of service "web":';
  const green = '"web-green" (sandbox:index:Slot) of service "web":';

  it("allows what the service says, again and again", () => allowed(slotLeaf("blue"), slotLeaf("green"), splitLeaf(), alarmLeaf(), splitLeaf()));

  it("refuses other weights and another live slot", async () => {
    await refused([`${split} its weights are blue 0 / green 100, those wanted are blue 90 / green 10.`], splitLeaf({ split: { blue: 0, green: 100 } }));
    await refused([`${split} its "live" is "green", "blue" is wanted.`], splitLeaf({ live: "green" }));
    await refused([`${split} its "returnTo" is "${digestOf("x")}", null is wanted.`], splitLeaf({ returnTo: digestOf("x") }));
  });

  it("refuses another SlotSpec and other instances", async () => {
    const swapped = { ...NEW, digest: digestOf("swapped") };
    await refused([`${green} it would hold SlotSpec ${specDigest(swapped).slice(7, 19)}, but SlotSpec ${specDigest(NEW).slice(7, 19)} is wanted in slot "green".`], slotLeaf("green", { spec: swapped }));
    await refused([`${green} its "instances" is 1, 2 is wanted.`], slotLeaf("green", { instances: 1 }));
    await refused([`${green} its "environment" is "production", "staging" is wanted.`], slotLeaf("green", { environment: "production" }));
    await refused([`${green} its slot is "red"; allowed is "blue" or "green".`], slotLeaf("green", { slot: "red" }));
  });

  it("refuses a leaf on the sandbox of another stack, of another service, and of another platform", async () => {
    await refused([`${split} its sandbox is "shop-production", the service's is "shop-staging".`], splitLeaf({ sandbox: "shop-production" }));
    await refused([`${split} its service is "api", the service's is "web".`], splitLeaf({ service: "api" }));
    assert.deepEqual(await ofLast(leafAgrees, service({ platform: "aws" }), splitComponent(), splitLeaf()), [`${split} its platform is "sandbox", the service's is "aws".`]);
  });

  it("allows what a keeping up shows of an older write, since nothing is written", async () => {
    await allowed(splitLeaf({ split: { blue: 50, green: 50 }, base: RECORDED }, { opts: { ignoreChanges: TRAFFIC } }));
    await allowed(slotLeaf("green", { spec: { ...OLD }, base: RECORDED }, { opts: { ignoreChanges: ["spec", "instances", "base"] } }));
  });

  it("refuses other weights that only claim to be recorded: with today's base the platform would accept them", async () => {
    await refused([`${split} its weights are blue 0 / green 100, those wanted are blue 90 / green 10.`], splitLeaf({ split: { blue: 0, green: 100 } }, { opts: { ignoreChanges: TRAFFIC } }));
    await refused(
      [`${split} its weights are blue 0 / green 100, those wanted are blue 90 / green 10.`, `${split} its "base" is "${RECORDED}", "${state(0).base}" is wanted.`],
      splitLeaf({ split: { blue: 0, green: 100 }, base: RECORDED }, { opts: { ignoreChanges: ["live", "base"] } }),
    );
    await refused(
      [`${split} its sandbox is "shop-production", the service's is "shop-staging".`, `${split} its "base" is "${RECORDED}", "${state(0).base}" is wanted.`],
      splitLeaf({ sandbox: "shop-production", base: RECORDED }, { opts: { ignoreChanges: [...TRAFFIC, "sandbox", "fixed"] } }),
    );
  });

  it("refuses a second split, a second slot and a second service", async () => {
    await refused([`${split.replace("web-split", "other")} it is declared twice; the other one is ${urnOf(splitLeaf())}.`], splitLeaf(), splitLeaf({}, { name: "other" }));
    await refused([`${green.replace("web-green", "other")} it is declared twice; the other one is ${urnOf(slotLeaf("green"))}.`], slotLeaf("green"), slotLeaf("green", {}, { name: "other" }));
    await refused([`Service "web" is declared twice; the other one is ${urnOf(service())}.`], { ...service(), name: "second" });
  });

  it("refuses an alarm with another limit, and one that tells others", async () => {
    const alarm = '"web-error-rate" (sandbox:index:Alarm) of service "web":';
    await refused([`${alarm} its "threshold" is 1, 0.05 is wanted.`], alarmLeaf({ threshold: 1 }));
    await refused([`${alarm} it tells others than the service's targets.`], alarmLeaf({ targets: [] }));
    await refused([`${alarm} its metric is "luck"; allowed are error-rate, latency-p95 and availability.`], alarmLeaf({ metric: "luck" }));
  });
});

describe("protected-in-production", () => {
  const policy = protectedInProduction(openDefaults);

  for (const type of Object.values(LEAF_TYPES).flatMap((roles) => Object.values(roles)).flat()) {
    it(`refuses an unprotected ${type} in production only`, async () => {
      const leaf = (stack: string, protect: boolean): Shown => ({ type, name: "x", props: {}, stack, opts: { protect } });
      assert.deepEqual(await judge(policy, leaf("shop-production", true)), []);
      assert.deepEqual(await judge(policy, leaf("shop-staging", false)), []);
      assert.deepEqual(await judge(policy, leaf("shop-production", false)), [`"x" (${type}) in production stack "shop-production" is not protected${type === TASK_DEFINITION ? "; allowed is skipDestroy as well" : ""}.`, policy.remediationSteps]);
      assert.deepEqual((await judge(policy, leaf("shop-staging-2", false))).length, 2, "what no pattern names is production");
    });
  }

  it("allows a task definition that stays in AWS when the engine replaces it, which it refuses for what is protected", async () => {
    const shown = (skipDestroy: unknown): Shown => ({ type: TASK_DEFINITION, name: "x", props: { skipDestroy }, stack: "shop-production" });
    assert.deepEqual(await judge(policy, shown(true)), []);
    for (const skipDestroy of [false, undefined, "true"]) assert.equal((await judge(policy, shown(skipDestroy))).length, 2);
  });

  it("leaves resources that serve nobody alone", async () => assert.deepEqual(await judge(policy, { type: "mission:index:Alarms", name: "x", props: {}, stack: "shop-production" }), []));
});
