import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type { OpenStack } from "../../../runner/engine/stack.js";
import { UserError } from "../../../runner/errors.js";
import { withRunFile } from "../../../runner/rollout/run-file.js";
import { emptyFolder, removeCodebases } from "../../support/codebases.js";

const KEPT = "# by hand\nconfig:\n  mission:environment: staging # stays\n  mission:gates:\n    evidence: []\n    mission: by-hand\n";

describe("a configuration file of one run", () => {
  let home: string;
  let stack: OpenStack;
  const before = process.env["MISSION_HOME"];
  beforeEach(async () => {
    home = await emptyFolder("home");
    process.env["MISSION_HOME"] = home;
    const file = join(home, "Pulumi.a-staging.yaml");
    await writeFile(file, KEPT);
    stack = { name: "a-staging", file, environment: { KEEP: "1", PULUMI_OPTION_CONFIG_FILE: file }, settled: [] };
  });
  afterEach(async () => {
    if (before === undefined) delete process.env["MISSION_HOME"];
    else process.env["MISSION_HOME"] = before;
    await removeCodebases();
  });

  const configOf = (file: string | undefined) => (parse(readFileSync(file ?? "", "utf8")) as { config: Record<string, unknown> }).config;
  const gates = { mission: "m", plan: null, evidence: [{ type: "t", sha256: "0".repeat(64) }] };

  it("has the further keys, reaches the engine, and is gone afterwards; the kept file stays byte for byte", async () => {
    const seen = await withRunFile(stack, { "mission:gates": gates, "mission:rollout": undefined }, (environment, directory) => {
      assert.equal(environment["KEEP"], "1");
      assert.ok(environment["PULUMI_OPTION_CONFIG_FILE"]?.startsWith(`${directory}/`));
      return Promise.resolve(configOf(environment["PULUMI_OPTION_CONFIG_FILE"]));
    });
    assert.deepEqual(seen, { "mission:environment": "staging", "mission:gates": gates });
    assert.equal(readFileSync(stack.file, "utf8"), KEPT);
    assert.deepEqual(readdirSync(join(home, "runs")), []);
  });

  it("leaves what the kept file says where nothing else is given, as on the way back", async () => {
    const seen = await withRunFile(stack, { "mission:rollout": { web: 1 }, "mission:gates": undefined }, (environment) => Promise.resolve(configOf(environment["PULUMI_OPTION_CONFIG_FILE"])));
    assert.deepEqual(seen["mission:gates"], { evidence: [], mission: "by-hand" });
  });

  it("is gone when the work fails, does not disturb another one, and what a killed process left is removed", async () => {
    const left = join(home, "runs", "000000000000.1.000000000000.000000000000");
    await mkdir(left, { recursive: true });
    await assert.rejects(
      withRunFile(stack, {}, async (_environment, directory) => {
        await withRunFile(stack, {}, (_other, second) => Promise.resolve(assert.notEqual(second, directory)));
        assert.ok(existsSync(directory));
        throw new Error("the engine is gone");
      }),
      /the engine is gone/,
    );
    // Another machine's is not ours to judge.
    assert.deepEqual(readdirSync(join(home, "runs")), ["000000000000.1.000000000000.000000000000"]);
  });

  it("is refused before the engine is asked when it is too large to reach the program", async () => {
    let asked = false;
    const error: unknown = await withRunFile(stack, { "mission:variables": { A: "x".repeat(70_000) } }, () => Promise.resolve((asked = true))).catch((reason: unknown) => reason);
    assert.ok(error instanceof UserError && error.exitCode === 2, String(error));
    assert.match(error.message, /^The configuration of stack "a-staging" has 70,\d{3} bytes; the largest allowed is 65,536 \(64 KiB\)\. Shorten its variables and commands, or split the application\.$/);
    assert.equal(asked, false);
  });
});
