import assert from "node:assert/strict";
import { CRITERIA } from "../../policies/criteria/index.js";
import { environmentOf } from "../../policies/environment-of.js";
import type { Rule } from "../../policies/rule.js";
import { goodPredicates, HOUR, judgedOf, refusals, type Setup } from "./support.js";

const NIGHT = new Date("2026-11-25T20:00:00.000Z");
const EXPIRED: Setup = { validMs: HOUR / 2 };
const CLOSED: Setup = { now: NIGHT };
const FROZEN: Setup = { standing: { freeze: { by: "Ada", at: "2026-11-25T08:00:00.000Z", reason: "Sales" } } };
const NOTHING: Setup = { predicates: Object.fromEntries(Object.keys(goodPredicates()).map((type) => [type, null])), gated: (gated) => ({ ...gated, gates: { mission: null, plan: null, evidence: [] } }) };

const rule = (name: string): Rule => {
  const found = CRITERIA.find((each) => each.name === name);
  assert.ok(found, name);
  return found;
};
const refusing = async (setup: Setup): Promise<string[]> => (await Promise.all(CRITERIA.map(async (each) => ((await refusals(each, setup)).length > 0 ? [each.name] : [])))).flat();

describe("what the pack lets through", () => {
  for (const asked of ["none", "lower", "finish", "restore", "retire"] as const) {
    it(`is "${asked}" without any evidence, after it expired, outside the window and in a freeze`, async () => {
      for (const environment of ["staging", "production"] as const) assert.deepEqual(await refusing({ ...NOTHING, ...EXPIRED, ...CLOSED, ...FROZEN, environment, asked }), []);
    });
  }

  it("is the second step of a shift after the window closed, the evidence expired and a freeze began", async () => {
    assert.deepEqual(await refusing({ ...EXPIRED, ...CLOSED, ...FROZEN, asked: "raise-on" }), []);
  });

  it("is no second step without its evidence, and none of a plan that is too old", async () => {
    const without = ["tests-passed", "artifact-built", "migrations-validated", "checklist-complete", "staging-verified", "rollback-ready", "strategy-planned", "approved"];
    assert.deepEqual(await refusing({ ...NOTHING, asked: "raise-on" }), without);
    assert.deepEqual(await refusing({ asked: "raise-on", now: new Date("2026-11-26T11:00:00.001Z") }), ["strategy-planned"]);
    assert.deepEqual(await refusing({ asked: "raise-on", now: new Date("2026-11-26T11:00:00.000Z") }), []);
  });

  it("is no first raise with any of these", async () => {
    const evidence = ["tests-passed", "artifact-built", "migrations-validated", "checklist-complete", "staging-verified", "rollback-ready", "strategy-planned", "approved"];
    assert.deepEqual(await refusing({ ...EXPIRED, asked: "raise" }), evidence);
    assert.deepEqual(await refusing({ ...EXPIRED, asked: "bootstrap" }), evidence.filter((name) => name !== "rollback-ready"));
    assert.deepEqual(await refusing({ ...CLOSED, asked: "raise" }), ["window-open"]);
    assert.deepEqual(await refusing({ ...FROZEN, asked: "raise" }), ["window-open"]);
    const [said] = await refusals(rule("tests-passed"), EXPIRED);
    assert.equal(said, 'Service "web": Evidence "X" expired at 2026-11-25T11:30:00.000Z; it is 2026-11-25T12:00:00.000Z. Run the gate again that made it.');
  });

  it("is a dark release in staging by its five criteria, and no more", async () => {
    assert.deepEqual(await refusing({ ...NOTHING, ...FROZEN, ...CLOSED, environment: "staging", asked: "stage-dark" }), ["tests-passed", "artifact-built", "migrations-validated"]);
    assert.deepEqual(await refusing({ ...NOTHING, ...FROZEN, ...CLOSED, environment: "production", asked: "stage-dark" }), ["tests-passed", "artifact-built", "migrations-validated"]);
  });

  it("denies when the store cannot say what stands on the stack", async () => {
        const judged = judgedOf();
    await assert.rejects(async () => rule("window-open").check({ ...judged, context: { ...judged.context, standing: () => Promise.reject(new Error("no store")) } }), /no store/);
  });
});

describe("the environment of a stack", () => {
  it("is staging where one of the pack's patterns fits the whole name, else production", () => {
    const staging = ["staging", "*-staging", "qa.*"];
    for (const stack of ["staging", "shop-staging", "-staging", "qa.1"]) assert.equal(environmentOf(stack, { staging }), "staging", stack);
    for (const stack of ["production", "shop", "shop-staging-2", "stagingx", "xstaging", "qax1", "Staging", "shop-staging\nproduction"]) assert.equal(environmentOf(stack, { staging }), "production", stack);
    assert.equal(environmentOf("staging", { staging: [] }), "production");
  });

  it("decides what is judged, whatever the program says", async () => {
    assert.deepEqual(await refusing({ ...NOTHING, gated: (gated) => ({ ...gated, environment: "staging", gates: { mission: null, plan: null, evidence: [] } }) }), await refusing(NOTHING));
  });
});
