import type { z } from "zod";
import { ROLLBACK_LIMIT_MS } from "../model/promises.js";
import { PREDICATE } from "./predicate-types.js";
import type { ChecklistResult, drillSchema, MigrationsResult, TestResult, verificationSummarySchema } from "./predicates.js";

/*
 * What a statement must say to count, whoever asks: the policy pack, and ./mission evidence. Each gives ends of sentences whose subject is the evidence; none when
 * it counts. A verdict that stands in a statement is never enough where there are numbers.
 */

/** At least one test ran and none failed. */
export function testResultMistakes({ result, failedTests, missionDeploy_counts: { executed, passed, failed, skipped } }: TestResult): readonly string[] {
  const counts = `${executed} executed, ${passed} passed, ${failed} failed, ${skipped} skipped`;
  if (failed > 0) return [`says that ${failed} of ${executed} tests failed; allowed is none. Repair them and run them again.`];
  if (executed === 0) return [`says that no test was executed (${skipped} skipped); at least one must be. Correct the command that runs them.`];
  if (result !== "PASSED") return [`says ${result} (${counts}); allowed is PASSED. Repair what the tests say and run them again.`];
  if (passed + failed !== executed || failedTests.length > 0) return [`contradicts itself: ${counts}, and it names ${failedTests.length} failed tests; run the tests again.`];
  return [];
}

/** They were applied, rolled back and applied again. Migrations that change nothing leave nothing to roll back. */
export function migrationsMistakes(predicate: MigrationsResult): readonly string[] {
  const steps = predicate.class === "none" ? (["applied"] as const) : (["applied", "rolledBack", "reapplied"] as const);
  const words = { applied: "applied", rolledBack: "rolled back", reapplied: "applied again after that" };
  return [
    ...(predicate.result === "PASSED" ? [] : [`says that the migrations ${predicate.result}; allowed is PASSED. Repair them and run the gate again.`]),
    ...steps.filter((step) => !predicate[step]).map((step) => `does not say that the migrations were ${words[step]}; run the gate again.`),
  ];
}

/** Every item passed, is confirmed, or is waived with a reason. */
export function checklistResultMistakes({ items }: ChecklistResult): readonly string[] {
  return items.flatMap(({ id, title, state, reason }) => {
    const named = `"${id}" (${title})`;
    if (state === "failed") return [`says that item ${named} of the checklist failed; put it right, or give --waive ${id}=<reason>.`];
    if (state === "open") return [`says that item ${named} of the checklist is open; give --confirm ${id} when it is so, or --waive ${id}=<reason>.`];
    if (state === "waived" && (reason ?? "").trim() === "") return [`says that item ${named} of the checklist is waived, without a reason; give --waive ${id}=<reason>.`];
    return [];
  });
}

/** Staging passed. */
export function summaryMistakes({ verificationResult }: z.output<typeof verificationSummarySchema>): readonly string[] {
  return verificationResult === "PASSED" ? [] : [`says that staging ${verificationResult}; allowed is PASSED. Repair the release and run the mission again.`];
}

/** Going back took less than the limit, and the gate on the drill passed. */
export function drillMistakes({ backMs, verdict }: z.output<typeof drillSchema>): readonly string[] {
  return [
    ...(backMs < ROLLBACK_LIMIT_MS ? [] : [`says that going back took ${backMs} ms; allowed is less than ${ROLLBACK_LIMIT_MS}. Make the release start and stop faster, and run the mission again.`]),
    ...(verdict === "PASS" ? [] : [`says that the drill ended with ${verdict}; allowed is PASS. Repair that and run the mission again.`]),
  ];
}

/** The same by type, of a predicate that its schema has read (`PREDICATE_SCHEMAS`); none for types in which nothing of itself can be wrong. */
export const MISTAKES_IN: Readonly<Record<string, (predicate: never) => readonly string[]>> = {
  [PREDICATE.testResult]: testResultMistakes,
  [PREDICATE.migrations]: migrationsMistakes,
  [PREDICATE.checklist]: checklistResultMistakes,
  [PREDICATE.verificationSummary]: summaryMistakes,
  [PREDICATE.rollbackDrill]: drillMistakes,
};
