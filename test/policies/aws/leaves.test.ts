import assert from "node:assert/strict";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { digestOf } from "../../../model/digest.js";
import { specDigest } from "../../../model/slot-spec.js";
import { leafAgrees } from "../../../policies/invariants/leaf-agrees.js";
import { trafficHasAService } from "../../../policies/invariants/traffic-has-a-service.js";
import { specOf } from "../../support/specs.js";
import { judge, service, splitComponent, urnOf, type Shown } from "../invariants/support.js";
import { awsService, awsState, changedContainer, compositeAlarm, containersOf, ecsService, forward, groupArn, IMAGE, inPreview, listenerArn, metricAlarm, METRICS, NEW, STACK, taskDefinition, testRule, UNSEEN, UNSEEN_LIST, usersRule, usersTags } from "./support.js";

const short = (digest: string) => digest.slice(7, 19);

/** What a fresh policy says of the last of some resources, without what to do; of the others it says nothing. */
async function ofLast(make: () => ResourceValidationPolicy, ...shown: readonly Shown[]): Promise<string[]> {
  const policy = make();
  const said = [];
  for (const each of shown) said.push(await judge(policy, each));
  const last = said.pop() ?? [];
  assert.deepEqual(said.flat(), []);
  return last.length === 0 ? [] : (assert.equal(last.at(-1), policy.remediationSteps), last.slice(0, -1));
}
const allowed = async (...shown: readonly Shown[]) => assert.deepEqual(await ofLast(leafAgrees, awsService(), splitComponent(), ...shown), []);
const refused = async (sentence: string | RegExp, ...shown: readonly Shown[]) => {
  const last = shown.at(-1) as Shown;
  const said = await ofLast(leafAgrees, awsService(), splitComponent(), ...shown);
  assert.equal(said.length, 1, said.join("\n"));
  const own = said[0]?.replace(`"${last.name}" (${last.type}) of service "web": `, "") ?? "";
  if (typeof sentence === "string") assert.equal(own, sentence);
  else assert.match(own, sentence);
};

const ALL: readonly Shown[] = [taskDefinition("blue"), ecsService("blue"), testRule("blue"), taskDefinition("green"), ecsService("green"), testRule("green"), usersRule(), ...METRICS.flatMap((metric) => [metricAlarm(metric, "blue"), metricAlarm(metric, "green")]), compositeAlarm()];

describe("leaf-agrees on AWS", () => {
  it("allows what the service says, again and again", () => allowed(...ALL, ...ALL));

  it("refuses every leaf of another service, of another stack, of another platform, and a second one", async () => {
    for (const leaf of ALL) {
      const tagged = (more: Readonly<Record<string, string>>): Shown => ({ ...leaf, props: { ...leaf.props, tags: { ...(leaf.props["tags"] as object), ...more } } });
      await refused('its service is "api", the service\'s is "web".', tagged({ "mission:service": "api" }));
      await refused('its stack is "shop", the service\'s is "shop-staging".', tagged({ "mission:stack": "shop" }));
      await refused(`it is declared twice; the other one is ${urnOf(leaf)}.`, leaf, { ...leaf, name: "other" });
      assert.deepEqual(await ofLast(leafAgrees, awsService({ platform: "sandbox" }), splitComponent(), leaf), [`"${leaf.name}" (${leaf.type}) of service "web": its platform is "aws", the service's is "sandbox".`]);
    }
  });

  it("refuses a task definition with another SlotSpec, by its label and by its tag", async () => {
    const swapped = { ...NEW, digest: digestOf("swapped") };
    const instead = `it would hold SlotSpec ${short(specDigest(swapped))}, but SlotSpec ${short(specDigest(NEW))} is wanted in slot "green".`;
    await refused(instead, taskDefinition("green", { containerDefinitions: containersOf("green", swapped) }));
    for (const leaf of [taskDefinition, ecsService]) await refused(instead, leaf("green", { tags: { ...(leaf("green").props["tags"] as object), "mission:spec": specDigest(swapped) } }));
    const { "mission:spec": _spec, ...untagged } = taskDefinition("green").props["tags"] as Record<string, string>;
    await refused(`it would hold nothing, but SlotSpec ${short(specDigest(NEW))} is wanted in slot "green".`, taskDefinition("green", { tags: untagged }));
  });

  it("refuses one whose label tells the truth and whose container does something else", async () => {
    const container = (change: Readonly<Record<string, unknown>>) => taskDefinition("green", { containerDefinitions: changedContainer("green", change) });
    await refused(`its image is "${IMAGE}:latest", "${IMAGE}@${NEW.digest}" is wanted.`, container({ image: `${IMAGE}:latest` }));
    await refused("its container runs another command than the SlotSpec's.", container({ command: ["node", "other.mjs"] }));
    await refused("its container runs another command than the SlotSpec's.", container({ command: undefined }));
    await refused("its container has an entry point of its own; allowed is the image's.", container({ entryPoint: ["sh"] }));
    await refused("its container reads variables from files; allowed are those of the SlotSpec.", container({ environmentFiles: [{ type: "s3", value: "arn:aws:s3:::x" }] }));
    await refused("its container's secrets are not those that the SlotSpec names.", container({ secrets: [] }));
    await refused(/^its container has no label "mission\.spec" that is a SlotSpec\.$/, container({ dockerLabels: {} }));
    const variables = (JSON.parse(containersOf("green")) as [{ environment: { name: string; value: string }[] }])[0].environment;
    for (const { name } of variables.filter((each) => each.name !== "PORT" && each.name !== "HOST")) {
      const sentence = `its container's variable "${name}" is not the one that is wanted.`;
      await refused(sentence, container({ environment: variables.map((each) => (each.name === name ? { name, value: "hunter2" } : each)) }));
      await refused(sentence, container({ environment: variables.filter((each) => each.name !== name) }));
    }
    await refused('its container has a variable "NODE_OPTIONS", which the SlotSpec does not name.', container({ environment: [...variables, { name: "NODE_OPTIONS", value: "--inspect" }] }));
    await refused('its container\'s variable "PORT" is given twice.', container({ environment: [...variables, { name: "PORT", value: "1" }] }));
  });

  it("refuses container definitions that are no single container", async () => {
    const two = JSON.stringify([...(JSON.parse(containersOf("green")) as object[]), { name: "other" }]);
    await refused("it has 2 containers; allowed is exactly one container.", taskDefinition("green", { containerDefinitions: two }));
    for (const containerDefinitions of ["{}", "", undefined, "[", 3]) await refused("it has container definitions that are no JSON list; allowed is exactly one container.", taskDefinition("green", { containerDefinitions }));
  });

  it("refuses an ECS service with another count, task definition, name or target group", async () => {
    await refused('its "desiredCount" is 1, 2 is wanted.', ecsService("green", { desiredCount: 1 }));
    await refused(/^its "desiredCount" is undefined, 2 is wanted\.$/, ecsService("green", { desiredCount: undefined }));
    await refused('its "name" is "other", "shop-staging-web-green" is wanted.', ecsService("green", { name: "other" }));
    await refused('its "family" is "other", "shop-staging-web-green" is wanted.', taskDefinition("green", { family: "other" }));
    for (const taskDefinition of ["arn:aws:ecs:eu-central-1:123456789012:task-definition/shop-staging-web-blue:3", "shop-staging-web-green"]) {
      await refused(`it runs the task definition "${taskDefinition}"; wanted is a revision of "shop-staging-web-green", by its ARN.`, ecsService("green", { taskDefinition }));
    }
    const elsewhere = 'its tasks are not in the target group "shop-staging-web-green" alone.';
    await refused(elsewhere, ecsService("green", { loadBalancers: [{ targetGroupArn: groupArn("blue") }] }));
    await refused(elsewhere, ecsService("green", { loadBalancers: [{ targetGroupArn: groupArn("green") }, { targetGroupArn: groupArn("blue") }] }));
    await refused(elsewhere, ecsService("green", { loadBalancers: [] }));
  });

  it("refuses a slot of another colour, and one that nothing is wanted in", async () => {
    for (const leaf of [taskDefinition, ecsService]) {
      await refused('its slot is "red"; allowed is "blue" or "green".', leaf("green", { tags: { ...(leaf("green").props["tags"] as object), "mission:slot": "red" } }));
      const empty = awsService({ transition: "bootstrap", previous: null, wanted: awsState(0, { slots: { ...awsState(0).slots, green: null } }) });
      assert.match((await ofLast(leafAgrees, empty, leaf("green"))).join("\n"), /it would hold SlotSpec [0-9a-f]{12}, but nothing is wanted in slot "green"\./);
    }
  });

  it("refuses other weights, another live slot and another way back", async () => {
    await refused("its weights are blue 0 / green 100, those wanted are blue 90 / green 10.", usersRule({ actions: forward(0, 100) }));
    await refused("its weights are blue 10 / green 90, those wanted are blue 90 / green 10.", usersRule({ actions: forward(10, 90) }));
    await refused('its "live" is "green", "blue" is wanted.', usersRule({ tags: usersTags({ "mission:live": "green" }) }));
    await refused(/^its "returnTo" is "sha256:[0-9a-f]{64}", "-" is wanted\.$/, usersRule({ tags: usersTags({ "mission:return-to": digestOf("x") }) }));
  });

  it("finds weights by the slot that a target group is of, in whatever order", async () => {
    const [action] = forward(90, 10) as [{ type: string; forward: { targetGroups: object[] } }];
    const groups = action.forward.targetGroups;
    await allowed(usersRule({ actions: [{ type: "forward", forward: { targetGroups: groups.toReversed() } }] }));
    await refused("its target groups are not those of the service's two slots.", usersRule({ actions: [{ type: "forward", forward: { targetGroups: [groups[0], groups[0]] } }] }));
    await refused("its target groups are not those of the service's two slots.", usersRule({ actions: [{ type: "forward", forward: { targetGroups: [groups[0], { arn: groupArn("green").replace("web", "api"), weight: 10 }] } }] }));
  });

  it("refuses a rule for users that does something else than to share, and a test rule that leads elsewhere", async () => {
    const sentence = "it does something else than to share traffic between two target groups; allowed is one weighted forward, blue first.";
    for (const actions of [[], [{ type: "forward", targetGroupArn: groupArn("green") }], [...forward(90, 10), ...forward(90, 10)], [{ ...forward(90, 10)[0], type: "redirect" }]]) await refused(sentence, usersRule({ actions }));
    const to = (slot: "blue" | "green") => ({ type: "forward", targetGroupArn: groupArn(slot) });
    for (const actions of [[], [to("blue")], forward(90, 10), [{ type: "redirect", targetGroupArn: groupArn("green") }], [to("green"), to("blue")]]) await refused('it leads elsewhere than to slot "green" alone.', testRule("green", { actions }));
    for (const route of ["blue", "nobody", undefined]) {
      await refused(/^its route is .* and its slot "green"; allowed are the route "users", and "blue" or "green" for the slot of that name\.$/, testRule("green", { tags: { ...(testRule("green").props["tags"] as object), "mission:route": route } }));
    }
  });

  it("refuses a rule that calls itself one for tests on the listener of users, whichever comes first", async () => {
    await refused("it is a rule for a test route on the listener of users; allowed are listeners of their own.", usersRule(), testRule("green", { listenerArn: listenerArn("users") }));
    await refused("it is a rule for users on the listener of a test route; allowed are listeners of their own.", testRule("green", { listenerArn: listenerArn("users") }), usersRule());
  });

  it("refuses an alarm that goes off at another limit, the other way, or tells nobody", async () => {
    for (const metric of METRICS) {
      const { threshold } = metricAlarm(metric, "blue").props as { threshold: number };
      await refused(`its "threshold" is 1000, ${threshold} is wanted.`, metricAlarm(metric, "blue", { threshold: 1000 }));
      await refused(/^its "comparisonOperator" is "LessThanLowerThreshold", "(Less|Greater)ThanThreshold" is wanted\.$/, metricAlarm(metric, "blue", { comparisonOperator: "LessThanLowerThreshold" }));
      await refused('its "evaluationPeriods" is 60, 1 is wanted.', metricAlarm(metric, "blue", { evaluationPeriods: 60 }));
      await refused('its "datapointsToAlarm" is 60, 1 is wanted.', metricAlarm(metric, "blue", { datapointsToAlarm: 60 }));
      await refused("it tells nobody; allowed is at least one alarm action.", metricAlarm(metric, "blue", { alarmActions: [] }));
      await refused('its name is "luck"; allowed is stack, service, its slot and error-rate, latency-p95 or availability, joined by dashes.', metricAlarm(metric, "blue", { name: "luck" }));
    }
    await refused('its "metricName" is "RequestCount", "TargetResponseTime" is wanted.', metricAlarm("latency-p95", "blue", { metricName: "RequestCount" }));
    await refused('its "extendedStatistic" is "p1", "p95" is wanted.', metricAlarm("latency-p95", "blue", { extendedStatistic: "p1" }));
    await refused('its "period" is 3600, 60 is wanted.', metricAlarm("latency-p95", "blue", { period: 3600 }));
    await refused(/^its "alarmRule" is "FALSE", "ALARM\(/, compositeAlarm({ alarmRule: "FALSE" }));
    await refused('its "alarmName" is "other", "shop-staging-web-rollback" is wanted.', compositeAlarm({ alarmName: "other" }));
    await refused("it tells nobody; allowed is at least one alarm action.", compositeAlarm({ alarmActions: undefined }));
  });
});

describe("what a leaf on AWS shows of an older write", () => {
  const everything = { opts: { ignoreChanges: ["*"] } };
  const traffic = { opts: { ignoreChanges: ["actions", "tags"] } };
  const old = { containerDefinitions: containersOf("blue", specOf("0.9.0", { image: IMAGE })) };
  const keeping = () => awsService({ transition: "none", mode: "keep", wanted: awsState(0) });
  const said = (...shown: readonly Shown[]) => ofLast(leafAgrees, keeping(), splitComponent(), ...shown);

  it("is allowed of a slot that stays, and of traffic that is kept", async () => {
    await allowed(taskDefinition("blue", old, everything));
    await allowed(ecsService("blue", { desiredCount: 7 }, everything));
    await allowed(testRule("blue", { actions: [] }, everything));
    assert.deepEqual(await said(usersRule({ actions: forward(50, 50) }, traffic)), []);
  });

  it("is refused where the service does not say that it stays", async () => {
    await refused("its weights are blue 50 / green 50, those wanted are blue 90 / green 10.", usersRule({ actions: forward(50, 50) }, traffic));
    const staged = awsService({ transition: "stage-dark", previous: awsState(0, { slots: { ...awsState(0).slots, green: null } }), wanted: awsState(0) });
    assert.equal((await ofLast(leafAgrees, staged, ecsService("green", { desiredCount: 7 }, everything))).length, 1);
    const first = awsService({ transition: "bootstrap", mode: "keep", previous: null, wanted: awsState(0) });
    assert.equal((await ofLast(leafAgrees, first, ecsService("blue", { desiredCount: 7 }, everything))).length, 1);
    assert.equal((await ofLast(leafAgrees, first, splitComponent(), usersRule({ actions: forward(50, 50) }, traffic))).length, 1);
  });

  it("is refused under another name, below another parent, by an alias, and of inputs that are not ignored: then it would be created or written", async () => {
    for (const rest of [{ ...everything, name: "other" }, { ...everything, parent: urnOf(splitComponent()) }, { opts: { ignoreChanges: ["*"], aliases: [urnOf(ecsService("green"))] } }, { opts: { ignoreChanges: ["taskDefinition"] } }, {}]) {
      await refused('its "desiredCount" is 7, 2 is wanted.', ecsService("blue", { desiredCount: 7 }, rest));
    }
    for (const rest of [{ ...traffic, name: "other" }, { ...traffic, parent: urnOf(service()) }, { opts: { ignoreChanges: ["tags"] } }, {}]) assert.equal((await said(usersRule({ actions: forward(0, 100) }, rest))).length, 1);
  });

  it("is refused below a component of the right name at another place", async () => {
    const between: Shown = { type: "mission:index:Alarms", name: "web-alarms", props: {}, parent: urnOf(service()) };
    const displaced: Shown = { ...splitComponent(), parent: urnOf(between) };
    assert.equal((await ofLast(leafAgrees, keeping(), between, displaced, usersRule({ actions: forward(0, 100) }, traffic))).length, 1);
  });

  it("is refused of what no leaf may differ in, and of alarms", async () => {
    await refused('its "name" is "other", "shop-staging-web-blue" is wanted.', ecsService("blue", { name: "other" }, everything));
    await refused('its "threshold" is 1000, 0.05 is wanted.', metricAlarm("error-rate", "blue", { threshold: 1000 }, everything));
  });
});

describe("what a preview does not know of a leaf on AWS", () => {
  const unseen: readonly Shown[] = [
    taskDefinition("green", { containerDefinitions: UNSEEN }),
    ecsService("green", { taskDefinition: UNSEEN, loadBalancers: [{ targetGroupArn: UNSEEN }] }),
    ecsService("green", { taskDefinition: UNSEEN, loadBalancers: UNSEEN_LIST }),
    testRule("green", { listenerArn: UNSEEN, actions: [{ type: "forward", targetGroupArn: UNSEEN }] }),
    usersRule({ listenerArn: UNSEEN, actions: [{ type: "forward", forward: { targetGroups: [{ arn: UNSEEN, weight: 90 }, { arn: UNSEEN, weight: 10 }] } }] }),
    metricAlarm("error-rate", "blue", { alarmActions: [UNSEEN] }),
    metricAlarm("error-rate", "blue", { alarmActions: UNSEEN_LIST }),
    compositeAlarm({ alarmActions: [UNSEEN] }),
  ];

  it("does not make it fail", async () => {
    for (const leaf of unseen) await allowed(inPreview(leaf));
  });

  it("does not keep it from being judged by what is known", async () => {
    await refused(/^its "desiredCount" is 1, 2 is wanted\.$/, inPreview(ecsService("green", { desiredCount: 1, taskDefinition: UNSEEN })));
    await refused(/^its weights are blue 10 \/ green 90,/, inPreview(usersRule({ actions: [{ type: "forward", forward: { targetGroups: [{ arn: UNSEEN, weight: 10 }, { arn: UNSEEN, weight: 90 }] } }] })));
    await refused(/^it would hold nothing, but/, inPreview(taskDefinition("green", { containerDefinitions: UNSEEN, tags: { "mission:stack": STACK, "mission:service": "web", "mission:slot": "green" } })));
    await refused('its "threshold" is 1000, 0.05 is wanted.', inPreview(metricAlarm("error-rate", "blue", { threshold: 1000, alarmActions: [UNSEEN] })));
  });

  it("may not be what it says of itself", () => refused("its tags are not known before the update, so it cannot be judged; allowed are plain values only.", inPreview(usersRule({ tags: UNSEEN }))));

  it("is never read where nothing is judged by it, so that no secret is", async () => {
    const forbidden = { get: () => assert.fail("a policy reads an input that it does not judge"), enumerable: true };
    for (const leaf of ALL) {
      const props: Record<string, unknown> = { ...leaf.props };
      Object.defineProperty(props, "secretString", forbidden);
      await allowed({ ...leaf, props: new Proxy(props, {}) });
    }
  });
});

describe("traffic-has-a-service on AWS", () => {
  it("refuses leaves that stand by themselves", async () => {
    for (const leaf of [taskDefinition("green"), ecsService("green"), usersRule(), testRule("green")]) {
      const { parent: _parent, ...raw } = leaf;
      assert.deepEqual(await ofLast(trafficHasAService, raw), [`"${leaf.name}" (${leaf.type}) carries traffic, but there is no mission:index:BlueGreenService above it.`]);
      assert.deepEqual(await ofLast(trafficHasAService, awsService(), splitComponent(), leaf), []);
    }
  });

  it("refuses ways around them", async () => {
    const listener = (defaultActions: unknown): Shown => ({ type: "aws:lb/listener:Listener", name: "x", props: { defaultActions } });
    for (const action of [{ type: "fixed-response" }, { type: "redirect" }, { type: UNSEEN }]) assert.deepEqual(await ofLast(trafficHasAService, inPreview(listener([action]))), []);
    assert.deepEqual(await ofLast(trafficHasAService, inPreview(listener(UNSEEN_LIST))), []);
    assert.deepEqual(await ofLast(trafficHasAService, listener([{ type: "forward", targetGroupArn: groupArn("green") }])), [
      '"x" (aws:lb/listener:Listener) carries traffic by its default action; allowed there are a fixed response and a redirect, the rules of services lead to slots.',
    ]);
    for (const type of ["aws:alb/listenerRule:ListenerRule", "aws-native:ecs:Service"]) {
      assert.deepEqual(await ofLast(trafficHasAService, { type, name: "x", props: {} }), [`"x" (${type}) is of a type that this pack knows by another name only; declare it as aws:lb or aws:ecs.`]);
    }
    for (const type of ["aws:ecs/taskSet:TaskSet", "aws:lb/targetGroupAttachment:TargetGroupAttachment"]) {
      assert.deepEqual(await ofLast(trafficHasAService, { type, name: "x", props: {} }), [`"x" (${type}) carries traffic beside the slots; allowed are slots and the split between them.`]);
    }
  });
});

