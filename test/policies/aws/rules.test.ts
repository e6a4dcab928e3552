import assert from "node:assert/strict";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { allowedRegistries } from "../../../policies/aws/allowed-registries.js";
import { awsPolicies } from "../../../policies/aws/index.js";
import { packPolicies } from "../../../policies/pack.js";
import { judge, openDefaults, type Shown } from "../invariants/support.js";
import { CASES } from "./cases.js";
import { changedContainer, inPreview, NEW, taskDefinition } from "./support.js";

const POLICIES = awsPolicies(openDefaults);

describe("the policies on resources of AWS", () => {
  it("all have cases here, and are part of the pack", () => {
    assert.deepEqual(Object.keys(CASES).toSorted(), POLICIES.map(({ name }) => name).toSorted());
    const pack = packPolicies(openDefaults).map(({ name }) => name);
    for (const { name } of POLICIES) assert.ok(pack.includes(name), name);
  });

  for (const policy of POLICIES) {
    const { allows = [], unseen = [], refuses = [] } = CASES[policy.name] ?? {};

    it(`${policy.name}: allows what is in order`, async () => {
      assert.ok(allows.length > 0);
      for (const shown of allows) assert.deepEqual(await judge(policy, shown), [], JSON.stringify(shown.props));
    });

    it(`${policy.name}: does not make a preview fail by what is not known yet`, async () => {
      for (const shown of unseen) assert.deepEqual(await judge(policy, inPreview(shown)), [], JSON.stringify(shown.props));
    });

    it(`${policy.name}: refuses what is not, with every reason and what to do, in a preview as well`, async () => {
      assert.ok(refuses.length > 0);
      for (const [shown, sentences] of refuses) {
        for (const each of [shown, inPreview(shown)]) assert.deepEqual(await judge(policy, each), [...sentences.map((sentence) => `"${shown.name}" (${shown.type})${sentence}`), policy.remediationSteps]);
      }
    });

    it(`${policy.name}: reads nothing of other resources`, async () => {
      const others: readonly Shown[] = [{ type: "sandbox:index:Slot", name: "x", props: untouched() }, { type: "aws:s3/bucket:Bucket", name: "x", props: untouched() }, { type: "mission:index:Environment", name: "x", props: untouched() }];
      for (const shown of others) assert.deepEqual(await judge(policy as ResourceValidationPolicy, shown), []);
    });
  }
});

describe("the registries that a pack names", () => {
  const context = (...registries: string[]) => allowedRegistries(() => ({ config: { ...openDefaults().config, registries } }));
  const image = (repository: string) => taskDefinition("green", { containerDefinitions: changedContainer("green", { image: `${repository}@${NEW.digest}` }) });
  const isAllowed = async (repository: string, ...registries: string[]) => (await judge(context(...registries), image(repository))).length === 0;

  it("are whole registries, and paths of one", async () => {
    for (const [repository, registry] of [["ghcr.io/acme/shop", "ghcr.io"], ["ghcr.io/acme/shop", "ghcr.io/acme"], ["ghcr.io/acme/team/shop", "ghcr.io/*/team"], ["registry.internal:5000/shop", "registry.internal:5000"]] as const) assert.ok(await isAllowed(repository, registry), registry);
    for (const [repository, registry] of [["ghcr.io/acme-evil/shop", "ghcr.io/acme"], ["ghcr.io.evil.example/acme/shop", "ghcr.io"], ["ghcrxio/shop", "ghcr.io"], ["evil/ghcr.io/acme/shop", "*.io/acme"], ["ghcr.io/acme", "ghcr.io/acme"]] as const) assert.ok(!(await isAllowed(repository, registry)), registry);
  });

  it("may be none", async () => {
    assert.deepEqual(await judge(context(), image("ghcr.io/acme/shop")), [`"web-green" (aws:ecs/taskDefinition:TaskDefinition): image "ghcr.io/acme/shop@${NEW.digest}" comes from a registry that is not allowed; allowed is none.`, context().remediationSteps]);
  });
});

/** Inputs that fail the test as soon as one of them is read. */
function untouched(): Record<string, unknown> {
  return new Proxy({}, { get: () => assert.fail("an input is read") });
}
