import assert from "node:assert/strict";
import { chmodSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { MissionProject, type Finished } from "../support/mission-project.js";
import { processesOf, shares } from "../support/serving.js";
import { tinyApp } from "../support/tiny-app.js";

/** Every mistake a person can make: one clear sentence, the documented exit code, nothing live touched. */
describe("bad input", function () {
  this.timeout(180_000);
  const project = MissionProject.create();
  const codebase = tinyApp("bad");
  const stack = "bad-staging";
  let live = "";
  let url = "";

  before(async () => {
    await project.must("release", codebase, "--version", "1.0.0", "--stack", stack);
    const finished = await project.up(stack);
    assert.equal(finished.code, 0, finished.all);
    const web = (await project.sandbox(stack)).services["web"];
    assert.ok(web);
    live = processesOf(web.slots.blue);
    url = web.endpoints?.production ?? "";
  });

  afterEach(async () => {
    const web = (await project.sandbox(stack)).services["web"];
    assert.ok(web);
    assert.equal(processesOf(web.slots.blue), live, "the live slot was touched");
    assert.deepEqual(web.split, { blue: 100, green: 0 });
    assert.deepEqual((await shares(url, 5)).byRelease, { "1.0.0": 5 });
  });

  after(async () => {
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
  });

  const noStack = (finished: Finished) => assert.doesNotMatch(finished.all, /\n\s+at [\w.<>]+ \(|\/dist\//, "no stack trace for a user's mistake");
  /** Sets configuration, runs up, checks what is said, and takes the configuration back. */
  const refusedUp = async (config: readonly (readonly string[])[], said: RegExp) => {
    const file = join(project.home, "config", `Pulumi.${stack}.yaml`);
    const kept = readFileSync(file, "utf8");
    try {
      for (const args of config) await project.must("pulumi", "config", "set", ...args, "--stack", stack);
      const finished = await project.up(stack);
      assert.notEqual(finished.code, 0);
      assert.match(finished.all, said);
      noStack(finished);
    } finally {
      writeFileSync(file, kept);
    }
  };

  it("names every wrong key and value of the configuration at once", () =>
    refusedUp(
      [["mission:colour", "red"], ["mission:instances", "two"], ["--path", "mission:alarms.latencyP95", "soon"]],
      /has 3 mistakes:(?=[\s\S]*"mission:alarms\.latencyP95" is "soon"; allowed is a duration)(?=[\s\S]*"mission:colour" is not a known key)(?=[\s\S]*"mission:instances" is "two"; expected is)/,
    ));

  for (const [weight, said] of [["-1", /-1; allowed is a whole number from 0 to 100/], ["10.5", /10\.5; allowed/], ["NaN", /"NaN"; allowed/], ["101", /101; allowed/], ["ten", /"ten"; allowed/], ["", /""; allowed/], ["1e1", /"1e1"; allowed/]] as const) {
    it(`refuses the weight "${weight}"`, async () => {
      const finished = await project.mission("rollout", "set", stack, "--", weight);
      assert.equal(finished.code, 2, finished.all);
      assert.match(finished.stderr, said);
      noStack(finished);
    });
  }

  it("refuses a rollout with weights that sum to 0, handed to the program by hand", () =>
    refusedUp([["--path", "mission:rollout.web.split.blue", "0"], ["--path", "mission:rollout.web.split.green", "0"]], /sum to 0; they must sum to 100/));

  it("refuses to raise a slot that is empty", async () => {
    const finished = await project.mission("rollout", "set", stack, "10");
    assert.equal(finished.code, 5);
    assert.match(finished.stderr, /slot "green" is empty. Stage a release there first/);
  });

  it("refuses an artifact whose contents do not match its digest", async () => {
    await project.must("release", codebase, "--version", "1.0.1", "--stack", stack);
    const artifacts = join(project.home, "artifacts");
    const newest = readFileSync(join(project.home, "config", `Pulumi.${stack}.yaml`), "utf8").match(/digest: "?sha256:([0-9a-f]{64})/)?.[1] ?? "";
    assert.ok(readdirSync(artifacts).includes(newest));
    const file = join(artifacts, newest, "server.cjs");
    const kept = readFileSync(file);
    chmodSync(file, 0o644);
    writeFileSync(file, "tampered");
    const finished = await project.up(stack);
    chmodSync(file, 0o444);
    assert.notEqual(finished.code, 0);
    assert.match(finished.all, new RegExp(`${newest.slice(0, 12)}|does not match|changed`));
    noStack(finished);
    chmodSync(file, 0o644);
    writeFileSync(file, kept);
    chmodSync(file, 0o444);
  });

  for (const [name, edit, said] of [
    ["a command that does not exist", (yaml: string) => yaml.replace("[node, server.cjs]", "[no-such-program]"), /no-such-program/],
    ["a health check that never passes", (yaml: string) => yaml.replace("default: good", "default: bad"), /does not become ready.*(503|healthz)/s],
    ["a program that exits at once", (yaml: string) => yaml.replace("server.cjs", "missing.cjs"), /does not become ready.*(exit|Cannot find module)/s],
  ] as const) {
    it(`stops ${name} in the dark`, async () => {
      const yaml = join(codebase, "mission.yaml");
      const kept = readFileSync(yaml, "utf8");
      writeFileSync(yaml, edit(kept));
      await project.must("release", codebase, "--version", "1.0.2", "--stack", stack);
      await project.must("pulumi", "config", "set", "mission:progressDeadline", "3s", "--stack", stack);
      const finished = await project.up(stack);
      writeFileSync(yaml, kept);
      assert.notEqual(finished.code, 0);
      assert.match(finished.all, said);
      // The application's own last words may hold a stack; ours must not.
      assert.doesNotMatch(finished.all, /dist\/(sandbox|runner|components)\//);
    });
  }

  it("says which port is in use, and by which service it was wanted", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as { port: number };
    await project.must("release", codebase, "--version", "1.0.0", "--stack", stack);
    await refusedUp([["--path", "mission:sandbox.ports.web.production", String(port)]], new RegExp(`${port}.*in use|in use.*${port}`));
    taken.close();
  });

  describe("a codebase", () => {
    const broken = tinyApp("broken");
    after(() => rmSync(broken, { recursive: true, force: true }));
    const refusedRelease = async (yaml: (text: string) => string, code: number, said: RegExp) => {
      const file = join(broken, "mission.yaml");
      const kept = readFileSync(file, "utf8");
      writeFileSync(file, yaml(kept));
      const finished = await project.mission("release", broken, "--stack", "broken-staging");
      writeFileSync(file, kept);
      assert.equal(finished.code, code, finished.all);
      assert.match(finished.stderr, said);
      noStack(finished);
    };

    it("with a path outside the project is refused", () => refusedRelease((yaml) => yaml.replace("artifact: app", "artifact: ../elsewhere"), 2, /"\.\.\/elsewhere", a path outside the project/));
    it("with unknown keys and wrong types is refused, all mistakes at once", () => refusedRelease((yaml) => yaml.replace("build:", "bild:").replace("/healthz", "healthz"), 2, /bild[\s\S]*not a known key[\s\S]*readiness|readiness[\s\S]*bild/));
    it("whose build fails is refused with the build's last words", () => refusedRelease((yaml) => yaml.replace("node build.cjs", "echo the last words; exit 7"), 4, /exit code 7[\s\S]*the last words/));
    it("with a symlink that leaves the artifact is refused", async () => {
      symlinkSync("/etc/hostname", join(broken, "app", "link"));
      await refusedRelease((yaml) => yaml, 4, /link.*(leaves|outside|absolute)/);
      rmSync(join(broken, "app", "link"));
    });
    it("that does not exist is refused", async () => {
      const finished = await project.mission("release", join(broken, "nowhere"));
      assert.equal(finished.code, 2);
      assert.match(finished.stderr, /is not a folder/);
    });
  });

  it("refuses a missing and an unencrypted secret by name", async () => {
    const yaml = join(codebase, "mission.yaml");
    const kept = readFileSync(yaml, "utf8");
    writeFileSync(yaml, kept.replace("    variables:", "    secrets: [API_KEY]\n    variables:"));
    await project.must("release", codebase, "--version", "1.0.3", "--stack", stack);
    writeFileSync(yaml, kept);
    await project.must("pulumi", "config", "rm", "secrets:API_KEY", "--stack", stack);
    const missing = await project.up(stack);
    assert.match(missing.all, /"secrets:API_KEY" is missing; the release needs this secret/);
    noStack(missing);
    await refusedUp([["--plaintext", "secrets:API_KEY", "in the open"]], /"secrets:API_KEY" is not encrypted in the configuration/);
  });

  it("refuses unknown commands, stacks and platforms with code 2", async () => {
    for (const args of [["deplyo"], ["rollout", "show", "nonsense"], ["release"], ["pulumi", "up"], ["sandbox", "start", "nowhere"]]) {
      const finished = await project.mission(...args);
      assert.equal(finished.code, 2, `${args.join(" ")}: ${finished.all}`);
      noStack(finished);
    }
  });
});
