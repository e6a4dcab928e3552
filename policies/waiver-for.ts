import { PREDICATE } from "../evidence/predicate-types.js";
import { waiverSchema, type Waivable } from "../evidence/predicates.js";
import type { JudgedChange } from "./change-of.js";
import { expectationOf } from "./criterion.js";
import { judgeEvidence } from "./judge-evidence.js";
import type { Judged } from "./rule.js";

/** Whether a hotfix leaves a criterion out, or why what was given for that does not count; no reason where nothing was given. */
export type WaiverJudgement = { readonly waived: true } | { readonly waived: false; readonly reasons: readonly string[] };

/** Looks for a signed waiver of a criterion: for this artifact in production and this mission, with its reason and by whom. Nothing else can be waived. */
export async function waiverFor(judged: Judged, change: JudgedChange, criterion: Waivable): Promise<WaiverJudgement> {
  const { mission, evidence } = judged.gated.gates;
  if (!evidence.some(({ type }) => type === PREDICATE.waiver)) return { waived: false, reasons: [] };
  if (mission === null) return { waived: false, reasons: ['a waiver counts for its mission only, and "mission:gates" names none; ./mission deploy --hotfix names it.'] };
  const judgement = await judgeEvidence(judged, {
    expected: expectationOf(judged, change, PREDICATE.waiver, { environment: "production", mission }),
    what: "waiver",
    makes: "./mission deploy --hotfix --reason <why> signs it.",
    schema: waiverSchema,
    judge: ({ predicate: { waived } }) => (waived.includes(criterion) ? [] : [`waives ${waived.map((each) => `"${each}"`).join(" and ")}, not "${criterion}"; give a waiver of that as well, or do what it demands.`]),
  });
  return judgement.ok ? { waived: true } : { waived: false, reasons: judgement.reasons };
}
