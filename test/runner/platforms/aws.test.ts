import assert from "node:assert/strict";
import { SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { DeleteServiceCommand, DescribeServicesCommand, RegisterTaskDefinitionCommand, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { AddTagsCommand, CreateRuleCommand, CreateTargetGroupCommand, ModifyRuleCommand, RemoveTagsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { AwsError } from "../../../aws/aws-error.js";
import { awsClients } from "../../../aws/clients.js";
import { alarmName, targetGroupName } from "../../../aws/names.js";
import { TAG } from "../../../aws/tags.js";
import { baseOf, type ObservedService } from "../../../model/rollout.js";
import { windowBetween } from "../../../model/slot-window.js";
import { Split } from "../../../model/split.js";
import { PlatformRefusal, type PlatformAdapter } from "../../../runner/platforms/adapter.js";
import { awsAdapter } from "../../../runner/platforms/aws.js";
import { errorReply, jsonReply, xmlReply, type Call } from "../../support/aws/call.js";
import { AwsEnvironment } from "../../support/aws/environment.js";
import { motoMissing, startMoto, type Moto } from "../../support/aws/moto.js";
import { shares } from "../../support/serving.js";
import { skip } from "../../support/skip.js";
import { adapterConformance } from "./conformance.js";

/** Periods of a metric that are over before CloudWatch is asked for them: the one that lasts, and one for datapoints on their way. */
const PERIODS_TO_WAIT = 2;

describe("AWS as a platform, against an emulator", function () {
  this.timeout(60_000);
  let moto: Moto;
  let environment: AwsEnvironment;
  let adapter: PlatformAdapter;
  let stacks = 0;

  before(async function () {
    // The first time it is installed.
    this.timeout(300_000);
    const missing = await motoMissing();
    if (missing !== undefined) skip(this, missing);
    moto = await startMoto();
  });
  after(() => moto?.stop());

  adapterConformance("AWS", async () => {
    const under = await AwsEnvironment.start(moto.endpoint, "conform-production");
    const conforming = awsAdapter(under.stack, under.settings);
    return {
      adapter: conforming,
      empty: awsAdapter("empty-production", under.settings),
      tellsProcessorTime: false,
      answers: async (url, count) => (await shares(url, count)).byRelease,
      breakGreen: () => Promise.resolve(void under.plane.broken.add("green")),
      mendGreen: () => Promise.resolve(void under.plane.broken.delete("green")),
      counted: () => new Promise((resolve) => setTimeout(resolve, PERIODS_TO_WAIT * conforming.capabilities.metricsGrainMs + 50)),
      received: (id) => under.received(id),
      remove: () => under.remove(),
    };
  });

  describe("the AWS adapter, where AWS misbehaves or somebody else has changed something,", () => {
    beforeEach(async () => {
      environment = await AwsEnvironment.start(moto.endpoint, `case${(stacks += 1)}-production`);
      adapter = awsAdapter(environment.stack, environment.settings);
    });
    afterEach(() => environment.remove());

    const web = async (): Promise<ObservedService> => {
      const found = (await adapter.describe())["web"];
      assert.ok(found);
      return found;
    };
    const refusal = async (asked: Promise<unknown>): Promise<PlatformRefusal> => {
      const [error] = await Promise.all([asked.then(() => undefined, (reason: unknown) => reason)]);
      assert.ok(error instanceof PlatformRefusal, String(error));
      return error;
    };
    const toGreen = (weight: number) => ({ live: "blue", split: Split.weight("green", weight) }) as const;
    const modify = (...groups: readonly (readonly [arn: string, weight: number])[]) =>
      environment.clients.balancing.send(new ModifyRuleCommand({ RuleArn: environment.rule, Actions: [{ Type: "forward", ForwardConfig: { TargetGroups: groups.map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })) } }] }));
    const queried = ({ json }: Call) => (json?.["MetricDataQueries"] as readonly { readonly Id: string }[]).map(({ Id }) => Id);
    const count = (action: string) => environment.front.calls.filter((call) => call.action === action).length;

    it("describes the same whatever the size of AWS's pages", async () => {
      const whole = await adapter.describe();
      for (let more = 0; more < 3; more += 1) {
        const { front, clients } = environment;
        const listener = String(front.calls.find(({ action }) => action === "CreateRule")?.params.get("ListenerArn"));
        await clients.balancing.send(new CreateRuleCommand({ ListenerArn: listener, Priority: 10 + more, Conditions: [{ Field: "path-pattern", Values: [`/else${more}`] }], Actions: [{ Type: "fixed-response", FixedResponseConfig: { StatusCode: "404" } }] }));
      }
      for (const action of ["DescribeRules", "DescribeListeners"]) environment.front.paging(action, 1);
      const before = count("DescribeRules");
      assert.deepEqual(await adapter.describe(), whole);
      assert.ok(count("DescribeRules") - before >= 5, "four rules and the default, one a page");
    });

    it("asks about many services in portions that AWS allows", async () => {
      const { front, clients, stack, vpc } = environment;
      const listener = String(front.calls.find(({ action }) => action === "CreateRule")?.params.get("ListenerArn"));
      const names = Array.from({ length: 21 }, (_, index) => `more${index}`);
      for (const [index, service] of names.entries()) {
        const group = await clients.balancing.send(new CreateTargetGroupCommand({ Name: targetGroupName(stack, service, "blue"), Protocol: "HTTP", Port: 80, TargetType: "ip", VpcId: vpc }));
        const tags = { [TAG.stack]: stack, [TAG.service]: service, [TAG.route]: "users", [TAG.live]: "blue", [TAG.returnTo]: "-", [TAG.generation]: "1" };
        await clients.balancing.send(
          new CreateRuleCommand({
            ListenerArn: listener,
            Priority: 200 + index,
            Conditions: [{ Field: "path-pattern", Values: [`/${service}`] }],
            Actions: [{ Type: "forward", TargetGroupArn: group.TargetGroups?.[0]?.TargetGroupArn }],
            Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
          }),
        );
      }
      front.calls.length = 0;
      assert.deepEqual(Object.keys(await adapter.describe()).sort(), [...names, "web"].sort());
      const asked = front.calls.map(({ action, params, json }) => [action, action === "DescribeTags" ? [...params.keys()].filter((key) => key.startsWith("ResourceArns.")).length : ((json?.["services"] as unknown[] | undefined)?.length ?? 0)] as const);
      assert.deepEqual(asked.filter(([action]) => action === "DescribeTags").map(([, size]) => size), [20, 2]);
      assert.deepEqual(asked.filter(([action]) => action === "DescribeServices").map(([, size]) => size), [10, 10, 10, 10, 4]);
    });

    it("reads metrics and alarms over all their pages", async () => {
      const { production } = (await adapter.endpoints("web")) ?? { production: "" };
      await shares(production, 20);
      await new Promise((resolve) => setTimeout(resolve, PERIODS_TO_WAIT * adapter.capabilities.metricsGrainMs + 50));
      const { blue } = await adapter.metrics("web");
      const alarms = await adapter.alarms?.("web");
      environment.front.paging("GetMetricData", 3);
      environment.front.paging("DescribeAlarms", 2);
      const [before, read] = [count("GetMetricData"), count("DescribeAlarms")];
      const { blue: paged } = await adapter.metrics("web");
      assert.deepEqual([paged?.requests, paged?.buckets], [blue?.requests, blue?.buckets]);
      assert.equal(paged?.requests, 20);
      assert.deepEqual(await adapter.alarms?.("web"), alarms);
      assert.ok(count("GetMetricData") - before >= 10 && count("DescribeAlarms") - read === 3, `${count("GetMetricData") - before} and ${count("DescribeAlarms") - read} pages`);
    });

    it("adds up what one metric has on several pages", async () => {
      environment.front.answering((call) => {
        if (call.action !== "GetMetricData") return undefined;
        const second = call.json?.["NextToken"] === "more";
        const results = queried(call).map((Id) => ({ Id, Timestamps: [1], Values: Id === "requests" ? [second ? 30 : 12] : [], StatusCode: second ? "Complete" : "PartialData" }));
        return jsonReply({ MetricDataResults: results, ...(second ? {} : { NextToken: "more" }), Messages: [] });
      });
      assert.equal((await adapter.metrics("web")).green?.requests, 42);
    });

    for (const [state, said] of [["InternalError", "InternalError"], ["PartialData", "PartialData"], [null, "not answered"]] as const) {
      it(`calls failures of which CloudWatch says ${said} unknown, and not none`, async () => {
        environment.front.answering((call) => {
          if (call.action !== "GetMetricData") return undefined;
          const results = queried(call).flatMap((Id) => (Id === "errors" && state === null ? [] : [{ Id, Timestamps: [1], Values: Id === "requests" ? [30] : [], StatusCode: Id === "errors" ? state : "Complete" }]));
          return jsonReply({ MetricDataResults: results, Messages: [] });
        });
        const { code, message } = await refusal(adapter.metrics("web"));
        assert.deepEqual([code, message], ["metrics", `The metrics of service "web" are not whole: CloudWatch says that HTTPCode_Target_5XX_Count is ${said}. Try again in a minute.`]);
      });
    }

    it("tells everybody whom it told of a test, over all pages of subscribers, and who never confirmed", async () => {
      environment.front.answering((call) => {
        if (call.action !== "ListSubscriptionsByTopic") return undefined;
        const second = call.params.get("NextToken") === "more";
        const member = (arn: string, endpoint: string) => `<Subscriptions><member><SubscriptionArn>${arn}</SubscriptionArn><Protocol>email</Protocol><Endpoint>${endpoint}</Endpoint></member></Subscriptions>`;
        return xmlReply(call.action, second ? member("PendingConfirmation", "b@example.com") : `${member("arn:aws:sns:eu-central-1:123456789012:t:1", "a@example.com")}<NextToken>more</NextToken>`);
      });
      assert.deepEqual((await adapter.testAlarm("web", "t-1")).map(({ where, ok, reason }) => [where, ok, reason]), [
        ["email a@example.com", true, null],
        ["email b@example.com", false, "the subscription was not confirmed yet"],
      ]);
    });

    it("says what CloudWatch says of an alarm, and calls one without data neither on nor off", async () => {
      const { clients, stack } = environment;
      const set = (metric: string, StateValue: "ALARM" | "OK" | "INSUFFICIENT_DATA") => clients.watch.send(new SetAlarmStateCommand({ AlarmName: alarmName(stack, "web", "green", metric), StateValue, StateReason: `because ${metric}` }));
      await set("error-rate", "ALARM");
      await set("latency-p95", "OK");
      await set("availability", "INSUFFICIENT_DATA");
      assert.deepEqual((await adapter.alarms?.("web"))?.green?.map(({ state, reason }) => [state, reason]), [["on", "because error-rate"], ["off", "because latency-p95"], ["unknown", "because availability"]]);
      assert.deepEqual(await adapter.alarms?.("nobody"), { blue: null, green: null });
    });

    it("survives three throttled answers, of what it reads and of what it writes", async () => {
      const patient = impatient(environment);
      const described = await patient.describe();
      environment.front.throttle("DescribeRules", 3);
      environment.front.throttle("DescribeTaskDefinition", 3);
      environment.front.throttle("GetMetricData", 3);
      assert.deepEqual(await patient.describe(), described);
      await patient.metrics("web");
      for (const action of ["AddTags", "ModifyRule"]) environment.front.throttle(action, 3);
      await patient.setSplit("web", toGreen(10), baseOf(await web()));
      assert.equal((await web()).split?.green, 10);
    });

    it("refuses, with a sentence, when throttling has no end; then nothing was moved", async () => {
      const patient = impatient(environment);
      for (const [action, ask] of [["DescribeRules", () => patient.describe()], ["DescribeServices", () => patient.describe()], ["AddTags", async () => patient.setSplit("web", toGreen(10), baseOf(await web()))], ["ModifyRule", async () => patient.setSplit("web", toGreen(10), baseOf(await web()))]] as const) {
        const stop = environment.front.throttle(action, Infinity);
        const before = count(action);
        const { code, message } = await refusal(ask());
        stop();
        assert.equal(code, "throttled", message);
        assert.match(message, /AWS still throttles after several tries .*Rate exceeded.* Try again in a minute\.$/);
        assert.equal(count(action) - before, 8, "as many tries as the clients are made for");
      }
      assert.equal((await web()).split?.green, 0);
      environment.front.throttle("GetMetricData", Infinity);
      const { code, message } = await refusal(patient.metrics("web"));
      assert.deepEqual([code, /throttles/.test(message)], ["metrics", true], message);
    });

    it("says that the credentials are over, and what to do", async () => {
      const base = baseOf(await web());
      environment.front.expire();
      for (const ask of [() => adapter.describe(), () => adapter.endpoints("web"), () => adapter.setSplit("web", toGreen(10), base)]) {
        const { code, message } = await refusal(ask());
        assert.equal(code, "credentials");
        assert.match(message, /the credentials, or they are over \(ExpiredToken: .*\)\. Sign in again, then go on\.$/);
      }
      for (const [ask, own] of [[() => adapter.metrics("web"), "metrics"], [() => adapter.alarms?.("web") ?? assert.fail(), "alarms"], [() => adapter.testAlarm("web", "t-1"), "alarms"]] as const) {
        const { code, message } = await refusal(ask());
        assert.deepEqual([code, /Sign in again/.test(message)], [own, true], message);
      }
    });

    it("reads back again when the first answers are older than the write", async () => {
      const base = baseOf(await web());
      environment.front.onChange(({ action }) => void (action === "ModifyRule" && environment.front.late("DescribeRules", 3)));
      const before = count("DescribeRules");
      await adapter.setSplit("web", toGreen(30), base);
      assert.equal(count("DescribeRules") - before, 3 + 4, "three looks before it, three old answers and one new one after it");
      assert.equal((await web()).split?.green, 30);
    });

    it("says not-applied when AWS accepts a write and never shows it", async () => {
      const base = baseOf(await web());
      environment.front.onChange(({ action }) => void (action === "ModifyRule" && environment.front.late("DescribeRules", Infinity)));
      const { code, message } = await refusal(adapter.setSplit("web", toGreen(30), base));
      assert.deepEqual([code, message], ["not-applied", `Service "web": AWS accepted blue 70 / green 30 but still reports blue 100 %, green 0 %, live blue. Look again: ./mission rollout show ${environment.stack}`]);
    });

    const tag = (Key: string, Value: string) => environment.clients.balancing.send(new AddTagsCommand({ ResourceArns: [environment.rule], Tags: [{ Key, Value }] }));
    for (const [what, change] of [
      ["weights", () => modify([environment.targetGroups.blue, 60], [environment.targetGroups.green, 40])],
      ["generation", () => tag(TAG.generation, "2")],
      ["live slot", () => tag(TAG.live, "green")],
    ] as const) {
      it(`refuses by its base when another writer changes the ${what} between its look and its write`, async () => {
        const base = baseOf(await web());
        let changed = false;
        environment.front.calls.length = 0;
        environment.front.answering(async (call) => {
          // Two are of the look at both slots; the third asks whether green may get more.
          if (changed || call.action !== "DescribeTargetHealth" || count("DescribeTargetHealth") < 3) return undefined;
          changed = true;
          await change();
          return undefined;
        });
        assert.equal((await refusal(adapter.setSplit("web", toGreen(10), base))).code, "base");
        assert.ok(changed);
        assert.notEqual((await web()).split?.green, 10);
      });
    }

    it("refuses by its base when another writer comes right after it", async () => {
      let state: "before" | "written" | "changed" = "before";
      environment.front.onChange(({ action }) => void (action === "ModifyRule" && state === "before" && (state = "written")));
      environment.front.answering(async (call) => {
        if (call.action !== "DescribeRules" || state !== "written") return undefined;
        state = "changed";
        await tag(TAG.generation, "50");
        await modify([environment.targetGroups.blue, 95], [environment.targetGroups.green, 5]);
        return undefined;
      });
      assert.equal((await refusal(adapter.setSplit("web", toGreen(10), baseOf(await web())))).code, "base");
      assert.equal((await web()).split?.green, 5);
    });

    it("is no refusal when no answer says whether the weights were written, so that whoever takes traffic back looks again", async () => {
      const patient = impatient(environment);
      environment.front.answering((call) => (call.action === "ModifyRule" ? errorReply(call, 500, "InternalFailure", "An internal error has occurred") : undefined));
      await assert.rejects(patient.setSplit("web", toGreen(10), baseOf(await web())), (error) => error instanceof AwsError && /The listener rule of service "web"/.test(error.message));
    });

    it("is no refusal when the weights were written and the slot that is live could not be", async () => {
      await adapter.setSplit("web", toGreen(100), baseOf(await web()));
      const base = baseOf(await web());
      environment.front.answering((call) => (call.action === "AddTags" && [...call.params.values()].includes(TAG.live) ? errorReply(call, 403, "AccessDenied", "no") : undefined));
      await assert.rejects(adapter.setSplit("web", { live: "green", split: Split.all("green") }, base), (error) => error instanceof AwsError && error.code === "denied");
      assert.equal((await web()).live, "blue");
    });

    it("records the live slot with the weights, and keeps where to return to while the live slot stays", async () => {
      const digest = `sha256:${"a".repeat(64)}`;
      await tag(TAG.returnTo, digest);
      await adapter.setSplit("web", toGreen(100), baseOf(await web()));
      assert.equal((await web()).returnTo, digest);
      await adapter.setSplit("web", { live: "green", split: Split.all("green") }, baseOf(await web()));
      const there = await web();
      assert.deepEqual([there.live, there.returnTo], ["green", null]);
      await adapter.setSplit("web", { live: "blue", split: Split.all("blue") }, baseOf(there));
      const back = await web();
      assert.deepEqual([back.live, back.split?.blue], ["blue", 100]);
    });

    it("says so when somebody else sends users to another target group", async () => {
      const { TargetGroups } = await environment.clients.balancing.send(new CreateTargetGroupCommand({ Name: `${environment.stack}-other`, Protocol: "HTTP", Port: 80, TargetType: "ip", VpcId: environment.vpc }));
      await modify([environment.targetGroups.blue, 50], [TargetGroups?.[0]?.TargetGroupArn ?? "", 50]);
      const { code, message } = await refusal(adapter.describe());
      assert.deepEqual([code, message], ["aws", `The rule of service "web" sends users to ${environment.stack}-other, which is neither of its slots: somebody else has changed it. Put its own target groups back.`]);
    });

    it("says so when somebody else has given no slot any weight", async () => {
      await modify([environment.targetGroups.blue, 0], [environment.targetGroups.green, 0]);
      assert.match((await refusal(adapter.describe())).message, /gives no slot any weight, so users get errors: somebody else has changed it\./);
    });

    it("takes somebody else's weights as the shares that they are, never calls a slot free that gets requests, and refuses what was decided before", async () => {
      const { blue, green } = environment.targetGroups;
      const base = baseOf(await web());
      for (const [weights, share] of [[[1, 3], 75], [[2, 1], 33], [[999, 1], 1], [[1, 999], 99], [[0, 7], 100]] as const) {
        await modify([blue, weights[0]], [green, weights[1]]);
        assert.equal((await web()).split?.green, share, weights.join(":"));
        const { code, message } = await refusal(adapter.setSplit("web", toGreen(10), base));
        assert.deepEqual([code, message], ["base", 'Service "web" is no longer as it was when this was decided; look again and decide anew.']);
      }
      await modify([blue, 999], [green, 1]);
      await adapter.setSplit("web", { live: "blue", split: Split.all("blue") }, baseOf(await web()));
      assert.equal((await web()).split?.green, 0);
    });

    it("takes a rule that leads to one target group alone", async () => {
      await environment.clients.balancing.send(new ModifyRuleCommand({ RuleArn: environment.rule, Actions: [{ Type: "forward", TargetGroupArn: environment.targetGroups.green }] }));
      assert.equal((await web()).split?.green, 100);
      await adapter.setSplit("web", { live: "blue", split: Split.all("blue") }, baseOf(await web()));
      assert.equal((await web()).split?.blue, 100);
    });

    it("says so when a rule has lost its tags, because it would look like a service that was never deployed", async () => {
      const remove = (...TagKeys: string[]) => environment.clients.balancing.send(new RemoveTagsCommand({ ResourceArns: [environment.rule], TagKeys }));
      await tag(TAG.live, "both");
      assert.match((await refusal(adapter.describe())).message, /^The rule of service "web" has tag "mission:live" with value "both", so nothing says which slot is live: somebody else has changed its tags\. Put them back: /);
      for (const lost of [TAG.live, TAG.generation, TAG.route, TAG.service, TAG.stack]) {
        await remove(lost);
        const { code, message } = await refusal(adapter.describe());
        assert.equal(code, "aws");
        assert.match(message, /^The rule of service "(web|\?)" has no tag "mission:/);
      }
      await remove(TAG.returnTo);
      assert.match((await refusal(adapter.describe())).message, /^The rule of service "web" has no tag "mission:stack"/, "the service's name is known by its target groups");
    });

    it("shows the older SlotSpec when ECS went back to the revision before, with another base", async () => {
      const { services } = await environment.clients.ecs.send(new DescribeServicesCommand({ cluster: environment.stack, services: [`${environment.stack}-web-green`] }));
      const older = services?.[0]?.taskDefinition ?? "";
      await environment.deploy("green", "1.2.0");
      const newer = await web();
      assert.equal(newer.slots.green?.spec.version, "1.2.0");
      await environment.run("green", older);
      const back = await web();
      assert.equal(back.slots.green?.spec.version, "1.1.0");
      assert.equal((await refusal(adapter.setSplit("web", toGreen(10), baseOf(newer)))).code, "base");
    });

    it("says so when somebody else has deployed a task definition without the label", async () => {
      const { taskDefinition } = await environment.clients.ecs.send(new RegisterTaskDefinitionCommand({ family: "theirs", containerDefinitions: [{ name: "app", image: "theirs", memory: 128 }] }));
      await environment.run("green", taskDefinition?.taskDefinitionArn ?? "");
      // The data plane would tell the targets of the slot's release, which it no longer knows.
      environment.front.answering((call) => (call.action === "DescribeTargetHealth" ? xmlReply(call.action, "<TargetHealthDescriptions/>") : undefined));
      assert.equal((await refusal(adapter.describe())).message, `Service "${environment.stack}-web-green" runs a task definition without the label "mission.spec" that this program gives each: somebody else has deployed there. Bring back the revision before it.`);
    });

    it("counts only its own tasks as ready while ECS replaces those of the revision before", async () => {
      const cluster = environment.stack;
      const services = [`${cluster}-web-blue`, `${cluster}-web-green`];
      environment.front.answering(async (call) => {
        if (call.action !== "DescribeServices") return undefined;
        const direct = awsClients({ ...environment.settings, emulator: { endpoint: moto.endpoint } });
        const found = (await direct.ecs.send(new DescribeServicesCommand({ cluster, services }))).services ?? [];
        direct.ecs.destroy();
        const deployments = [
          { status: "PRIMARY", runningCount: 1 },
          { status: "ACTIVE", runningCount: 1 },
        ];
        const told = found.map(({ serviceName, status, desiredCount, taskDefinition }) => ({ serviceName, status, desiredCount, taskDefinition, deployments: serviceName?.endsWith("green") === true ? deployments : [] }));
        return jsonReply({ services: told, failures: [] });
      });
      const { slots } = await web();
      assert.deepEqual([slots.blue?.ready, slots.green?.ready], [2, 1]);
    });

    it("calls a slot without instances retired, and one that ECS does not have empty", async () => {
      const green = { cluster: environment.stack, service: `${environment.stack}-web-green` };
      await environment.clients.ecs.send(new UpdateServiceCommand({ ...green, desiredCount: 0 }));
      const { slots } = await web();
      assert.deepEqual([slots.green?.spec.version, slots.green?.instances, slots.green?.ready], ["1.1.0", 0, 0]);
      await environment.clients.ecs.send(new DeleteServiceCommand(green));
      assert.equal((await web()).slots.green, null);
      assert.equal((await refusal(adapter.setSplit("web", toGreen(10), baseOf(await web())))).code, "not-ready");
    });

    it("counts failures and response times as the load balancer would", async () => {
      const { production = "", slots } = (await adapter.endpoints("web")) ?? {};
      environment.plane.behaviour["1.1.0"] = { errors: 0.25, latencyMs: 30 };
      const first = await adapter.metrics("web");
      await shares(production, 5);
      const answered = await shares(slots?.green ?? "", 20);
      assert.equal(answered.failed, 5);
      await new Promise((resolve) => setTimeout(resolve, PERIODS_TO_WAIT * adapter.capabilities.metricsGrainMs + 50));
      const last = await adapter.metrics("web");
      assert.ok(first.green && last.green);
      const result = windowBetween(first.green, last.green);
      assert.ok(result.ok);
      assert.deepEqual([result.window.requests, result.window.errors, result.window.buckets.get(0.025), result.window.buckets.get(Infinity)], [20, 5, 0, 20]);
    });
  });
});

/** An adapter with the clients that it always has, as many tries included, but for the length of their pauses between tries: a millisecond. */
function impatient({ stack, settings }: AwsEnvironment): PlatformAdapter {
  const clients = awsClients(settings);
  for (const { config } of Object.values(clients) as { config: { retryStrategy: () => Promise<RetryStrategy> } }[]) {
    const usual = config.retryStrategy;
    config.retryStrategy = async () => {
      const strategy = await usual();
      strategy.retryBackoffStrategy.computeNextBackoffDelay = () => 1;
      return strategy;
    };
  }
  return awsAdapter(stack, settings, clients);
}

/** What of the SDK's standard strategy decides how long a pause is. */
interface RetryStrategy {
  readonly retryBackoffStrategy: { computeNextBackoffDelay: (tries: number) => number };
}
