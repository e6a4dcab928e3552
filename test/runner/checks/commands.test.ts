import assert from "node:assert/strict";
import { join } from "node:path";
import { runChecks, type ChecksOptions } from "../../../runner/checks/run-checks.js";
import { shellLine } from "../../../runner/checks/run-command.js";
import { codebase, removeCodebases } from "../../support/codebases.js";
import { optionsFor, withChecks } from "./misbehaving.js";

const URL = "http://127.0.0.1:1/";

async function run(command: string | string[], more: Partial<ChecksOptions> & { readonly timeout?: string } = {}) {
  const { timeout, ...options } = more;
  const application = withChecks({ smoke: [{ name: "c", command, ...(timeout === undefined ? {} : { timeout }) }] });
  const [gate] = await runChecks(optionsFor(application, URL, { codebase: await codebase({ "a.txt": "found\n" }), ...options }));
  if (gate === undefined) throw new Error("There is no gate.");
  return gate;
}

describe("a command as a check", () => {
  afterEach(removeCodebases);

  it("passes with exit code 0, in the codebase and with the address to check", async () => {
    const gate = await run(`grep -q found a.txt && [ "$MISSION_URL" = "${URL}" ]`);
    assert.deepEqual([gate.verdict, gate.details.length], ["PASS", 1]);
  });

  it("gets its arguments as they are", async () => {
    assert.equal((await run(["sh", "-c", 'test "$1" = "it\'s a  \\"word\\""', "name", 'it\'s a  "word"'])).verdict, "PASS");
    assert.equal(shellLine(["/bin/sh", "-c", "a | b"]), "a | b");
  });

  it("fails with any other exit code, and shows the last lines without colours", async () => {
    const gate = await run("for n in $(seq 1 30); do echo line $n; done; printf '\\033[31mred\\033[0m\\n' >&2; exit 3");
    assert.equal(gate.verdict, "FAIL");
    assert.match(gate.details[0] ?? "", /^"c": FAIL, \d+ ms; the command ended with exit code 3, expected exit code 0\.$/);
    const printed = gate.details.slice(1);
    assert.equal(printed.length, 10);
    assert.ok(printed.includes('"c" printed: red') && printed.includes('"c" printed: line 30') && !printed.includes('"c" printed: line 1'));
  });

  it("fails when it takes too long, and is ended", async () => {
    const gate = await run("echo begun; sleep 600", { timeout: "1s" });
    assert.equal(gate.verdict, "FAIL");
    assert.match(gate.details.join("\n"), /did not end within 1s and was ended\.\n"c" printed: begun/);
  });

  it("is an error, not a failure, when its codebase is gone or not known or its program does not exist", async () => {
    for (const [gate, said] of [
      [await run("true", { codebase: null }), /no codebase is known/],
      [await run("true", { codebase: join(await codebase({}), "gone") }), /the codebase ".*gone" is not there any more/],
      [await run(["no-such-program-anywhere"]), /was not found \(exit code 127\)/],
    ] as const) {
      assert.equal(gate.verdict, "ERROR");
      assert.match(gate.details.join(), said);
      assert.match(gate.summary, /could not be run/);
    }
  });

  it("sees nothing of the runner's own secrets", async () => {
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "runner-only";
    try {
      assert.equal((await run('[ -z "$PULUMI_CONFIG_PASSPHRASE" ]')).verdict, "PASS");
    } finally {
      delete process.env["PULUMI_CONFIG_PASSPHRASE"];
    }
  });

  it("ends when the checks are interrupted", async () => {
    const stop = new AbortController();
    const running = run("sleep 600", { signal: stop.signal });
    setTimeout(() => stop.abort(), 200);
    await assert.rejects(running, /The checks were interrupted/);
    await assert.rejects(run("true", { signal: AbortSignal.abort() }), /The checks were interrupted/);
  });
});
