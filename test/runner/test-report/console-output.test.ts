import assert from "node:assert/strict";
import { countsInOutput } from "../../../runner/test-report/console-output.js";
import { removeCodebases } from "../../support/codebases.js";
import { GREEN, mochaTests, nodeTests } from "./suites.js";

function read(output: string) {
  const counted = countsInOutput(output);
  assert.ok(counted.ok, counted.ok ? "" : counted.problems.join());
  const { executed, passed, failed, skipped, source, digest, failedNames } = counted.counts;
  assert.equal(executed, passed + failed);
  assert.equal(digest, null);
  return { figures: [passed, failed, skipped], source, failedNames };
}

const unknown = (output: string) => assert.match((countsInOutput(output) as { problems?: string[] }).problems?.join() ?? "counted", /no summary that is understood/);

describe("what tests print", () => {
  afterEach(removeCodebases);

  it("is understood as node --test prints it, as lines for people and as TAP", async () => {
    const spec = read(await nodeTests("spec"));
    assert.deepEqual([spec.figures, spec.source], [[1, 1, 3], "node --test output"]);
    assert.ok(spec.failedNames.includes("fails & <breaks>"));
    const tap = read(await nodeTests("tap"));
    assert.deepEqual([tap.figures, tap.source], [[1, 1, 3], "TAP output"]);
    assert.ok(tap.failedNames.includes("fails & <breaks>"));
  });

  it("is understood as mocha prints it, in both forms", async () => {
    const spec = read(await mochaTests("spec"));
    assert.deepEqual(spec, { figures: [1, 1, 2], source: "mocha output", failedNames: ["fails & <breaks>"] });
    assert.deepEqual(read(await mochaTests("tap")).figures, [1, 1, 2]);
  });

  it("is not taken from a line that a test prints in node's words", async () => {
    const printing = `${GREEN}\nconsole.log("# pass 1000"); console.log("pass 1000"); console.log("# tests 1000"); console.log("# fail 0");`;
    for (const reporter of ["tap", "spec"]) assert.deepEqual(read(await nodeTests(reporter, printing)).figures, [2, 0, 0], reporter);
  });

  it("is understood as jest prints it, where a suite that cannot be loaded is a failure", () => {
    const head = "FAIL j/a.test.js\n  ● outer › fails\n\n    expect(received).toBe(expected)\n\n";
    assert.deepEqual(read(`${head}Test Suites: 2 failed, 2 total\nTests:       1 failed, 1 skipped, 1 todo, 1 passed, 4 total\nSnapshots:   0 total\n`), { figures: [1, 1, 2], source: "jest output", failedNames: ["outer › fails"] });
    assert.deepEqual(read("Test Suites: 1 failed, 1 passed, 2 total\nTests:       3 passed, 3 total\n").figures, [3, 1, 0]);
    assert.deepEqual(read("Test Suites: 1 failed, 1 total\nTests:       0 total\n").figures, [0, 1, 0]);
  });

  it("is understood as vitest prints it, with its colours", () => {
    const output = "\u001b[41m\u001b[1m FAIL \u001b[22m\u001b[49m a.test.js\u001b[2m > \u001b[22mouter\u001b[2m > \u001b[22mfails\n\n\u001b[2m Test Files \u001b[22m \u001b[1m\u001b[31m2 failed\u001b[39m\u001b[22m\u001b[90m (2)\u001b[39m\n\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[31m1 failed\u001b[39m\u001b[22m\u001b[2m | \u001b[22m\u001b[1m\u001b[32m1 passed\u001b[39m\u001b[22m\u001b[2m | \u001b[22m\u001b[33m1 skipped\u001b[39m\u001b[2m | \u001b[22m\u001b[90m1 todo\u001b[39m\u001b[90m (4)\u001b[39m\n\u001b[2m   Start at \u001b[22m 16:54:29\n";
    assert.deepEqual(read(output), { figures: [1, 1, 2], source: "vitest output", failedNames: ["a.test.js > outer > fails"] });
    assert.deepEqual(read(" Test Files  1 failed (1)\n      Tests  no tests\n").figures, [0, 1, 0]);
  });

  it("is understood as pytest prints it, at length and in short", () => {
    const short = "FAILED test_a.py::test_bad - assert 1 == 2\nERROR test_a.py::test_err - Exception: x\n";
    const line = "1 failed, 1 passed, 1 skipped, 1 xfailed, 1 error in 0.18s";
    for (const summary of [line, `========== ${line} ==========`]) assert.deepEqual(read(`${short}${summary}\n`), { figures: [1, 2, 2], source: "pytest output", failedNames: ["test_a.py::test_bad", "test_a.py::test_err"] });
    assert.deepEqual(read("2 passed, 3 warnings in 65.12s (0:01:05)").figures, [2, 0, 0]);
    for (const nothing of ["5 deselected in 0.02s", "===== no tests ran in 0.01s ====="]) assert.deepEqual(read(nothing).figures, [0, 0, 0], nothing);
  });

  it("is understood as go test prints it: tests with -v, packages without", () => {
    const verbose = "=== RUN   TestOne\n=== RUN   TestOne/sub\n--- PASS: TestOne (0.00s)\n    --- PASS: TestOne/sub (0.00s)\n--- SKIP: TestTwo (0.00s)\n--- FAIL: TestThree (0.00s)\nFAIL\nFAIL\texample.com/x/a\t0.030s\n--- PASS: TestB (0.00s)\nPASS\nok  \texample.com/x/b\t0.009s\n?   \texample.com/x/c\t[no test files]\nFAIL\n";
    assert.deepEqual(read(verbose), { figures: [2, 1, 1], source: "go test output", failedNames: ["TestThree"] });
    const brief = "--- FAIL: TestThree (0.00s)\n    a_test.go:5: bad\nFAIL\nFAIL\texample.com/x/a\t0.008s\nok  \texample.com/x/b\t(cached)\n?   \texample.com/x/c\t[no test files]\nok  \texample.com/x/d\t0.002s [no tests to run]\nFAIL\n";
    assert.deepEqual(read(brief).figures, [1, 1, 0]);
    assert.deepEqual(read("FAIL\texample.com/x/a [build failed]\n").figures, [0, 1, 0]);
    unknown("?   \texample.com/x/c\t[no test files]\n");
  });

  it("is understood as TAP of anybody when every announced test is there", () => {
    const tap = "TAP version 13\n1..4\nok 1 - a\nnot ok 2 - b\n  ---\n  message: no\n  ...\nok 3 - c # SKIP why\nnot ok 4 - d # TODO later\n";
    assert.deepEqual(read(tap), { figures: [1, 1, 2], source: "TAP output", failedNames: ["b"] });
    unknown(tap.replace("1..4", "1..5"));
    unknown(tap.replace("1..4\n", ""));
    unknown(`${tap}Bail out! no database\n`);
    assert.deepEqual(read("1..0 # SKIP nothing here\n").figures, [0, 0, 0]);
  });

  it("is understood as this project's own runner prints it, and not counted twice", () => {
    assert.deepEqual(read("  12 passing (3s)\n  1 pending\n\n12 passed, 0 failed, 1 skipped\n"), { figures: [12, 0, 1], source: "plain output", failedNames: [] });
    assert.deepEqual(read("12 passed, 0 failed, 1 skipped\r\n").figures, [12, 0, 1]);
  });

  it("is added up over several runs, and a failure is not hidden by what comes after it", () => {
    assert.deepEqual(read("  2 passing (3ms)\n\n\n  3 passing (1ms)\n  1 failing\n").figures, [5, 1, 0]);
    assert.deepEqual(read("Tests:       2 failed, 3 total\nother\n4 passed, 0 failed, 0 skipped\n").figures, [4, 2, 0]);
  });

  it("is not understood when nothing sums up", () => {
    for (const output of ["", "all good\n", "tests passed: 12", "3 passed", "ok\n", "# pass 3\n", "the 3 passing (4ms) cars\n"]) unknown(output);
  });
});
