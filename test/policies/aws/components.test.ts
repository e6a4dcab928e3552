import assert from "node:assert/strict";
import { unknownCheckingProxy, type ResourceValidationPolicy } from "@pulumi/policy";
import * as pulumi from "@pulumi/pulumi";
import { targetGroupName } from "../../../aws/names.js";
import { awsPlatform } from "../../../components/aws/index.js";
import { Environment } from "../../../components/environment.js";
import { planEnvironment } from "../../../model/environment-plan.js";
import { environmentSettingsSchema } from "../../../model/environment-settings.js";
import { unchanged, type Observed, type Rollout } from "../../../model/rollout.js";
import { secretReference } from "../../../model/slot-spec.js";
import { Split } from "../../../model/split.js";
import { awsPolicies } from "../../../policies/aws/index.js";
import { leafAgrees } from "../../../policies/invariants/leaf-agrees.js";
import { protectedInProduction } from "../../../policies/invariants/protected-in-production.js";
import { trafficHasAService } from "../../../policies/invariants/traffic-has-a-service.js";
import { observedOf, releaseOf, specOf } from "../../support/specs.js";
import { judge, openDefaults, urnOf, type Shown } from "../invariants/support.js";
import { IMAGE, UNSEEN } from "./support.js";

const SECRET = secretReference("API_KEY", "hunter2", "k".repeat(32));
const ENVIRONMENT = { variables: { REGION: "eu-1" }, secrets: [SECRET], size: 2 };
const own = { image: IMAGE, variables: { REGION: "eu-1" }, secrets: [SECRET] };
const [OLD, NEW] = [specOf("1.0.0", own), specOf("1.1.0", own)];
const DOMAIN = { name: "shop.example.com", zone: "Z0123456789ABCDEFGHIJ" };

/** What a run of the program is to do. */
interface Run {
  readonly kind: "staging" | "production";
  readonly observed: Observed;
  readonly version: string;
  readonly rollout?: Rollout;
  /** Whether what AWS names itself is not known yet. */
  readonly preview?: boolean;
  readonly aws?: Readonly<Record<string, unknown>>;
}

/** Declares an environment on AWS by the real components, and returns every resource as CrossGuard would show it, in the order of its registration. */
async function declare({ kind, observed, version, rollout, preview = false, aws = { domain: DOMAIN } }: Run): Promise<Shown[]> {
  const stack = `shop-${kind}`;
  const shown: Shown[] = [];
  const opts = new Map<string, Pick<Shown, "parent" | "opts">>();
  const urns = new Map<pulumi.Resource, string>();
  void pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        const props = (preview ? withUnseen(inputs) : inputs) as Record<string, unknown>;
        shown.push({ type, name, stack, props, ...opts.get(`${type} ${name}`) });
        return { id: `${name}-id`, state: { ...(inputs as object), ...outputs(type, name, inputs as Record<string, unknown>, stack, preview) } };
      },
      call: ({ token }) => assert.fail(`The program calls "${token}".`),
    },
    "mission-deploy",
    stack,
    preview,
    "organization",
  );
  const release = releaseOf(version, { image: IMAGE, variables: { REGION: null }, secrets: ["API_KEY"] });
  const settings = environmentSettingsSchema.parse({ environment: kind, platform: "aws", instances: 2, release, aws: { region: "eu-central-1", ...aws } });
  const plan = planEnvironment({ release, environment: ENVIRONMENT, kind, observed, rollout });
  assert.ok(plan.ok, plan.ok ? "" : JSON.stringify(plan.refusals));
  const { aws: own } = settings;
  assert.ok(own !== undefined);
  await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation(({ resource, type, name, opts: given }) => {
      urns.set(resource, urnOf({ type, name, stack }));
      const { parent, protect = false, ignoreChanges = [] } = given as pulumi.CustomResourceOptions;
      opts.set(`${type} ${name}`, { ...(parent === undefined ? {} : { parent: urns.get(parent) ?? urnOf({ type: "pulumi:pulumi:Stack", name: stack, stack }) }), opts: { protect, ignoreChanges } });
      return undefined;
    });
    const platform = awsPlatform(stack, settings, own, async () => ({ services: observed, generations: { web: 3 } }));
    await platform.observe();
    new Environment("shop", { environment: kind, release, services: plan.services, alarms: settings.alarms, notifications: [{ type: "file", path: "n.jsonl" }], window: settings.window, gates: settings.gates }, platform, () => pulumi.secret("hunter2"));
    return {};
  });
  await pulumi.runtime.disconnect();
  return shown;
}

/** What AWS says of a resource that was made. */
function outputs(type: string, name: string, inputs: Readonly<Record<string, unknown>>, stack: string, preview: boolean): Record<string, unknown> {
  if (preview) return {};
  const slot = name.includes("green") ? "green" : "blue";
  const arns: Readonly<Record<string, string>> = {
    "aws:lb/targetGroup:TargetGroup": `arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/${targetGroupName(stack, "web", slot)}/0123456789abcdef`,
    "aws:ecs/taskDefinition:TaskDefinition": `arn:aws:ecs:eu-central-1:123456789012:task-definition/${String(inputs["family"])}:7`,
  };
  const arn = arns[type] ?? `arn:aws:x:eu-central-1:123456789012:${type.split(":")[2] ?? ""}/${name}`;
  return { arn, arnSuffix: arn.split(":").pop(), versionId: "v1", dnsName: "x.elb.amazonaws.com", zoneId: "Z1", domainValidationOptions: [{ resourceRecordName: "a", resourceRecordType: "CNAME", resourceRecordValue: "b" }], bucket: inputs["bucket"] ?? name, fqdn: "a", certificateArn: "arn:aws:acm:eu-central-1:1:certificate/1" };
}

/** The SDK's mocks leave out what is not known; the engine shows its mark instead. */
function withUnseen(inputs: unknown): unknown {
  return JSON.parse(JSON.stringify(inputs, (_key, value: unknown) => (pulumi.isUnknown(value) ? UNSEEN : value))) as unknown;
}

/** Every sentence of every policy on resources, on all that is declared. */
async function saidOf(shown: readonly Shown[], preview = false): Promise<string[]> {
  const policies: ResourceValidationPolicy[] = [trafficHasAService(), leafAgrees(), protectedInProduction(openDefaults), ...awsPolicies(openDefaults)];
  const said: string[] = [];
  for (const each of shown) for (const policy of policies) said.push(...(await judge(policy, preview ? { ...each, props: unknownCheckingProxy(each.props) as Record<string, unknown> } : each)));
  return said;
}

const observed = { web: observedOf(OLD, NEW) };
const recorded = unchanged(observed.web);
assert.ok(recorded !== undefined);
const rollout: Rollout = { web: { ...recorded, split: Split.weight("green", 10) } };
const RUNS: Readonly<Record<string, Run>> = {
  "the first deployment": { kind: "production", observed: {}, version: "1.0.0" },
  "the first deployment of a staging without a domain": { kind: "staging", observed: {}, version: "1.0.0", aws: {} },
  "a new release in the free slot": { kind: "production", observed: { web: observedOf(OLD) }, version: "1.1.0" },
  "more traffic for a candidate": { kind: "production", observed, version: "1.1.0", rollout },
  "a keeping up": { kind: "production", observed, version: "1.1.0" },
};

describe("what the components declare on AWS", () => {
  for (const [what, run] of Object.entries(RUNS)) {
    it(`is allowed by every policy: ${what}`, async () => {
      const shown = await declare(run);
      for (const type of ["aws:ecs/taskDefinition:TaskDefinition", "aws:ecs/service:Service", "aws:lb/listenerRule:ListenerRule", "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:iam/rolePolicy:RolePolicy"]) assert.ok(shown.some((each) => each.type === type), type);
      assert.deepEqual(await saidOf(shown), []);
    });

    it(`is allowed by every policy in a preview, where AWS has named nothing yet: ${what}`, async () => {
      const shown = await declare({ ...run, preview: true });
      assert.ok(JSON.stringify(shown).includes(UNSEEN));
      assert.deepEqual(await saidOf(shown, true), []);
    });
  }

  it("is refused in production without a domain", async () => {
    assert.deepEqual((await saidOf(await declare({ kind: "production", observed: {}, version: "1.0.0", aws: {} }))).slice(0, -1), [
      '"shop-users" (aws:lb/listener:Listener) in production stack "shop-production" serves users by "HTTP" on port 80; allowed are HTTPS, and HTTP that only redirects to it.',
    ]);
  });
});
