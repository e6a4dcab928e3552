import assert from "node:assert/strict";
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { MissionProject } from "../support/mission-project.js";
import { tinyApp } from "../support/tiny-app.js";
import { itFull } from "../support/it-full.js";
import { configure, deploy, servedVersion, untouchable, type Watched } from "../support/watched-mission.js";

const STACKS = ["refusals-staging", "refusals-production"] as const;
const [STAGING, PRODUCTION] = STACKS;
const TEST = "node --test unit.test.cjs";
const BUILD = "node build.cjs";

/** What stands in the way of a mission, one after the other; nothing of it may touch production. */
describe("mission deploy refuses what is not fit for users", function () {
  this.timeout(300_000);
  const project = MissionProject.create();
  const codebase = tinyApp("refusals");
  let partner: Server;

  const partnerUp = async () => {
    partner = createServer((_request, response) => response.end("here")).listen(0, "127.0.0.1");
    await new Promise((resolve) => partner.once("listening", resolve));
    const address = `http://127.0.0.1:${(partner.address() as AddressInfo).port}/`;
    for (const stack of STACKS) await configure(project, stack, "mission:variables.PARTNER", address);
  };
  const partnerDown = () =>
    new Promise<void>((resolve) => {
      partner.close(() => resolve());
      partner.closeAllConnections();
    });

  /** The application with another command for its tests or its build. */
  const describeApplication = ({ test = TEST, build = BUILD }: { test?: string; build?: string } = {}) =>
    writeFileSync(
      join(codebase, "mission.yaml"),
      [
        "name: refusals",
        `test: ${JSON.stringify(test)}`,
        `build: ${JSON.stringify(build)}`,
        "services:",
        "  web:",
        "    artifact: app",
        "    command: [node, server.cjs]",
        "    readiness: { http: /healthz, interval: 100ms }",
        "    variables: { PARTNER: {} }",
        "checks:",
        "  integrations: [{ name: partner, http: \"${PARTNER}\" }]",
        "strategy: { steps: [{ weight: 50 }, { weight: 100 }] }",
        "",
      ].join("\n"),
    );

  before(async () => {
    writeFileSync(join(codebase, "unit.test.cjs"), 'require("node:test")("the build carries its version", () => { if (!require("node:fs").readFileSync("app/server.cjs", "utf8").includes(process.env.MISSION_VERSION)) throw new Error("no version"); });\n');
    writeFileSync(join(codebase, "skipped.test.cjs"), 'require("node:test")("nobody runs this", { skip: true }, () => { throw new Error("it ran"); });\n');
    describeApplication();
    for (const stack of STACKS) {
      // The machine has other work too, and this is not about response times.
      for (const [key, value] of [["bake", "1s"], ["monitor", "1s"], ["drain", "1s"], ["probeRate", "200"], ["limits.latencyP95Slack", "1s"]] as const) await configure(project, stack, `mission:${key}`, value);
    }
    await partnerUp();
  });

  after(async () => {
    await partnerDown();
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
  });

  const run = (version: string, ...more: string[]) => deploy(project, [codebase, "--version", version, ...more]);
  /** Exit 5 because of this gate alone; nothing was begun in the environments but what is allowed. */
  const refusedBy = (watched: Watched, phase: string, gate: string, verdict: string, begun: readonly string[] = []) => {
    assert.equal(watched.code, 5, watched.all);
    const { state, gates } = watched.mission.report();
    assert.deepEqual([state, gates.filter((each) => each.verdict !== "PASS").map((each) => [each.phase, each.gate, each.verdict])], ["refused", [[phase, gate, verdict]]], watched.all);
    assert.deepEqual(watched.mission.steps("intent"), begun);
    return gates.find((each) => each.gate === gate && each.verdict !== "PASS");
  };

  it("refuses a codebase that does not exist with exit code 2 and one sentence", async () => {
    const finished = await project.mission("deploy", join(codebase, "nowhere"));
    assert.equal(finished.code, 2, finished.all);
    assert.match(finished.stderr, /^"\S+nowhere" cannot be deployed:\n {2}"\S+nowhere" is not a folder; name the folder of a codebase\.\n$/);
    assert.ok(!existsSync(join(project.home, "store", "missions")), "a mission was begun");
  });

  it("refuses a build that fails, and shows how it ended", async () => {
    describeApplication({ build: "echo the first step; echo the second step broke >&2; exit 3" });
    const gate = refusedBy(await run("1.0.0"), "validate", "build", "FAIL");
    assert.match(`${gate?.summary}`, /exit code 3[\s\S]*the second step broke/);
  });

  it("refuses tests of which none is executed", async () => {
    describeApplication({ test: "node --test skipped.test.cjs" });
    const gate = refusedBy(await run("1.0.0"), "validate", "tests-passed", "FAIL");
    assert.match(`${gate?.summary}`, /without executing one: 0 passed, 0 failed, 1 skipped/);
    for (const stack of STACKS) assert.equal(await servedVersion(project, stack).catch(() => null), null);
  });

  it("takes the first release through when everything is fit", async () => {
    describeApplication();
    const watched = await run("1.0.0");
    assert.equal(watched.code, 0, watched.all);
    for (const stack of STACKS) assert.equal(await servedVersion(project, stack), "1.0.0");
  });

  it("gives no traffic to a release while a service that it needs does not answer", async () => {
    await partnerDown();
    const before = await untouchable(project, PRODUCTION);
    const watched = await run("1.1.0");
    assert.equal(watched.code, 5, watched.all);
    const failed = watched.mission.report().gates.filter(({ verdict }) => verdict !== "PASS");
    assert.deepEqual(failed.map(({ phase, gate, verdict }) => [phase, gate, verdict]), [["staging", "integrations-reachable", "FAIL"]]);
    assert.match(failed[0]?.summary ?? "", /partner/);
    assert.deepEqual(watched.mission.steps("intent").filter((id) => id.includes("weight")), []);
    assert.equal(await untouchable(project, PRODUCTION), before);
    assert.equal(await servedVersion(project, STAGING), "1.0.0");
    await partnerUp();
  });

  it("gives no traffic to a release while the artifact of the release to go back to is gone", async () => {
    const { live, slots } = (await project.sandbox(PRODUCTION)).services["web"] ?? {};
    const digest = slots?.[live ?? "blue"].spec?.digest.replace("sha256:", "") ?? "";
    const artifacts = join(project.home, "artifacts");
    const name = readdirSync(artifacts).find((each) => each.includes(digest)) ?? "";
    const before = await untouchable(project, PRODUCTION);
    const aside = join(project.home, "aside");
    renameSync(join(artifacts, name), aside);
    const watched = await run("1.1.0");
    renameSync(aside, join(artifacts, name));
    assert.equal(watched.code, 5, watched.all);
    const failed = watched.mission.report().gates.filter(({ verdict }) => verdict !== "PASS");
    assert.deepEqual(failed.map(({ phase, gate, verdict }) => [phase, gate, verdict]), [["staging", "rollback-ready", "FAIL"]]);
    assert.match(failed[0]?.summary ?? "", /The artifact of the rollback target of service "web", release 1\.0\.0, is not there as it was/);
    assert.deepEqual(watched.mission.steps("intent").filter((id) => id.includes("weight")), []);
    assert.equal(await untouchable(project, PRODUCTION), before);
    assert.equal(await servedVersion(project, STAGING), "1.0.0");
  });

  it("begins nothing in a closed window, and says when it opens", async () => {
    const day = (from: number) => new Date(Date.now() + from * 86_400_000).toISOString().slice(0, 10);
    for (const [key, value] of [["from", `${day(-1)}T00:00`], ["to", `${day(2)}T06:30`], ["reason", "trade fair"]] as const) await configure(project, PRODUCTION, `mission:window.deny[0].${key}`, value);
    const before = await Promise.all(STACKS.map((stack) => untouchable(project, stack)));
    const gate = refusedBy(await run("1.1.0"), "plan", "window-open", "FAIL");
    assert.match(gate?.summary ?? "", /The window is closed.*trade fair/);
    assert.ok(gate?.summary.includes(`It opens on `) && String(gate.measured["opens"]).startsWith(`${day(2)}T06:30`), gate?.summary);
    assert.deepEqual(await Promise.all(STACKS.map((stack) => untouchable(project, stack))), before);
  });

  itFull("lets a hotfix with a reason through the closed window and past staging, and reports what was waived", async () => {
    const unreasoned = await project.mission("deploy", codebase, "--version", "1.1.0", "--hotfix");
    assert.equal(unreasoned.code, 2, unreasoned.all);
    assert.match(unreasoned.stderr, /--reason.*is missing/);
    const before = await untouchable(project, STAGING);
    const watched = await run("1.1.0", "--hotfix", "--reason", "payments fail");
    assert.equal(watched.code, 0, watched.all);
    const { hotfix, waivers, gates, phases } = watched.mission.report();
    assert.deepEqual([hotfix?.reason, waivers.map(({ what, reason }) => [what, reason])], ["payments fail", [["staging, and the window (hotfix)", "payments fail"]]]);
    for (const left of ["window-open", "staging-verified"]) assert.match(gates.filter(({ gate }) => gate === left).map(({ summary }) => summary).join("\n"), /^WAIVED by \S+ for a hotfix: .* Reason: payments fail$/);
    assert.deepEqual(phases.map(({ phase }) => phase), ["validate", "plan", "production", "monitor"]);
    assert.match(watched.mission.read("report.md"), /## Waived[\s\S]*staging, and the window[\s\S]*payments fail/);
    assert.deepEqual([await servedVersion(project, PRODUCTION), await untouchable(project, STAGING)], ["1.1.0", before]);
    assert.equal((await project.mission("verify", watched.mission.id)).code, 0);
  });
});
