import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Checkout, type Outcome } from "./checkout.js";

const COMMIT = "git init -q . && git add -A && git -c user.name=test -c user.email=test@example.invalid commit -q -m all";

describe(".ci/run", function () {
  // Some twenty short programs each, on a machine that may be busy.
  this.timeout(60_000);
  let checkout: Checkout;
  beforeEach(() => (checkout = new Checkout()));
  afterEach(() => checkout.remove());

  const summary = (text: string, exit = 0): void => checkout.write("test/run.ts", `console.log("${text}"); process.exitCode = ${exit};\n`);
  const ci = (): Promise<Outcome> => checkout.run([], { TMPDIR: checkout.top }, join(checkout.root, ".ci", "run"));
  const lastLine = ({ stdout }: Outcome): string | undefined => stdout.trimEnd().split("\n").at(-1);

  it("runs the demo and the tests with an empty home, of which only the engine is kept", async () => {
    summary("3 passed, 0 failed, 1 skipped");
    checkout.program("../shared/tools/install", `#!/bin/sh\necho "$HOME" >"\${CALLS}-home"\n`);
    const outcome = await ci();
    assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
    assert.match(outcome.stdout, /"args":\["demo"\]/);
    assert.equal(lastLine(outcome), "3 passed, 0 failed, 1 skipped");
    const home = readFileSync(join(checkout.top, "calls-home"), "utf8").trim();
    assert.notEqual(home, checkout.home);
    assert.equal(existsSync(home), false, "the temporary home is removed");
    assert.deepEqual(readdirSync(checkout.home), [".cache"]);
    assert.ok(existsSync(join(checkout.cache, "engine")));
  });

  it("ends with the summary and the exit code of the tests when they fail", async () => {
    summary("2 passed, 1 failed, 0 skipped", 1);
    const outcome = await ci();
    assert.equal(outcome.code, 1);
    assert.equal(lastLine(outcome), "2 passed, 1 failed, 0 skipped");
  });

  it("stops the sandboxes that the demo leaves running", async () => {
    summary("1 passed, 0 failed, 0 skipped");
    checkout.write("runner/cli/main.ts", `const { appendFileSync, mkdirSync } = require("node:fs");
if (process.argv[2] === "demo") mkdirSync(process.env.MISSION_ROOT + "/.mission/sandboxes");
appendFileSync(process.env.CALLS, "mission " + process.argv.slice(2).join(" ") + "\\n");\n`);
    const outcome = await ci();
    assert.equal(lastLine(outcome), "1 passed, 0 failed, 0 skipped");
    assert.deepEqual(checkout.calls().filter((call) => call.startsWith("mission ")), ["mission demo", "mission sandbox stop"]);
  });

  it("fails when the tests end without a summary", async () => {
    const silent = await ci();
    assert.equal(silent.code, 1);
    assert.equal(lastLine(silent), "npm test ended without its summary");
  });

  it("ends with the exit code of the demo when that fails", async () => {
    checkout.write("index.ts", "COMPILE ERROR\n");
    assert.equal((await ci()).code, 4);
  });

  it("leaves a checkout somebody works in alone, and tests what is committed", async () => {
    summary("1 passed, 0 failed, 0 skipped");
    await checkout.run(["-c", COMMIT], {}, "sh", checkout.root);
    checkout.write("node_modules/mine", "");
    summary("9 passed, 0 failed, 0 skipped");
    const outcome = await ci();
    assert.equal(lastLine(outcome), "1 passed, 0 failed, 0 skipped");
    assert.deepEqual(readdirSync(join(checkout.root, "node_modules")), ["mine"]);
  });
});
