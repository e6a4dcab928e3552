import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { payloadOf, type Envelope } from "../../evidence/dsse.js";
import { PREDICATE } from "../../evidence/predicate-types.js";
import { gatesSchema, type Gates } from "../../model/gates.js";
import { projectRoot } from "../../runner/engine/engine-environment.js";
import { gitRepository } from "../support/git.js";
import { FULL, itFull } from "../support/it-full.js";
import { firstRelease, missionApp } from "../support/mission-app.js";
import { MissionProject, type Finished } from "../support/mission-project.js";
import { eventually } from "../support/process-table.js";
import { checkoutWithOwnPack } from "../support/policy-packs.js";
import { linesOf, RunningMission } from "../support/running-mission.js";

/** A mission that an operator's key signs and a person approves, and what it leaves; then the evidence of a CI of one's own. Each test goes on where the one before ended. */
describe("evidence of a mission and of a CI of one's own", function () {
  this.timeout(600_000);
  const checkout = checkoutWithOwnPack("");
  const project = MissionProject.create(checkout);
  const codebase = missionApp("proof");
  const [staging, production] = ["proof-staging", "proof-production"];
  const said: string[] = [];
  const tracked = () => readFileSync(join(projectRoot(), "Pulumi.production.yaml"), "utf8");
  const trackedBefore = tracked();
  let mission: RunningMission;

  const run = async (...args: string[]): Promise<Finished> => {
    const finished = await project.mission(...args);
    said.push(finished.all);
    return finished;
  };
  const config = (stack: string) => (parse(readFileSync(join(project.home, "config", `Pulumi.${stack}.yaml`), "utf8")) as { config: Record<string, unknown> }).config;
  /** What each service's gated input was at the last `up`, from the engine's state. */
  const gatesIn = async (stack: string): Promise<Gates> => {
    const { stdout } = await project.must("pulumi", "stack", "export", "--stack", stack);
    const { deployment } = JSON.parse(stdout) as { deployment: { resources: { type: string; inputs?: { gates?: unknown } }[] } };
    return gatesSchema.parse(deployment.resources.find(({ type }) => type === "mission:index:BlueGreenService")?.inputs?.gates);
  };
  const statement = (sha256: string) => {
    const envelope = JSON.parse(readFileSync(join(project.home, "store", "evidence", `${sha256}.json`), "utf8")) as Envelope;
    return { keyId: envelope.signatures[0]?.keyid, ...(JSON.parse(payloadOf(envelope).toString()) as { predicate: Record<string, unknown> & { missionDeploy_binding: Record<string, unknown> } }) };
  };
  const keyId = async (name: string) => (JSON.parse((await project.must("keys", "show", name, "--json")).stdout) as { keyId: string }[])[0]?.keyId;

  before(async () => {
    if (!FULL) return;
    gitRepository(codebase);
    await firstRelease(project, codebase, [staging, production]);
    const entries: string[] = [];
    for (const [role, name] of [["operator", "ops"], ["analyst", "auditor"], ["tester", "ci"]] as const) {
      const { code, stdout } = await run("keys", "create", "--role", role, "--name", name);
      assert.equal(code, 0);
      if (name !== "ci") entries.push(stdout);
    }
    // As the command says: under "trust:".
    writeFileSync(join(checkout, "policies", "pack.yaml"), `trust:\n${entries.join("")}`);
  });

  after(async () => {
    mission?.child.kill("SIGKILL");
    await project.remove();
    for (const folder of [codebase, checkout]) rmSync(folder, { recursive: true, force: true });
  });

  itFull("is signed by the key that is named, which must cover all that a mission states", async () => {
    const refused = await run("deploy", codebase, "--version", "1.1.0", "--key", "ci");
    assert.equal(refused.code, 5, refused.all);
    assert.match(refused.stderr, /Key "ci" has the role tester, which does not cover .*allowed is a key of the role operator/);
    mission = RunningMission.start(project, ["deploy", codebase, "--version", "1.1.0", "--key", "ops", "--pause"]);
    await mission.reached("result", "plan/gates");
    const early = await run("approve", mission.id(), "--plan", "--key", "auditor");
    assert.equal(early.code, 0, early.all);
    assert.match(early.stderr, /^Approved: plan [0-9a-f]{12} of mission "proof-1\.1\.0-/);
  });

  itFull("has approvals by whoever approves, and none by a key that may not", async () => {
    await mission.reached("note", "production/1/weight-100/approval");
    await eventually("it waits", async () => /approve/.test((await project.must("status", mission.id(), "--json")).stdout));
    const refused = await run("approve", mission.id(), "--key", "ci");
    assert.equal(refused.code, 5, refused.all);
    const late = await run("approve", mission.id(), "--plan", "--key", "auditor");
    assert.deepEqual([late.code, /gives users the candidate already/.test(late.stderr)], [5, true], late.all);
    assert.equal((await run("approve", mission.id(), "--key", "auditor")).code, 0);
    const { code, all } = await mission.ended;
    said.push(all);
    assert.equal(code, 0, all);
  });

  itFull("went into every change of production by a file of that run, and into no file that is kept", async () => {
    const { mission: id, plan, evidence } = await gatesIn(production);
    const { digest } = linesOf(project, mission.id()).find(({ id: line, kind }) => line === "plan/document" && kind === "result")?.["value"] as { digest: string };
    assert.deepEqual([id, plan], [mission.id(), digest]);
    assert.deepEqual(evidence.map(({ type }) => type).sort(), [PREDICATE.testResult, PREDICATE.provenance, PREDICATE.checklist, PREDICATE.plan, PREDICATE.rollbackDrill, PREDICATE.verificationSummary, PREDICATE.approval, PREDICATE.approval].sort());
    const staged = await gatesIn(staging);
    assert.equal(staged.mission, mission.id());
    assert.ok(!staged.evidence.some(({ type }) => type === PREDICATE.verificationSummary), "staging has proved nothing before it was changed");
    assert.deepEqual([config(staging)["mission:gates"], config(production)["mission:gates"]], [undefined, undefined]);
    assert.equal(tracked(), trackedBefore);
    assert.deepEqual(readdirSync(join(project.home, "runs")), []);

    for (const { sha256, type } of evidence) {
      const { predicate, keyId: signer } = statement(sha256);
      assert.equal(predicate.missionDeploy_binding["mission"], mission.id());
      assert.equal(signer, await keyId(type === PREDICATE.approval ? "auditor" : "ops"), type);
      if (type === PREDICATE.approval) assert.deepEqual([predicate["plan"], predicate["author"]], [digest, "test <test@example.invalid>"]);
      if (type === PREDICATE.plan) assert.deepEqual([predicate["plan"], predicate["strategy"]], [digest, { name: "custom", steps: [{ weight: 50 }, { weight: 100 }] }]);
      if (type === PREDICATE.checklist) assert.deepEqual(predicate["items"], []);
    }
    const verified = await run("verify", mission.id());
    assert.equal(verified.code, 0, verified.all);
    assert.match(verified.stdout, /PASS +evidence: All 8 signed statements/);
  });

  itFull("is added from a report of one's own CI, listed and verified, and counts no more for another release", async () => {
    assert.match((await run("evidence", "list", staging)).stderr, /refers to no evidence/);
    assert.equal((await run("evidence", "verify", staging)).code, 5);
    const report = join(projectRoot(), "test/runner/evidence/reports/url-join.junit.xml");
    const untrusted = await run("evidence", "add", "--stack", staging, "--junit", report, "--key", "ci");
    assert.equal(untrusted.code, 5, untrusted.all);
    assert.match(untrusted.stderr, /Nothing was added .*\n.*is signed by none of the \d trusted keys/);
    const kept = config(staging);
    const added = await run("evidence", "add", "--stack", staging, "--junit", report, "--expires", "3d", "--json");
    assert.equal(added.code, 0, added.all);
    const [reference] = JSON.parse(added.stdout) as { type: string; sha256: string }[];
    assert.deepEqual(config(staging), { ...kept, "mission:gates": { mission: null, plan: null, evidence: [reference] } });
    const listed = await run("evidence", "list", staging);
    assert.match(listed.stdout, new RegExp(`^EVIDENCE +TYPE +ABOUT +ISSUED +EXPIRES +KEY +COUNTS\n${reference?.sha256.slice(0, 12)} +https://in-toto\\.io/attestation/test-result/v0\\.1 +web +20\\S+Z +20\\S+Z +${((await keyId("development")) ?? "").slice(0, 12)} +yes\n$`));
    assert.equal((await run("evidence", "verify", staging)).code, 0);
    assert.equal((await run("evidence", "verify", reference?.sha256 ?? "")).code, 0);

    // A bare up carries it: the program takes the configuration as it is.
    const { code, all } = await project.up(staging);
    assert.equal(code, 0, all);
    assert.deepEqual(await gatesIn(staging), { mission: null, plan: null, evidence: [reference] });

    assert.equal((await run("release", codebase, "--version", "1.2.0", "--stack", staging)).code, 0);
    const other = await run("evidence", "verify", staging);
    assert.equal(other.code, 5);
    assert.match(other.stdout, /is about [0-9a-f]{12}; wanted is artifact [0-9a-f]{12} of service "web"\./);
    assert.match(other.stderr, /1 of 1 pieces of evidence do not count/);
  });

  itFull("is refused with every mistake of the command line, and says how it is used", async () => {
    for (const [args, pattern, code] of [
      [["add", "--stack", staging], /There is nothing to add/, 2],
      [["add", "--stack", staging, "--provenance", "x"], /--provenance is given without --trusted-key/, 2],
      [["add", "--stack", staging, "--junit", "x", "--trusted-key", "y"], /--trusted-key is given without --provenance/, 2],
      [["add", "--stack", staging, "--junit", "x", "--expires", "1y"], /--expires is "1y"; allowed is a duration from 1m to 30d/, 2],
      [["add", "--stack", staging, "--junit", "lost.xml"], /lost\.xml" is not there/, 5],
      [["add", "--stack", staging, "--junit", "x", "--key", "lost"], /There is no key "lost"/, 2],
      [["list", "nowhere"], /"nowhere" is no stack of ours/, 2],
      [["verify", "0".repeat(64)], /is not in the store/, 5],
    ] as const) {
      const finished = await run("evidence", ...args);
      assert.match(finished.all, pattern);
      assert.equal(finished.code, code, finished.all);
    }
    const help = await run("evidence", "add", "--help");
    assert.deepEqual([help.code, /--trusted-key builder\.pub\.pem/.test(help.stdout)], [0, true]);
  });

  itFull("shows nothing of a private key in anything that was said, recorded or stored", async () => {
    said.push((await run("keys", "show")).all, (await run("keys", "show", "--json")).all, (await run("keys", "rotate", "auditor")).all);
    assert.match(said.at(-1) ?? "", /Key "auditor" is [0-9a-f]{12} now; [0-9a-f]{12} is retired since 20/);
    const folder = join(project.home, "keys");
    const secrets = readdirSync(folder).filter((file) => /^[a-z]+\.pem$/.test(file)).map((file) => readFileSync(join(folder, file), "utf8").split("\n")[1] ?? "");
    assert.deepEqual([secrets.length, secrets.every((secret) => secret.length === 64)], [4, true]);
    const record = mkdtempSync(join(tmpdir(), "mission-said-"));
    try {
      writeFileSync(join(record, "said"), said.join("\n"));
      const files = [join(record, "said"), ...["store", "config", "state", "sandboxes"].flatMap((name) => filesBelow(join(project.home, name)))];
      for (const file of files) {
        const text = readFileSync(file, "latin1");
        for (const secret of secrets) assert.ok(!text.includes(secret), file);
      }
      assert.ok(files.length > 20);
    } finally {
      rmSync(record, { recursive: true, force: true });
    }
  });
});

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
  } catch {
    return [];
  }
}
