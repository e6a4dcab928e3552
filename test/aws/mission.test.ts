import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchClient, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { alarmName } from "../../aws/names.js";
import type { Slot } from "../../model/slot.js";
import type { Report } from "../../runner/report/report.js";
import { existingGround } from "../support/aws/account.js";
import { DataPlane } from "../support/aws/data-plane.js";
import { Front } from "../support/aws/front.js";
import { motoMissing, pluginMissing, startMoto, type Moto } from "../support/aws/moto.js";
import { awsApp, awsStack } from "../support/aws-app.js";
import { MissionProject, type Finished } from "../support/mission-project.js";
import { checkoutWithOwnPack } from "../support/policy-packs.js";
import { eventually } from "../support/process-table.js";
import { RunningMission } from "../support/running-mission.js";
import { skip } from "../support/skip.js";

const STACKS = { staging: "parcel-staging", production: "parcel-production" } as const;

/** Missions on AWS: the engine and its provider against an emulator, whose load balancer the tests' data plane stands for; metrics and alarms are what the tests make them. */
describe("a whole mission on AWS, against an emulator", function () {
  this.timeout(600_000);
  let project: MissionProject;
  let checkout = "";
  let codebase = "";
  let moto: Moto;
  let front: Front;
  let planes: Record<keyof typeof STACKS, DataPlane>;
  let watch: CloudWatchClient;
  let ecs: ECSClient;

  before(async function () {
    const missing = pluginMissing() ?? (await motoMissing());
    if (missing !== undefined) skip(this, missing);
    moto = await startMoto();
    front = await Front.start(moto.endpoint);
    // On a platform that is real the development key does not count: an operator's does, which the pack trusts.
    checkout = checkoutWithOwnPack("");
    project = MissionProject.create(checkout);
    const { stdout } = await project.must("keys", "create", "--role", "operator", "--name", "ops");
    writeFileSync(join(checkout, "policies", "pack.yaml"), `trust:\n${stdout}`);
    codebase = awsApp("parcel", ["test: node --test unit.test.cjs", "strategy: { steps: [{ weight: 20 }, { weight: 100 }] }", "checks:", "  smoke:", "    - { name: home, steps: [{ path: /, expect: { status: 200 } }] }"]);
    writeFileSync(join(codebase, "unit.test.cjs"), 'require("node:test")("adds", () => require("node:assert").equal(1 + 1, 2));\n');
    const at = async (environment: keyof typeof STACKS) => {
      const stack = STACKS[environment];
      const ground = await existingGround(moto.endpoint, stack);
      const plane = await DataPlane.start(stack, front, moto.endpoint, ground);
      const emulator = { endpoint: front.endpoint, period: "1s", ...plane.addresses };
      awsStack(project, stack, { ...ground, emulator }, { "mission:bake": "6s", "mission:monitor": "6s", "mission:probeRate": 100, "mission:drain": "1s", "mission:limits": { latencyP95Slack: "5s" } });
      return plane;
    };
    planes = { staging: await at("staging"), production: await at("production") };
    const client = { region: "eu-central-1", endpoint: moto.endpoint, credentials: { accessKeyId: "emulator", secretAccessKey: "emulator" } };
    [watch, ecs] = [new CloudWatchClient(client), new ECSClient(client)];
  });

  after(async () => {
    if (project === undefined) return;
    await project.remove();
    for (const folder of [codebase, checkout]) rmSync(folder, { recursive: true, force: true });
    for (const plane of Object.values(planes ?? {})) await plane.close();
    await front.close();
    await moto.stop();
  });

  const start = (version: string) => RunningMission.start(project, ["deploy", codebase, "--version", version, "--key", "ops"]);
  const report = (mission: RunningMission) => JSON.parse(readFileSync(join(project.home, "store", "missions", mission.id(), "report.json"), "utf8")) as Report;
  const production = async () => {
    const service = await planes.production.look();
    assert.ok(service?.live != null && service.split !== null);
    return { live: service.live, live100: service.split.of(service.live), release: service.slots[service.live]?.spec.version };
  };
  /** Until users reach the candidate, or the mission has ended. @returns the candidate's slot */
  const shifted = async (ended: Promise<Finished>): Promise<Slot> => {
    let over: Finished | undefined;
    void ended.then((finished) => (over = finished));
    let slot: Slot | undefined;
    await eventually("the candidate has weight", async () => {
      if (over !== undefined) throw new Error(`The mission ended first: ${over.all}`);
      const service = await planes.production.look();
      if (service?.live == null || service.split === null) return false;
      const candidate = service.live === "blue" ? "green" : "blue";
      slot = service.split.of(candidate) > 0 ? candidate : undefined;
      return slot !== undefined;
    }, 400_000);
    return slot as Slot;
  };
  const release = async () => project.must("release-hold", STACKS.production, "--reason", "the next test");

  it("deploys a first release to both environments", async () => {
    const mission = start("1.0.0");
    const { code, all } = await mission.ended;
    assert.equal(code, 0, all);
    assert.deepEqual([(await production()).release, report(mission).state], ["1.0.0", "succeeded"]);
  });

  it("promotes a release whose metrics and alarms are as good as before", async () => {
    const mission = start("1.1.0");
    const { code, all } = await mission.ended;
    assert.equal(code, 0, all);
    assert.deepEqual(await production(), { live: "green", live100: 100, release: "1.1.0" });
    const quiet = report(mission).gates.filter(({ gate }) => gate === "alarms-quiet");
    assert.ok(quiet.length > 0 && quiet.every(({ verdict }) => verdict === "PASS"), all);
  });

  it("rolls back when an alarm on the candidate goes off, although its answers are well", async () => {
    const mission = start("1.2.0");
    const slot = await shifted(mission.ended);
    const name = alarmName(STACKS.production, "web", slot, "latency-p95");
    await watch.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: "ALARM", StateReason: "the test says so" }));
    const { code, all } = await mission.ended;
    await watch.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: "OK", StateReason: "the test is over" }));
    assert.equal(code, 6, all);
    assert.deepEqual([await production(), report(mission).state], [{ live: "green", live100: 100, release: "1.1.0" }, "rolled-back"], all);
    assert.match(all, new RegExp(`alarm "${name}" is on \\(the test says so\\)`));
    await release();
  });

  it("rolls back by the metrics when the candidate fails requests in production", async () => {
    planes.production.behaviour["1.3.0"] = { errors: 0.5 };
    const mission = start("1.3.0");
    const { code, all } = await mission.ended;
    assert.equal(code, 6, all);
    assert.deepEqual([await production(), report(mission).state], [{ live: "green", live100: 100, release: "1.1.0" }, "rolled-back"], all);
    await release();
  });

  it("does not promote what nothing is measured of", async () => {
    const mission = start("1.4.0");
    await shifted(mission.ended);
    planes.production.measured = false;
    const { code, all } = await mission.ended;
    planes.production.measured = true;
    assert.notEqual(code, 0, all);
    assert.deepEqual([await production(), report(mission).state], [{ live: "green", live100: 100, release: "1.1.0" }, "rolled-back"], all);
    assert.ok(report(mission).gates.some(({ verdict }) => verdict === "INCONCLUSIVE" || verdict === "ERROR"), all);
    await release();
  });

  it("says rolled back when the platform itself went back to an older revision", async () => {
    const mission = start("1.5.0");
    const slot = await shifted(mission.ended);
    const [cluster, service] = [STACKS.production, `${STACKS.production}-web-${slot}`];
    const [running] = (await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }))).services ?? [];
    const [, family = "", revision = ""] = /task-definition\/(.+):(\d+)$/.exec(running?.taskDefinition ?? "") ?? [];
    // As the deployment circuit breaker does it: the service names the revision before.
    await ecs.send(new UpdateServiceCommand({ cluster, service, taskDefinition: `${family}:${Number(revision) - 1}` }));
    planes.production.stale = true;
    const { code, all } = await mission.ended;
    assert.equal(code, 6, all);
    assert.deepEqual([await production(), report(mission).state], [{ live: "green", live100: 100, release: "1.1.0" }, "rolled-back"], all);
    assert.ok(existsSync(join(project.home, "store", "missions", mission.id(), "post-mortem.md")), readdirSync(join(project.home, "store", "missions", mission.id())).join(", "));
  });
});
