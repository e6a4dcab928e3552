import assert from "node:assert/strict";
import { INVARIANTS } from "../../../policies/invariants/index.js";
import { pageOf, policyOf } from "../../../policies/policy-of.js";
import { CASES } from "./cases.js";
import { judge, openDefaults, service } from "./support.js";

describe("the invariants of a service", () => {
  it("all have cases here", () => assert.deepEqual(Object.keys(CASES), INVARIANTS.map(({ name }) => name)));

  for (const rule of INVARIANTS) {
    const policy = policyOf(rule, openDefaults);

    it(`${rule.name}: allows what is in order`, async () => {
      for (const shown of [service(), ...(CASES[rule.name]?.allows ?? [])]) assert.deepEqual(await judge(policy, shown), []);
    });

    it(`${rule.name}: refuses what is not, with every reason and what to do`, async () => {
      for (const [shown, sentences] of CASES[rule.name]?.refuses ?? []) assert.deepEqual(await judge(policy, shown), [...sentences, rule.remediation]);
    });

    it(`${rule.name}: looks at nothing but services, and says where its page is`, async () => {
      assert.deepEqual(await judge(policy, { ...service(), type: "mission:index:HealthCheck", props: {} }), []);
      assert.equal(policy.url, pageOf(rule.name));
      assert.equal(policy.remediationSteps, rule.remediation);
    });
  }
});
