import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { DescribeAlarmsCommand, CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient } from "@aws-sdk/client-ecs";
import { DescribeListenersCommand, DescribeLoadBalancersCommand, DescribeRulesCommand, DescribeTagsCommand, DescribeTargetGroupsCommand, ElasticLoadBalancingV2Client, ModifyRuleCommand, type Rule } from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetTopicAttributesCommand, ListSubscriptionsByTopicCommand, ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { awsSettingsSchema } from "../../model/aws-settings.js";
import { baseOf } from "../../model/rollout.js";
import { Split } from "../../model/split.js";
import { awsAdapter } from "../../runner/platforms/aws.js";
import { hostedZone } from "../support/aws/account.js";
import { DataPlane } from "../support/aws/data-plane.js";
import { Front } from "../support/aws/front.js";
import { motoMissing, pluginMissing, startMoto, type Moto } from "../support/aws/moto.js";
import { awsApp, awsStack, imageDigest, REPOSITORY } from "../support/aws-app.js";
import { MissionProject, type Finished } from "../support/mission-project.js";
import { skip } from "../support/skip.js";

/** A day on one stack of AWS, through the engine and its provider; each test goes on where the one before ended. */
describe("an application on AWS, by real ups against an emulator", function () {
  this.timeout(420_000);
  const stack = "parcel-production";
  let project: MissionProject;
  let codebase = "";
  let moto: Moto;
  let front: Front;
  let plane: DataPlane;
  let settings: Record<string, unknown>;
  let ecs: ECSClient;
  let balancing: ElasticLoadBalancingV2Client;
  let watch: CloudWatchClient;
  let topics: SNSClient;

  before(async function () {
    const missing = pluginMissing() ?? (await motoMissing());
    if (missing !== undefined) skip(this, missing);
    moto = await startMoto();
    front = await Front.start(moto.endpoint);
    plane = await DataPlane.start(stack, front, moto.endpoint, { domain: { name: "parcel.example.com", zone: "Z1" } });
    project = MissionProject.create();
    codebase = awsApp("parcel");
    settings = {
      owner: "team-parcel",
      domain: { name: "parcel.example.com", zone: await hostedZone(moto.endpoint, "example.com") },
      secrets: {},
      emulator: { endpoint: front.endpoint, period: "1s", ...plane.addresses },
    };
    awsStack(project, stack, settings);
    awsStack(project, "parcel-staging", settings);
    const client = { region: "eu-central-1", endpoint: moto.endpoint, credentials: { accessKeyId: "emulator", secretAccessKey: "emulator" } };
    [ecs, balancing, watch, topics] = [new ECSClient(client), new ElasticLoadBalancingV2Client(client), new CloudWatchClient(client), new SNSClient(client)];
  });

  after(async () => {
    if (project === undefined) return;
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
    await plane.close();
    await front.close();
    await moto.stop();
  });

  const release = (version: string) => project.must("release", codebase, "--version", version, "--stack", stack);
  const must = (finished: Finished) => {
    assert.equal(finished.code, 0, finished.all);
    return finished;
  };
  const rollout = (...args: string[]) => project.must("rollout", ...args);

  /** What users' requests meet, as the emulator holds it. */
  const usersRule = async (): Promise<{ rule: Rule; weights: Record<string, number>; tags: Record<string, string> }> => {
    const [balancer] = (await balancing.send(new DescribeLoadBalancersCommand({ Names: [stack] }))).LoadBalancers ?? [];
    const listener = ((await balancing.send(new DescribeListenersCommand({ LoadBalancerArn: balancer?.LoadBalancerArn }))).Listeners ?? []).find(({ Port }) => Port === 443);
    const rule = ((await balancing.send(new DescribeRulesCommand({ ListenerArn: listener?.ListenerArn }))).Rules ?? []).find(({ IsDefault }) => IsDefault !== true);
    assert.ok(rule?.RuleArn);
    const tags = (await balancing.send(new DescribeTagsCommand({ ResourceArns: [rule.RuleArn] }))).TagDescriptions?.[0]?.Tags ?? [];
    const groups = rule.Actions?.[0]?.ForwardConfig?.TargetGroups ?? [];
    return {
      rule,
      weights: Object.fromEntries(groups.map(({ TargetGroupArn = "", Weight = -1 }) => [TargetGroupArn.split("/")[1]?.split("-").pop() ?? "", Weight])),
      tags: Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key, Value])),
    };
  };
  const running = async (slot: "blue" | "green") => {
    const [service] = (await ecs.send(new DescribeServicesCommand({ cluster: stack, services: [`${stack}-web-${slot}`], include: ["TAGS"] }))).services ?? [];
    if (service === undefined || service.status === "INACTIVE") return null;
    const definition = (await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: service.taskDefinition, include: ["TAGS"] }))).taskDefinition;
    return { service, definition, image: definition?.containerDefinitions?.[0]?.image };
  };
  /** Runs something that may change no task definition and no service of a slot in use. */
  const leaves = async (slot: "blue" | "green", act: () => Promise<unknown>) => {
    const look = async () => {
      const { service } = (await running(slot)) ?? {};
      return [service?.taskDefinition, service?.desiredCount, service?.deployments?.length];
    };
    const before = await look();
    await act();
    assert.deepEqual(await look(), before, `slot ${slot} serves and was touched`);
  };

  it("deploys a first release: live in blue by the image's digest, all weight there, green empty", async () => {
    await release("1.0.0");
    must(await project.up(stack));
    const { weights, tags } = await usersRule();
    assert.deepEqual(weights, { blue: 100, green: 0 });
    assert.deepEqual([tags["mission:live"], tags["mission:return-to"], tags["mission:service"], tags["application"], tags["owner"], tags["environment"]], ["blue", "-", "web", "parcel", "team-parcel", "production"]);
    const blue = await running("blue");
    assert.deepEqual([blue?.image, blue?.service.desiredCount], [`${REPOSITORY}@${imageDigest("1.0.0")}`, 2]);
    assert.equal(blue?.service.networkConfiguration?.awsvpcConfiguration?.assignPublicIp, "DISABLED");
    // The emulator takes it and does not tell it again.
    const made = front.calls.find(({ action }) => action === "CreateService")?.json?.["deploymentConfiguration"];
    assert.deepEqual((made as { deploymentCircuitBreaker?: unknown } | undefined)?.deploymentCircuitBreaker, { enable: true, rollback: true });
    assert.equal(await running("green"), null);
    const groups = (await balancing.send(new DescribeTargetGroupsCommand({}))).TargetGroups ?? [];
    assert.deepEqual(groups.map(({ TargetGroupName }) => TargetGroupName).sort(), [`${stack}-web-blue`, `${stack}-web-green`]);
  });

  it("has TLS, a certificate that is valid, a way from http to https, and test routes", async () => {
    const [balancer] = (await balancing.send(new DescribeLoadBalancersCommand({ Names: [stack] }))).LoadBalancers ?? [];
    const listeners = (await balancing.send(new DescribeListenersCommand({ LoadBalancerArn: balancer?.LoadBalancerArn }))).Listeners ?? [];
    assert.deepEqual(listeners.map(({ Port, Protocol }) => `${Port} ${Protocol}`).sort(), ["443 HTTPS", "80 HTTP", "8081 HTTP", "8082 HTTP"]);
    const secure = listeners.find(({ Port }) => Port === 443);
    assert.match(secure?.SslPolicy ?? "", /TLS13-1-2/);
    assert.match(secure?.Certificates?.[0]?.CertificateArn ?? "", /:acm:/);
    assert.equal(listeners.find(({ Port }) => Port === 80)?.DefaultActions?.[0]?.RedirectConfig?.Protocol, "HTTPS");
  });

  it("has alarms of each slot that tell a topic with its subscribers, and one for all", async () => {
    const alarms = (await watch.send(new DescribeAlarmsCommand({}))).MetricAlarms ?? [];
    assert.equal(alarms.length, 6);
    const topic = (await topics.send(new ListTopicsCommand({}))).Topics?.[0]?.TopicArn ?? "";
    assert.ok((await topics.send(new GetTopicAttributesCommand({ TopicArn: topic }))).Attributes);
    for (const alarm of alarms) assert.deepEqual([alarm.AlarmActions, alarm.TreatMissingData], [[topic], "missing"], alarm.AlarmName);
    assert.deepEqual((await topics.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }))).Subscriptions?.map(({ Protocol, Endpoint }) => `${Protocol} ${Endpoint}`), ["email oncall@example.com"]);
    assert.deepEqual([...front.compositeAlarms.all.keys()], [`${stack}-web-rollback`]);
  });

  it("has nothing to do when nothing has changed", async () => {
    must(await project.up(stack));
    const { all } = must(await project.up(stack));
    assert.match(all, /\d+ unchanged/);
    assert.doesNotMatch(all, /\d+ (created|updated|deleted|replaced)/);
  });

  it("makes a candidate dark in green, and touches nothing of what serves", async () => {
    await release("1.1.0");
    await leaves("blue", async () => must(await project.up(stack)));
    assert.deepEqual((await usersRule()).weights, { blue: 100, green: 0 });
    assert.equal((await running("green"))?.image, `${REPOSITORY}@${imageDigest("1.1.0")}`);
    const { stdout } = await project.must("rollout", "show", stack);
    assert.match(stdout, /green\s+dark\s+0 %\s+1\.1\.0\s+2 of 2 ready/);
  });

  for (const weight of [10, 50, 100]) {
    it(`gives the candidate ${weight} %`, async () => {
      await leaves("blue", () => leaves("green", () => rollout("set", stack, String(weight))));
      const { weights, tags } = await usersRule();
      assert.deepEqual([weights, tags["mission:live"]], [{ blue: 100 - weight, green: weight }, "blue"]);
    });
  }

  it("takes all traffic back", async () => {
    await leaves("blue", () => leaves("green", () => rollout("set", stack, "0")));
    const { weights, tags } = await usersRule();
    assert.deepEqual([weights, tags["mission:live"]], [{ blue: 100, green: 0 }, "blue"]);
  });

  it("gives a weight that the engine remembers and another writer has changed", async () => {
    await rollout("set", stack, "10");
    const { rule } = await usersRule();
    const [action] = rule.Actions ?? [];
    const groups = (action?.ForwardConfig?.TargetGroups ?? []).map((group) => ({ ...group, Weight: group.TargetGroupArn?.includes("-green") === true ? 40 : 60 }));
    await balancing.send(new ModifyRuleCommand({ RuleArn: rule.RuleArn, Actions: [{ Type: "forward", ForwardConfig: { TargetGroups: groups } }] }));
    assert.deepEqual((await usersRule()).weights, { blue: 60, green: 40 });
    plane.stale = true;
    await leaves("blue", () => leaves("green", () => rollout("set", stack, "10")));
    assert.deepEqual((await usersRule()).weights, { blue: 90, green: 10 });
  });

  it("keeps what an emergency flip has done, whatever the engine remembers", async () => {
    const adapter = awsAdapter(stack, awsSettingsSchema.parse({ region: "eu-central-1", ...settings }));
    const before = (await adapter.describe())["web"];
    assert.ok(before);
    await adapter.setSplit("web", { live: "blue", split: Split.all("blue") }, baseOf(before));
    assert.deepEqual((await usersRule()).weights, { blue: 100, green: 0 });
    await leaves("blue", async () => must(await project.up(stack)));
    assert.deepEqual((await usersRule()).weights, { blue: 100, green: 0 });
    const { tags } = await usersRule();
    await rollout("set", stack, "100");
    assert.ok(Number((await usersRule()).tags["mission:generation"]) > Number(tags["mission:generation"]), "each write has a greater generation than the one before, whoever made it");
  });

  it("makes the candidate live, stops what was live before, and lets the next candidate in there", async () => {
    await rollout("finish", stack);
    const { weights, tags } = await usersRule();
    assert.deepEqual([weights, tags["mission:live"]], [{ blue: 0, green: 100 }, "green"]);
    await leaves("green", () => rollout("retire", stack));
    assert.deepEqual([(await running("blue"))?.service.desiredCount, (await running("blue"))?.image], [0, `${REPOSITORY}@${imageDigest("1.0.0")}`]);
    await release("1.2.0");
    await leaves("green", async () => must(await project.up(stack)));
    assert.deepEqual([(await running("blue"))?.service.desiredCount, (await running("blue"))?.image], [2, `${REPOSITORY}@${imageDigest("1.2.0")}`]);
    assert.deepEqual((await usersRule()).weights, { blue: 0, green: 100 });
  });
});
