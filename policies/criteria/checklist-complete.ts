import { BEFORE_USERS, criterion, expectationOf, madeBy } from "../criterion.js";
import { judgeEvidence } from "../judge-evidence.js";
import { checklistResultSchema } from "../../evidence/predicates.js";
import { checklistResultMistakes } from "../../evidence/what-counts.js";
import { PREDICATE } from "../../evidence/predicate-types.js";

/** Each item of the checklist passed or is confirmed, or somebody waived it by name and said why. */
export const checklistComplete = criterion({
  name: "checklist-complete",
  description: "Every item of the checklist passed or is confirmed, or is waived by name with a reason.",
  severity: "high",
  remediation: "Do what the item says and run ./mission deploy with --confirm <id>, or leave it out with --waive <id>=<reason>.",
  demanded: BEFORE_USERS,
  async judge(judged, change) {
    const judgement = await judgeEvidence(judged, {
      expected: expectationOf(judged, change, PREDICATE.checklist),
      what: "checklist",
      makes: madeBy("goes through checklist.yaml and signs what came of it"),
      schema: checklistResultSchema,
      judge: ({ predicate }) => checklistResultMistakes(predicate),
    });
    return judgement.ok ? [] : judgement.reasons;
  },
});
