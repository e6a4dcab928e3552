import { PREDICATE } from "../../evidence/predicate-types.js";
import { testResultSchema } from "../../evidence/predicates.js";
import { testResultMistakes } from "../../evidence/what-counts.js";
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
      judge: ({ predicate }) => testResultMistakes(predicate),
    });
    return judgement.ok ? [] : judgement.reasons;
  },
});
