import { PREDICATE } from "../../evidence/predicate-types.js";
import { testResultSchema, type TestResult } from "../../evidence/predicates.js";
import { ALWAYS, criterion, expectationOf, madeBy } from "../criterion.js";
import { judgeEvidence } from "../judge-evidence.js";

/** The release's own tests: at least one ran, none failed, on this commit and this artifact. */
export const testsPassed = criterion({
  name: "tests-passed",
  description: "The tests of this very artifact and commit were run, at least one, and none failed.",
  severity: "critical",
  remediation: "Repair what fails and run ./mission deploy again, or add the report of your own CI with ./mission evidence add.",
  demanded: ALWAYS,
  async judge(judged, change) {
    const judgement = await judgeEvidence(judged, {
      expected: expectationOf(judged, change, PREDICATE.testResult),
      what: "result of the tests",
      makes: madeBy("runs the tests and signs their result"),
      schema: testResultSchema,
      judge: ({ predicate }) => mistakesIn(predicate),
    });
    return judgement.ok ? [] : judgement.reasons;
  },
});

function mistakesIn({ result, failedTests, missionDeploy_counts: { executed, passed, failed, skipped } }: TestResult): string[] {
  const counts = `${executed} executed, ${passed} passed, ${failed} failed, ${skipped} skipped`;
  if (failed > 0) return [`says that ${failed} of ${executed} tests failed; allowed is none. Repair them and run them again.`];
  if (executed === 0) return [`says that no test was executed (${skipped} skipped); at least one must be. Correct the command that runs them.`];
  if (result !== "PASSED") return [`says ${result} (${counts}); allowed is PASSED. Repair what the tests say and run them again.`];
  if (passed + failed !== executed || failedTests.length > 0) return [`contradicts itself: ${counts}, and it names ${failedTests.length} failed tests; run the tests again.`];
  return [];
}
