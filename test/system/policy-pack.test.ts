import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { specDigest } from "../../model/slot-spec.js";
import { CRITERIA } from "../../policies/criteria/index.js";
import { INVARIANTS } from "../../policies/invariants/index.js";
import { projectRoot } from "../../runner/engine/engine-environment.js";
import { CASES } from "../policies/invariants/cases.js";
import { serviceInputs, shownSpec, slotLeaf, splitLeaf, state, type Shown } from "../policies/invariants/support.js";
import { DeclaredProgram, type DeclaredResource } from "../support/declared-program.js";
import { MissionProject, type Finished } from "../support/mission-project.js";
import { setInStack } from "../support/mission-app.js";
import { violationsIn } from "../support/policy-output.js";
import { skip } from "../support/skip.js";
import { specOf } from "../support/specs.js";
import { tinyApp } from "../support/tiny-app.js";

const STAGING = "shop-staging";
const PRODUCTION = "shop-production";
const PACK = ["--policy-pack", join(projectRoot(), "policies")];
const SERVICE = "mission:index:BlueGreenService";

/** A refused case of every invariant, each of them a service of its own, with what a user is to read. */
const REFUSED = INVARIANTS.flatMap(({ name, description, remediation }) =>
  (CASES[name]?.refuses ?? [])
    .filter(([{ stack, config }]) => stack === STAGING && config === undefined)
    .map(([shown, sentences], index) => ({ policy: name, service: `${name}-${index}`, inputs: shown.props, lines: [description, ...sentences, remediation] })),
);

const leaf = ({ type, name, props }: Shown, more: Partial<DeclaredResource>): DeclaredResource => ({ type, name, inputs: props, custom: true, ...more });
const good: DeclaredResource = { type: SERVICE, name: "web", inputs: serviceInputs() };

describe("the policy pack and the engine", function () {
  this.timeout(120_000);
  const project = MissionProject.create();
  const program = new DeclaredProgram(project);

  before(async () => {
    for (const stack of [STAGING, PRODUCTION]) {
      const { code, all } = await program.pulumi("stack", "init", stack);
      assert.equal(code, 0, all);
    }
  });
  after(async () => {
    program.remove();
    await project.remove();
  });

  /** That a run was refused, and nothing is there now. */
  async function nothingWasDone(finished: Finished, stack: string): Promise<void> {
    assert.notEqual(finished.code, 0, finished.all);
    assert.deepEqual(await program.recorded(stack), []);
    assert.deepEqual(JSON.parse((await project.must("sandbox", "status", "--json")).stdout), []);
  }

  /** What a user reads of a resource and a policy. */
  function linesOf(finished: Finished, policy: string, resource: string): readonly string[] {
    const found = violationsIn(finished.stdout).filter((shown) => shown.policy === policy && shown.resource === resource);
    assert.equal(found.length, 1, `"${policy}" on "${resource}" in ${finished.all}`);
    assert.equal(found[0]?.level, "mandatory");
    return found[0].lines;
  }

  function refusesEveryRule(finished: Finished): void {
    for (const { policy, service, lines } of REFUSED) assert.deepEqual(linesOf(finished, policy, service), lines);
    assert.deepEqual([...new Set(REFUSED.map(({ policy }) => policy))], INVARIANTS.map(({ name }) => name));
    assert.doesNotMatch(finished.all, /can't run policy|hunter2|\n\s+at /);
  }

  it("says everything that is wrong with a stack in one preview", async () => {
    program.declares(REFUSED.map(({ service, inputs }) => ({ type: SERVICE, name: service, inputs })));
    const finished = await program.pulumi("preview", "--stack", STAGING, ...PACK);
    refusesEveryRule(finished);
    await nothingWasDone(finished, STAGING);
  });

  it("says it again in an up, and nothing is created", async () => {
    const finished = await program.pulumi("up", "--yes", "--stack", STAGING, ...PACK);
    refusesEveryRule(finished);
    await nothingWasDone(finished, STAGING);
  });

  it("refuses without a preview as well, before anything is created", async () => {
    const finished = await program.pulumi("up", "--yes", "--skip-preview", "--stack", STAGING, ...PACK);
    assert.ok(violationsIn(finished.stdout).length > 0, finished.all);
    await nothingWasDone(finished, STAGING);
  });

  it("refuses raw leaves, leaves that are not what their service says, and values that are not known yet", async () => {
    const { type, props } = splitLeaf();
    program.declares([
      good,
      leaf(splitLeaf({ split: { blue: 0, green: 100 } }), { parent: "web", name: "other-weights" }),
      leaf(slotLeaf("green", { spec: slotLeaf("blue").props["spec"] }), { parent: "web" }),
      leaf(slotLeaf("blue", {}), { name: "raw-slot" }),
      { type: "mission:index:TrafficSplit", name: "no-service", inputs: {} },
      { type, name: "raw-split", inputs: props, custom: true, parent: "no-service" },
      leaf(slotLeaf("blue"), { parent: "web" }),
      { type: SERVICE, name: "late", inputs: serviceInputs({ service: "late" }), unknown: { version: "web-blue" } },
    ]);
    const finished = await program.pulumi("preview", "--stack", STAGING, ...PACK);
    const split = "(sandbox:index:TrafficSplit)";
    assert.deepEqual(linesOf(finished, "leaf-agrees", "other-weights").slice(1, -1), [`"other-weights" ${split} of service "web": its weights are blue 0 / green 100, those wanted are blue 90 / green 10.`]);
    assert.match(linesOf(finished, "leaf-agrees", "web-green")[1] ?? "", /^"web-green" \(sandbox:index:Slot\) of service "web": it would hold SlotSpec [0-9a-f]{12}, but SlotSpec [0-9a-f]{12} is wanted in slot "green"\.$/);
    assert.deepEqual(linesOf(finished, "traffic-has-a-service", "raw-slot").slice(1, -1), [`"raw-slot" (sandbox:index:Slot) carries traffic, but there is no ${SERVICE} above it.`]);
    assert.deepEqual(linesOf(finished, "traffic-has-a-service", "raw-split").slice(1, -1), [`"raw-split" ${split} carries traffic, but there is no ${SERVICE} above it.`]);
    assert.deepEqual(linesOf(finished, "inputs-understood", "late").slice(1, -1), ['Service "late": input "version" is not known before the update, so it cannot be judged; allowed are plain values only.']);
    for (const { name } of INVARIANTS) assert.deepEqual(linesOf(finished, name, "late").slice(1), ['Service "late" cannot be judged: not all of its inputs are understood; policy "inputs-understood" names them.']);
    assert.deepEqual(violationsIn(finished.stdout).filter(({ resource }) => resource === "web-blue"), []);
    assert.ok(violationsIn(finished.stdout).every(({ level }) => level === "mandatory"), finished.all);
    await nothingWasDone(finished, STAGING);
  });

  it("judges a production stack as production, whatever its program says", async () => {
    program.declares([{ ...good, inputs: serviceInputs({ environment: "staging", ...oneInstance() }) }, leaf(slotLeaf("blue", { sandbox: PRODUCTION }), { parent: "web" })]);
    const finished = await program.pulumi("preview", "--stack", PRODUCTION, ...PACK);
    assert.deepEqual(linesOf(finished, "environment-agrees", "web").slice(1, -1), [`Service "web": stack "${PRODUCTION}" is production to this pack, but its program says staging.`]);
    assert.deepEqual(linesOf(finished, "instances", "web").slice(1, -1), ['Service "web", slot "blue": 1 instance serves production; allowed are at least 2.']);
    assert.deepEqual(linesOf(finished, "protected-in-production", "web-blue").slice(1, -1), [`"web-blue" (sandbox:index:Slot) in production stack "${PRODUCTION}" is not protected.`]);
    await nothingWasDone(finished, PRODUCTION);
  });

  it("refuses --target on a leaf that is not what its service says, and the removal of what is protected stays with the engine", async function () {
    onlyInFull(this);
    const [stack, kept] = ["later-staging", { ...good, protect: true, inputs: serviceInputs({ mode: "keep", transition: "none", wanted: state(0) }) }];
    await program.pulumi("stack", "init", stack);
    program.declares([kept]);
    const first = await program.pulumi("up", "--yes", "--skip-preview", "--stack", stack, ...PACK);
    assert.equal(first.code, 0, first.all);
    assert.match(first.stdout, /✅ mission-deploy@v\d/);

    const moved = splitLeaf({ sandbox: stack, split: { blue: 0, green: 100 } });
    program.declares([kept, leaf(moved, { parent: "web" })]);
    const urn = `urn:pulumi:${stack}::declared::${SERVICE}$${moved.type}::${moved.name}`;
    const targeted = await program.pulumi("up", "--yes", "--skip-preview", "--stack", stack, "--target", urn, ...PACK);
    assert.notEqual(targeted.code, 0, targeted.all);
    assert.deepEqual(linesOf(targeted, "leaf-agrees", moved.name).slice(1, -1), ['"web-split" (sandbox:index:TrafficSplit) of service "web": its weights are blue 0 / green 100, those wanted are blue 100 / green 0.']);

    program.declares([]);
    const removed = await program.pulumi("up", "--yes", "--skip-preview", "--stack", stack, ...PACK);
    assert.notEqual(removed.code, 0, removed.all);
    assert.match(removed.all, /protect/);
    assert.deepEqual(violationsIn(removed.stdout), [], "a delete never reaches a pack");
    assert.deepEqual(await program.recorded(stack), [`${SERVICE} web`]);
  });

  it("does not start with a mistake in its own configuration, and settings cannot make it laxer", async function () {
    onlyInFull(this);
    program.declares([good]);
    const broken = program.copyOfPack({ "pack.yaml": "stagin: ['*']\n" });
    const finished = await program.pulumi("preview", "--stack", STAGING, "--policy-pack", broken);
    assert.match(finished.all, /pack\.yaml[\s\S]*stagin/);
    assert.doesNotMatch(finished.all, /\n\s+at /, "no stack trace for a user's mistake");
    await nothingWasDone(finished, STAGING);

    const lax = await program.pulumi("preview", "--stack", STAGING, ...PACK, "--policy-pack-config", program.file("lax.json", { instances: { productionAtLeast: 1 } }));
    assert.match(lax.all, /instances: productionAtLeast: Must be greater than or equal to 2/);
    await nothingWasDone(lax, STAGING);
  });

  it("cannot see that it is switched off or replaced: the engine shows a tick for both, and so the runner counts what ran", async function () {
    onlyInFull(this);
    program.declares([{ ...good, inputs: {} }]);
    const off = await program.pulumi("preview", "--stack", STAGING, ...PACK, "--policy-pack-config", program.file("off.json", { all: "disabled" }));
    const empty = await program.pulumi("preview", "--stack", STAGING, "--policy-pack", program.emptyPack());
    assert.deepEqual([off.code, empty.code], [0, 0]);
    assert.match(off.stdout, /✅ mission-deploy@v\d/);
    assert.match(empty.stdout, /✅ empty@v1\.0\.0/);
    assert.deepEqual([...violationsIn(off.stdout), ...violationsIn(empty.stdout)], []);
  });
});

describe("the policy pack and this program", function () {
  this.timeout(120_000);
  const project = MissionProject.create();
  const codebase = tinyApp("tiny");
  const stack = "tiny-production";
  const preview = () => project.mission("pulumi", "preview", "--color", "never", "--stack", stack, ...PACK);
  before(() => project.must("release", codebase, "--version", "1.0.0", "--stack", stack));
  after(async () => {
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
  });

  it("finds nothing against what the components declare", async () => {
    const finished = await preview();
    const ours = violationsIn(finished.stdout).filter(({ policy }) => !CRITERIA.some(({ name }) => name === policy));
    assert.deepEqual(ours, [], finished.all);
    assert.match(finished.stdout, /mission-deploy@v\d/);
  });

  it("refuses a stack file that was edited by hand to get staging's rules", async () => {
    setInStack(project, stack, { environment: "staging", instances: 1 });
    const finished = await preview();
    assert.notEqual(finished.code, 0, finished.all);
    const said = new Set(violationsIn(finished.stdout).map(({ policy, resource }) => `${policy} ${resource}`));
    for (const expected of ["environment-agrees web", "instances web", "protected-in-production web-blue", "protected-in-production web-green", "protected-in-production web-split", "protected-in-production web-availability"]) assert.ok(said.has(expected), `${expected}: ${finished.all}`);
    assert.deepEqual(JSON.parse((await project.must("sandbox", "status", "--json")).stdout), []);
  });
});

/** Each of these starts the engine two to four times. */
function onlyInFull(context: Mocha.Context): void {
  if (process.env["MISSION_FULL"] === undefined) skip(context, "needs several runs of the engine; runs with --full");
}

/** Blue live with one instance, and nothing else. */
function oneInstance(): Readonly<Record<string, unknown>> {
  const single = specOf("1.0.0", { size: 1 });
  const held = state(0, { slots: { blue: { spec: specDigest(single), instances: 1 }, green: null } });
  return { mode: "keep", transition: "none", previous: held, wanted: held, specs: { blue: shownSpec(single), green: null } };
}
