import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { itFull } from "../support/it-full.js";
import { MissionProject, run } from "../support/mission-project.js";
import { processesOf, shares } from "../support/serving.js";
import { tinyApp } from "../support/tiny-app.js";
import { baseOf } from "../../model/rollout.js";
import { Split } from "../../model/split.js";

/** A day by hand on one stack; each test goes on where the one before ended. */
describe("an application by hand on the sandbox", function () {
  this.timeout(180_000);
  const project = MissionProject.create();
  const codebase = tinyApp("tiny");
  const stack = "tiny-production";
  let url = "";

  const web = async () => {
    const service = (await project.sandbox(stack)).services["web"];
    assert.ok(service?.split);
    return { ...service, split: service.split };
  };
  /** Runs something and checks that no weight moved and no process of a slot in use was touched. */
  const keeps = async (act: () => Promise<unknown>) => {
    const before = await web();
    await act();
    const after = await web();
    assert.deepEqual([after.live, after.split], [before.live, before.split]);
    for (const slot of ["blue", "green"] as const) {
      if (before.live === slot || before.split[slot] > 0) assert.equal(processesOf(after.slots[slot]), processesOf(before.slots[slot]), `slot ${slot} is in use and was touched`);
    }
  };

  after(async () => {
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
  });

  it("refuses a bare up before there is a release, and says what to do", async () => {
    await project.must("release", codebase, "--stack", "tiny-staging");
    const finished = await project.mission("pulumi", "up", "--yes", "--skip-preview", "--stack", "tiny-production");
    assert.notEqual(finished.code, 0);
    assert.match(finished.all, /no release yet; make one with: \.\/mission release/);
    assert.doesNotMatch(finished.all, /\n\s+at /, "no stack trace for a user's mistake");
  });

  it("deploys a first release: live in blue, all traffic, green empty", async () => {
    await project.must("release", codebase, "--version", "1.0.0");
    const finished = await project.up(stack);
    assert.equal(finished.code, 0, finished.all);
    const { live, split, slots, endpoints } = await web();
    assert.deepEqual([live, split, slots.green.phase, slots.blue.processes.length], ["blue", { blue: 100, green: 0 }, "empty", 2]);
    url = endpoints?.production ?? "";
    assert.deepEqual(await shares(url, 20), { byRelease: { "1.0.0": 20 }, failed: 0 });
  });

  it("protects every leaf in production, and none in staging", async () => {
    const leaves = async (name: string) => {
      const { stdout } = await project.must("pulumi", "stack", "export", "--stack", name);
      const { resources } = (JSON.parse(stdout) as { deployment: { resources: { type: string; protect?: boolean }[] } }).deployment;
      return resources.filter(({ type }) => type.startsWith("sandbox:")).map(({ protect }) => protect === true);
    };
    const production = await leaves(stack);
    assert.ok(production.length >= 6 && production.every(Boolean), JSON.stringify(production));
    await project.must("pulumi", "up", "--yes", "--skip-preview", "--stack", "tiny-staging");
    assert.ok((await leaves("tiny-staging")).every((protect) => !protect));
  });

  it("starts no plugin but the sandbox's and downloads none, although a cloud's SDK is installed", async () => {
    const withCloud = checkoutWithCloudSdk();
    const finished = await project.with(withCloud).mission("pulumi", "up", "--yes", "--skip-preview", "--stack", stack, "--logtostderr", "-v=9", "--logflow");
    assert.equal(finished.code, 0, finished.all.slice(-2_000));
    const launched = [...finished.all.matchAll(/Launching plugin '([^']+)' from '([^']+)'/g)].map(([, name]) => name);
    assert.ok(launched.length > 0, "the log names the plugins it launches");
    assert.deepEqual([...new Set(launched)].filter((name) => !/^(nodejs|sandbox) /.test(`${name} `)), []);
    assert.doesNotMatch(finished.all, /[Dd]ownloading plugin|Attempting to acquire plugin|fakecloud/);
    rmSync(withCloud, { recursive: true, force: true });
  });

  it("changes nothing in a second up", async () => {
    await keeps(async () => assert.match((await project.up(stack)).stdout, /unchanged/));
    const preview = await project.mission("pulumi", "preview", "--stack", stack, "--expect-no-changes");
    assert.equal(preview.code, 0, preview.all);
  });

  it("gives a person's own shell the same engine, backend and configuration", async () => {
    const cli = `'${process.execPath}' '${join(project.root, "dist", "runner", "cli", "main.js")}'`;
    const finished = await run("/bin/sh", ["-c", `eval "$(${cli} env ${stack})" && pulumi preview --expect-no-changes`], { cwd: project.root, env: project.environment() });
    assert.equal(finished.code, 0, finished.all);
  });

  it("stages a second release dark: its test route answers, no user sees it", async () => {
    await project.must("release", codebase, "--version", "1.1.0");
    await keeps(async () => assert.equal((await project.up(stack)).code, 0));
    const { slots, endpoints } = await web();
    assert.deepEqual([slots.green.spec?.version, slots.green.phase], ["1.1.0", "ready"]);
    assert.equal((await shares(endpoints?.green ?? "", 1)).byRelease["1.1.0"], 1);
    assert.deepEqual((await shares(url, 30)).byRelease, { "1.0.0": 30 });
  });

  for (const weight of [10, 50, 100]) {
    it(`gives the candidate ${weight} % exactly`, async () => {
      await project.must("rollout", "set", stack, String(weight));
      assert.deepEqual((await web()).split, { blue: 100 - weight, green: weight });
      const { byRelease, failed } = await shares(url, 100);
      assert.deepEqual([byRelease["1.1.0"] ?? 0, failed], [weight, 0]);
    });
  }

  it("keeps everything in a bare up after editing a variable: no slot is free, so it is refused with the reason", async () => {
    await project.must("rollout", "set", stack, "50");
    await project.must("pulumi", "config", "set", "--path", "mission:variables.GREETING", "edited", "--stack", stack);
    await keeps(async () => {
      const finished = await project.up(stack);
      assert.notEqual(finished.code, 0);
      assert.match(finished.all, /no slot is free for 1\.1\.0 .*"blue" is live and the candidate in "green" has 50 %/);
    });
    await project.must("pulumi", "config", "rm", "--path", "mission:variables.GREETING", "--stack", stack);
  });

  it("keeps everything in a bare up after refresh", async () => {
    await keeps(async () => {
      await project.must("pulumi", "refresh", "--yes", "--skip-preview", "--stack", stack);
      assert.equal((await project.up(stack)).code, 0);
    });
  });

  it("keeps everything in a bare up after a refused up", async () => {
    await project.must("pulumi", "config", "set", "--path", "mission:alarms.errorRate", "lots", "--stack", stack);
    await keeps(async () => assert.notEqual((await project.up(stack)).code, 0));
    await project.must("pulumi", "config", "set", "--path", "mission:alarms.errorRate", "1%", "--stack", stack);
    await keeps(async () => assert.equal((await project.up(stack)).code, 0));
  });

  it("keeps what an emergency flip made, in a bare up and in the step after it", async () => {
    process.env["MISSION_HOME"] = project.home;
    const { sandboxAdapter } = await import("../../runner/platforms/sandbox.js");
    const adapter = sandboxAdapter(stack);
    const seen = (await adapter.describe())["web"];
    assert.ok(seen?.live);
    await adapter.setSplit("web", { live: seen.live, split: Split.all(seen.live) }, baseOf(seen));
    assert.deepEqual((await web()).split, { blue: 100, green: 0 });
    await keeps(async () => assert.equal((await project.up(stack)).code, 0));
    await assert.rejects(adapter.setSplit("web", { live: "blue", split: Split.weight("green", 50) }, baseOf(seen)), /no longer as it was/);
    await project.must("rollout", "set", stack, "10");
    assert.deepEqual((await web()).split, { blue: 90, green: 10 });
    delete process.env["MISSION_HOME"];
  });

  it("keeps everything in a bare up after a failed weight write", async () => {
    await project.must("rollout", "set", stack, "0");
    const candidate = (await web()).slots.green.processes.map(({ pid }) => pid);
    for (const pid of candidate) process.kill(pid ?? 0, "SIGSTOP");
    await waitFor(async () => (await web()).slots.green.processes.every(({ ready }) => !ready));
    await keeps(async () => {
      const finished = await project.mission("rollout", "set", stack, "50");
      assert.equal(finished.code, 6, finished.all);
      assert.match(finished.all, /green.*0 of 2|ready/);
    });
    await keeps(async () => assert.equal((await project.up(stack)).code, 0));
    for (const pid of candidate) {
      // The supervisor may have replaced it meanwhile.
      try {
        process.kill(pid ?? 0, "SIGCONT");
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, "ESRCH");
      }
    }
    await waitFor(async () => (await web()).slots.green.processes.every(({ ready }) => ready));
  });

  itFull("keeps a slot in use as it is when a newer tool adds a label", async () => {
    const newer = upgradedCheckout();
    try {
      await project.must("rollout", "set", stack, "10");
      await keeps(async () => {
        const finished = await project.with(newer).up(stack);
        assert.equal(finished.code, 0, finished.all);
      });
    } finally {
      rmSync(newer, { recursive: true, force: true });
    }
  });

  for (const [test, what, edit] of [
    [it, "a setting that is not allowed", (yaml: string) => yaml.replace(/mission:drain: .*/, "mission:drain: soon")],
    [itFull, "a file that is no YAML", (yaml: string) => `${yaml}\n  - [ what\n`],
  ] as const) {
    test(`takes traffic back and shows it with ${what}, and says what is left to do`, async () => {
      await project.must("rollout", "set", stack, "50");
      const file = join(project.home, "config", `Pulumi.${stack}.yaml`);
      const kept = readFileSync(file, "utf8");
      assert.notEqual(edit(kept), kept);
      writeFileSync(file, edit(kept));
      try {
        const raised = await project.mission("rollout", "set", stack, "60");
        assert.ok(raised.code === 2 || raised.code === 6, raised.all);
        const back = await project.mission("rollout", "set", stack, "0");
        assert.equal(back.code, 6, back.all);
        assert.match(back.stderr, /Traffic has moved, and the platform of stack "tiny-production" confirms it\.[\s\S]*the next up that works does\. What stopped it:/);
        assert.doesNotMatch(back.all, /\n\s+at /, "no stack trace for a user's mistake");
        assert.deepEqual((await shares(url, 20)).byRelease, { "1.0.0": 20 });
        assert.match((await project.must("rollout", "show", stack)).stdout, /web {2}blue {3}live {7}100 %/);
      } finally {
        writeFileSync(file, kept);
      }
      await keeps(async () => assert.equal((await project.up(stack)).code, 0));
    });
  }

  it("finishes, restores, finishes again and retires", async () => {
    await project.must("rollout", "set", stack, "100");
    await project.must("rollout", "finish", stack);
    assert.equal((await web()).live, "green");
    await project.must("rollout", "restore", stack);
    assert.deepEqual([(await web()).live, (await web()).split], ["blue", { blue: 100, green: 0 }]);
    await project.must("rollout", "set", stack, "100");
    await project.must("rollout", "finish", stack);
    await project.must("rollout", "retire", stack);
    assert.deepEqual([(await web()).slots.blue.phase, (await web()).slots.blue.processes.length], ["retired", 0]);
    const refused = await project.mission("rollout", "restore", stack);
    assert.equal(refused.code, 5);
    assert.match(refused.stderr, /"blue" is retired; there is nothing to return to/);
    assert.deepEqual((await shares(url, 20)).byRelease, { "1.1.0": 20 });
  });

  it("refuses destroy in production in the engine's words, and touches nothing", async () => {
    await keeps(async () => {
      const finished = await project.mission("pulumi", "destroy", "--yes", "--skip-preview", "--stack", stack);
      assert.notEqual(finished.code, 0);
      assert.match(finished.all, /protect/);
    });
    assert.deepEqual((await shares(url, 10)).byRelease, { "1.1.0": 10 });
  });

  it("refuses another platform on an existing stack", async () => {
    await project.must("pulumi", "config", "set", "mission:platform", "kubernetes", "--stack", stack);
    const finished = await project.up(stack);
    assert.notEqual(finished.code, 0);
    assert.match(finished.all, /"mission:platform" is "kubernetes", but stack "tiny-production" runs on "sandbox"/);
    await project.must("pulumi", "config", "rm", "mission:platform", "--stack", stack);
  });

  it("destroys staging by a bare destroy, with every process", async () => {
    await project.must("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "tiny-staging");
    assert.deepEqual((await project.sandbox("tiny-staging")).services, {});
  });

  it("leaves tracked files and the checkout as they were", () => {
    assert.doesNotMatch(readFileSync(join(project.root, "Pulumi.production.yaml"), "utf8"), /mission:(release|rollout)/);
    assert.deepEqual(readdirSync(project.root).filter((name) => /^Pulumi\.tiny/.test(name)), []);
  });

  function checkout(): string {
    const folder = mkdtempSync(join(tmpdir(), "mission-checkout-"));
    cpSync(join(project.root, "dist"), join(folder, "dist"), { recursive: true });
    cpSync(join(project.root, "sandbox", "plugin"), join(folder, "sandbox", "plugin"), { recursive: true });
    for (const name of ["Pulumi.yaml", "Pulumi.staging.yaml", "Pulumi.production.yaml"]) cpSync(join(project.root, name), join(folder, name));
    return folder;
  }

  /** A checkout in which a cloud's SDK is installed, which the program never uses. */
  function checkoutWithCloudSdk(): string {
    const folder = checkout();
    const packages = join(folder, "node_modules");
    mkdirSync(join(packages, "@pulumi", "fakecloud"), { recursive: true });
    writeFileSync(join(packages, "@pulumi", "fakecloud", "package.json"), JSON.stringify({ name: "@pulumi/fakecloud", version: "1.2.3", pulumi: { resource: true, name: "fakecloud", version: "1.2.3" } }));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "with-cloud", dependencies: { "@pulumi/fakecloud": "1.2.3" } }));
    for (const name of readdirSync(join(project.root, "node_modules"))) if (name !== "@pulumi") symlinkSync(join(project.root, "node_modules", name), join(packages, name));
    symlinkSync(join(project.root, "node_modules", "@pulumi", "pulumi"), join(packages, "@pulumi", "pulumi"));
    return folder;
  }

  /** A checkout whose program is newer by one label. */
  function upgradedCheckout(): string {
    const folder = checkout();
    symlinkSync(join(project.root, "node_modules"), join(folder, "node_modules"));
    const component = join(folder, "dist", "components", "blue-green-service.js");
    const source = readFileSync(component, "utf8");
    const newer = source.replace("version: spec.version }", 'version: spec.version, tool: "newer" }');
    assert.notEqual(newer, source);
    writeFileSync(component, newer);
    return folder;
  }
});

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("The condition did not come true within 30 s.");
}
