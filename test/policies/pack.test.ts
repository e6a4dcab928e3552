import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { UnknownValueError, unknownCheckingProxy } from "@pulumi/policy";
import { CRITERIA } from "../../policies/criteria/index.js";
import { INVARIANTS } from "../../policies/invariants/index.js";
import { packPolicies } from "../../policies/pack.js";
import { policyOf } from "../../policies/policy-of.js";
import { readConfig } from "../../policies/read-config.js";
import type { Rule } from "../../policies/rule.js";
import { projectRoot } from "../../runner/engine/engine-environment.js";
import { judge, openDefaults, service, serviceInputs } from "./invariants/support.js";

/** What the engine sends in the place of a text and of a number that are not known yet. */
const unknownStringValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const unknownNumberValue = "3eeb2bf0-c639-47a8-9e75-3b44932eb421";

const POLICIES = packPolicies(openDefaults) as ResourceValidationPolicy[];
/** Policies on services, not on leaves. */
const ON_SERVICES = POLICIES.filter(({ name }) => !["traffic-has-a-service", "leaf-agrees", "protected-in-production"].includes(name) && !name.startsWith("aws-"));

describe("the policy pack", () => {
  it("holds every rule, and nothing twice", () => {
    const names = POLICIES.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const { name } of [...INVARIANTS, ...CRITERIA]) assert.ok(names.includes(name), name);
  });

  for (const policy of POLICIES) {
    it(`${policy.name} is mandatory, has a severity, says what to do and has a page`, () => {
      assert.equal(policy.enforcementLevel, "mandatory");
      assert.match(policy.severity ?? "", /^(medium|high|critical)$/);
      assert.match(policy.name, /^[a-z]+(-[a-z0-9]+)*$/);
      for (const sentence of [policy.description, policy.remediationSteps ?? ""]) assert.match(sentence, /^[A-Z].*\.$/s);
      assert.equal(policy.url, `docs/policies/${policy.name}.md`);
      if (!CRITERIA.some(({ name }) => name === policy.name)) assert.ok(existsSync(join(projectRoot(), policy.url ?? "")), policy.url);
    });
  }

  it("lets its numbers be made stricter, never laxer", () => {
    for (const { name, configSchema } of POLICIES) {
      for (const [setting, { type, minimum, maximum, default: standard }] of Object.entries(configSchema?.properties ?? {})) {
        assert.equal(type, "number", `${name}.${setting}`);
        assert.ok(standard === minimum || standard === maximum, `${name}.${setting}: its default is the laxest that is allowed`);
      }
    }
  });

  it("reads the configuration that it comes with", () => {
    const read = readConfig(readFileSync(join(projectRoot(), "policies", "pack.yaml"), "utf8"), "policies/pack.yaml");
    assert.ok(read.ok, read.ok ? "" : read.mistakes.join(" "));
    assert.deepEqual([read.config.staging, read.config.trust], [["staging", "*-staging"], []]);
  });

  it("has a version, and runs what the build makes", () => {
    const { version, main, type } = JSON.parse(readFileSync(join(projectRoot(), "policies", "package.json"), "utf8")) as { version: string; main: string; type?: string };
    assert.match(version, /^\d+\.\d+\.\d+$/);
    assert.equal(type, undefined, "a pack is CommonJS");
    assert.ok(existsSync(join(projectRoot(), "policies", main)));
  });
});

describe("a policy that cannot judge", () => {
  const props = (change: Readonly<Record<string, unknown>>) => ({ ...service(), props: unknownCheckingProxy(serviceInputs(change)) as Record<string, unknown> });
  const said = async (name: string, shown: ReturnType<typeof service>) => judge(POLICIES.find((policy) => policy.name === name) ?? assert.fail(name), shown);

  it("is given values by the SDK that it may not touch", () => {
    assert.throws(() => (props({ version: unknownStringValue }).props as { version: string }).version, UnknownValueError);
  });

  it("denies unknown values, wherever they are, and names each of them once", async () => {
    const unknown = props({ version: unknownStringValue, wanted: { ...(serviceInputs()["wanted"] as object), split: { blue: unknownNumberValue, green: 10 } } });
    assert.deepEqual((await said("inputs-understood", unknown)).slice(0, -1), [
      'Service "web": input "version" is not known before the update, so it cannot be judged; allowed are plain values only.',
      'Service "web": input "wanted.split.blue" is not known before the update, so it cannot be judged; allowed are plain values only.',
    ]);
    for (const { name } of ON_SERVICES.slice(1)) assert.deepEqual(await said(name, unknown), ['Service "web" cannot be judged: not all of its inputs are understood; policy "inputs-understood" names them.'], name);
  });

  it("denies inputs that are missing or not understood, and shows no value", async () => {
    const strange = props({ version: undefined, alarms: { errorRate: "5%", availability: "50%", window: "1m" }, commit: "hunter2" });
    const sentences = await said("inputs-understood", strange);
    assert.deepEqual(sentences.slice(0, -1), [
      'Service "web": input "version" is missing.',
      'Service "web": input "commit" is not understood: allowed is a full git commit, with -dirty when the tree was.',
      'Service "web": input "alarms.latencyP95" is missing.',
    ]);
    for (const { name } of ON_SERVICES.slice(1)) assert.equal((await said(name, strange)).length, 1, name);
  });

  const broken = (check: Rule["check"]): Rule => ({ name: "broken", description: "Is broken.", severity: "high", remediation: "Mend it.", check });

  it("denies what a rule throws, and what a promise of one rejects with", async () => {
    const policies = [broken(() => { throw new Error("the roof is gone."); }), broken(() => Promise.reject(new Error("the roof is gone.")))];
    for (const rule of policies) assert.deepEqual(await judge(policyOf(rule, openDefaults), service()), ['Service "web" cannot be judged by "broken": the roof is gone.']);
  });

  it("denies when its own context cannot be opened", async () => {
    const policy = policyOf(broken(() => []), () => { throw new Error("no configuration."); });
    assert.deepEqual(await judge(policy, service()), ['Service "web" cannot be judged by "broken": no configuration.']);
  });

  it("denies settings that the schema would not allow", async () => {
    assert.deepEqual(await said("instances", { ...service(), config: { productionAtLeast: 1 } }), ['Service "web" cannot be judged by "instances": its setting "productionAtLeast" is 1; allowed is a number from 2 to 1000.']);
  });
});
