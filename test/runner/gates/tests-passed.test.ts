import assert from "node:assert/strict";
import { join } from "node:path";
import { digestOf } from "../../../model/digest.js";
import { UserError } from "../../../runner/errors.js";
import { PREDICATE } from "../../../evidence/predicate-types.js";
import { testResultSchema } from "../../../evidence/predicates.js";
import { directoryEvidenceStore } from "../../../runner/evidence/evidence-store.js";
import { testsPassed, type TestsPassedOptions } from "../../../runner/gates/tests-passed.js";
import { codebase, removeCodebases, type FileContent } from "../../support/codebases.js";
import { git, gitRepository } from "../../support/git.js";
import { evidenceDesk, subjectOf, type SubjectOptions } from "./support.js";

const GREEN = 'const { it } = require("node:test"); it("passes", () => {}); it.skip("is skipped", () => {});';
const RED = `${GREEN} it("fails", () => { throw new Error("no"); });`;
/** A runner of its own variable would take itself for a child of ours. */
const NODE = "unset NODE_TEST_CONTEXT; node --test --test-reporter=spec a.test.cjs";
const JUNIT = "unset NODE_TEST_CONTEXT; node --test --test-reporter=junit --test-reporter-destination=report.xml a.test.cjs";

async function run(test: unknown, files: Readonly<Record<string, FileContent>> = {}, changed: Partial<TestsPassedOptions & SubjectOptions> = {}) {
  const { desk, judge } = await evidenceDesk();
  const { hotfix, commit, codebase: folder, ...options } = changed;
  const subject = subjectOf({ codebase: folder ?? (await codebase(files)), test, hotfix: hotfix ?? null, commit: commit ?? null });
  let output = "";
  const result = await testsPassed(subject, { evidence: desk, timeLimitMs: 60_000, onOutput: (text) => void (output += text), ...options });
  assert.equal(result.gate, "tests-passed");
  return { result, output, judge: () => judge(subject, result) };
}

describe("the gate tests-passed", () => {
  afterEach(removeCodebases);

  it("passes when the codebase's own tests do, and leaves evidence that verifies", async () => {
    const { result, output, judge } = await run(NODE, { "a.test.cjs": GREEN });
    assert.equal(result.verdict, "PASS", result.summary);
    assert.match(result.summary, /1 passed, 0 failed, 1 skipped \(node --test output\)\.$/);
    assert.deepEqual(result.measured, { executed: 1, passed: 1, failed: 0, skipped: 1, source: "node --test output", report: null });
    assert.match(output, /ℹ pass 1/);
    const verdict = await judge();
    assert.ok(verdict.verdict === "PASS", JSON.stringify(verdict.problems));
    assert.equal(verdict.statement.predicateType, PREDICATE.testResult);
    const predicate = testResultSchema.parse(verdict.statement.predicate);
    assert.deepEqual(predicate, {
      result: "PASSED",
      configuration: [{ name: "test-command", digest: { sha256: digestOf(NODE).slice(7) }, annotations: { command: NODE } }],
      failedTests: [],
      missionDeploy_counts: { executed: 1, passed: 1, failed: 0, skipped: 1 },
      missionDeploy_report: { source: "node --test output", digest: null },
    });
  });

  it("counts the report that the tests leave, and names its digest in the evidence", async () => {
    const folder = await codebase({ "a.test.cjs": GREEN });
    const { result, judge } = await run({ command: JUNIT, report: "report.xml" }, {}, { codebase: folder });
    assert.equal(result.verdict, "PASS", result.summary);
    const verdict = await judge();
    assert.ok(verdict.verdict === "PASS");
    const { missionDeploy_report: report } = testResultSchema.parse(verdict.statement.predicate);
    assert.deepEqual(report, { source: "JUnit XML", digest: result.measured["report"] });
    assert.match(String(report.digest), /^sha256:/);
  });

  it("fails with the tests, names them, and records that too", async () => {
    const { result, judge } = await run({ command: JUNIT, report: "report.xml" }, { "a.test.cjs": RED });
    assert.equal(result.verdict, "FAIL");
    assert.match(result.summary, /ended with exit code 1: 1 passed, 1 failed, 1 skipped/);
    assert.match(result.details[0] ?? "", /^Test ".*fails" failed\.$/);
    const verdict = await judge();
    assert.ok(verdict.verdict === "PASS");
    const predicate = testResultSchema.parse(verdict.statement.predicate);
    assert.deepEqual([predicate.result, predicate.missionDeploy_counts.failed, predicate.failedTests.length], ["FAILED", 1, 1]);
  });

  it("fails on an exit code although the report is green", async () => {
    const { result, judge } = await run({ command: `${JUNIT}; exit 3`, report: "report.xml" }, { "a.test.cjs": GREEN });
    assert.equal(result.verdict, "FAIL");
    assert.match(result.summary, /ended with exit code 3: 1 passed, 0 failed/);
    assert.match((await judge()).text, /"result":"FAILED"/);
  });

  it("fails on a failure in the report although the exit code is 0", async () => {
    const { result } = await run({ command: `${JUNIT}; true`, report: "report.xml" }, { "a.test.cjs": RED });
    assert.equal(result.verdict, "FAIL");
    assert.match(result.summary, /ended well although 1 passed, 1 failed/);
  });

  it("fails when no test was executed, also when some were skipped", async () => {
    const skipped = await run({ command: JUNIT, report: "report.xml" }, { "a.test.cjs": 'require("node:test").it.skip("is skipped", () => {});' });
    assert.equal(skipped.result.verdict, "FAIL");
    assert.match(skipped.result.summary, /without executing one: 0 passed, 0 failed, 1 skipped/);
    const none = await run("echo '0 passed, 0 failed, 0 skipped'");
    assert.equal(none.result.verdict, "FAIL");
    assert.match((await none.judge()).text, /"result":"FAILED"/);
  });

  it("fails, saying what to do, when the application has no tests", async () => {
    const { result } = await run(null);
    assert.equal(result.verdict, "FAIL");
    assert.match(result.summary, /"shop" names no tests.*name the command that runs them as "test" in mission\.yaml/);
    assert.equal(result.evidence, undefined);
  });

  it("is inconclusive, saying what to do and leaving no evidence, when how many ran cannot be determined", async () => {
    const stale = { "report.xml": '<testsuite name="s"><testcase name="t"/></testsuite>' };
    const cases: readonly (readonly [unknown, RegExp])[] = [
      ["echo all good", /make them write JUnit XML or CTRF JSON/],
      [{ command: "true", report: "none.xml" }, /"none.xml" was not there after the tests; make the test command write it/],
      [{ command: "touch -t 202001010000 report.xml; echo '1 passed, 0 failed, 0 skipped'", report: "report.xml" }, /left over from another run/],
      [{ command: "head -c 20 report.xml > cut; mv cut report.xml", report: "report.xml" }, /no well-formed XML/],
    ];
    for (const [test, reason] of cases) {
      const { result } = await run(test, stale);
      assert.equal(result.verdict, "INCONCLUSIVE", result.summary);
      assert.match(result.summary, reason);
      assert.equal(result.evidence, undefined);
      assert.equal(result.measured["executed"], null);
    }
    assert.equal((await run("exit 2")).result.verdict, "FAIL");
  });

  it("fails when the tests take longer than they may, and ends them", async () => {
    const { result, output } = await run("trap '' TERM; echo started; while :; do sleep 0.05; done", {}, { timeLimitMs: 300, graceMs: 50 });
    assert.equal(result.verdict, "FAIL");
    assert.match(result.summary, /took longer than 300ms, the time allowed, and were ended/);
    assert.equal(output, "started\n");
  });

  it("is interrupted by its signal, which is no verdict", async () => {
    const controller = new AbortController();
    const running = run("echo started; sleep 60", {}, { signal: controller.signal, onOutput: () => controller.abort() });
    await assert.rejects(running, (error) => error instanceof UserError && error.exitCode === 130);
  });

  it("runs the critical tests for a hotfix, where the application names them, and all of them otherwise", async () => {
    const line = (count: number) => `echo '${count} passed, 0 failed, 0 skipped'`;
    const hotfix = { reason: "money is lost", by: "the operator" };
    const passed = async (test: unknown, changed: Partial<SubjectOptions>) => (await run(test, {}, changed)).result.measured["passed"];
    assert.equal(await passed({ command: line(9), critical: line(2) }, { hotfix }), 2);
    assert.equal(await passed({ command: line(9), critical: line(2) }, {}), 9);
    assert.equal(await passed({ command: line(9) }, { hotfix }), 9);
  });

  it("gives the tests what a build gets: the version and the commit, and nothing of the runner's", async () => {
    process.env["PULUMI_ACCESS_TOKEN"] = "a secret of the runner";
    try {
      const { result, output } = await run("echo \"$MISSION_VERSION-$MISSION_COMMIT-$PULUMI_ACCESS_TOKEN-\"; echo '1 passed, 0 failed, 0 skipped'");
      assert.equal(result.verdict, "PASS");
      assert.match(output, /^1\.2\.0---$/m);
    } finally {
      delete process.env["PULUMI_ACCESS_TOKEN"];
    }
  });

  it("says nothing of a release from another commit", async () => {
    const files = { "a.test.cjs": GREEN };
    const folder = await codebase(files);
    const commit = gitRepository(folder);
    assert.equal((await run(NODE, {}, { codebase: folder, commit })).result.verdict, "PASS");
    assert.equal((await run(NODE, {}, { codebase: folder, commit: `${commit}-dirty` })).result.verdict, "PASS");
    const moving = `${NODE} && git -c user.name=t -c user.email=t@example.invalid commit --quiet --allow-empty --message second`;
    const moved = (await run(moving, {}, { codebase: folder, commit })).result;
    assert.equal(moved.verdict, "FAIL");
    assert.match(moved.summary, new RegExp(`is at commit ${git(folder, "rev-parse", "HEAD").slice(0, 12)}, and the release was built from commit ${commit.slice(0, 12)}`));
    assert.equal((await run(NODE, {}, { codebase: folder, commit })).result.verdict, "FAIL");
    assert.equal((await run(NODE, {}, { codebase: folder, commit: null })).result.verdict, "FAIL");
  });

  it("writes no path of this machine into evidence", async () => {
    const folder = await codebase({ "a.test.cjs": "throw new Error('cannot be loaded');" });
    const { result, judge } = await run({ command: `${JUNIT}; exit 1`, report: "report.xml" }, {}, { codebase: folder });
    assert.equal(result.verdict, "FAIL");
    const { text } = await judge();
    assert.match(text, /a\.test\.cjs/);
    assert.ok(!text.includes(folder), text);
  });

  it("is an error, not a failure, when it cannot be measured or recorded", async () => {
    const gone = await codebase({});
    await removeCodebases();
    assert.equal((await run("true", {}, { codebase: gone })).result.verdict, "ERROR");
    const folder = await codebase({ "file": "" });
    const { desk } = await evidenceDesk();
    const { result } = await run("echo '1 passed, 0 failed, 0 skipped'", {}, { evidence: { ...desk, store: directoryEvidenceStore(join(folder, "file", "evidence")) } });
    assert.equal(result.verdict, "ERROR");
    assert.match(result.summary, /could not be run and recorded/);
  });
});
