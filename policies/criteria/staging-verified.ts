import { parseDuration } from "../../model/duration.js";
import { PREDICATE } from "../../evidence/predicate-types.js";
import type { JudgedChange } from "../change-of.js";
import { BEFORE_USERS, criterion, expectationOf, madeBy } from "../criterion.js";
import { judgeEvidence, type Judgement } from "../judge-evidence.js";
import { verificationSummarySchema } from "../../evidence/predicates.js";
import { summaryMistakes } from "../../evidence/what-counts.js";
import type { Judged } from "../rule.js";
import { waiverFor } from "../waiver-for.js";
import type { z } from "zod";

/** Staging has proved this very artifact, not long ago; a signed waiver may stand for it. */
export const stagingVerified = criterion({
  name: "staging-verified",
  description: "Staging has proved this very artifact, no longer ago than maxStagingAge; a signed waiver of a hotfix may stand for that.",
  severity: "high",
  remediation: "Run ./mission deploy, which goes through staging first; in an emergency run a hotfix, whose waiver is signed and reported.",
  demanded: BEFORE_USERS,
  async judge(judged, change) {
    const summary = await stagingSummary(judged, change);
    if (summary.ok) return [];
    const waiver = await waiverFor(judged, change, "staging-verified");
    return waiver.waived ? [] : [...summary.reasons, ...waiver.reasons];
  },
});

/** Staging's own summary of the artifact; how old it may be is judged when the change begins. */
export function stagingSummary(judged: Judged, change: JudgedChange): Promise<Judgement<z.output<typeof verificationSummarySchema>>> {
  const maxAgeMs = parseDuration(judged.context.config.maxStagingAge);
  return judgeEvidence(judged, {
    expected: expectationOf(judged, change, PREDICATE.verificationSummary, { environment: "staging", ...(change.goesOn ? {} : { maxAgeMs }) }),
    what: "summary of staging",
    makes: madeBy("proves the release in staging and signs that"),
    schema: verificationSummarySchema,
    judge: ({ predicate }) => summaryMistakes(predicate),
  });
}
