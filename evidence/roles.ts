import { PREDICATE } from "./predicate-types.js";

/*
 * Who may state what. A role is only a list of predicate types: what a key really may sign is said by the pack that trusts it (`policies/pack.yaml`),
 * and this list is what `mission keys show` proposes for it. A machine refuses to sign what the role of its key does not cover.
 */

export const ROLES = ["operator", "tester", "developer", "analyst"] as const;
export type Role = (typeof ROLES)[number];

/** Everything that a mission states while it runs. */
export const MISSION_TYPES: readonly string[] = [
  PREDICATE.testResult,
  PREDICATE.provenance,
  PREDICATE.migrations,
  PREDICATE.checklist,
  PREDICATE.plan,
  PREDICATE.verificationSummary,
  PREDICATE.rollbackDrill,
  PREDICATE.waiver,
];

/**
 * Predicate types by role.
 *
 * | role | who holds the key | may state |
 * | --- | --- | --- |
 * | operator | whoever runs missions: a deployment's CI, or the person on duty | all that a mission states, and approvals |
 * | tester | whoever runs the tests | test results |
 * | developer | whoever builds: the CI of the codebase | test results, provenance, migrations |
 * | analyst | whoever answers for a release without touching it | the checklist, approvals |
 *
 * An operator's key signs all of a mission, because one process makes all of its statements. A tester cannot say what was built, a developer cannot say
 * what staging has shown, and neither can plan, waive or approve.
 */
export const ROLE_TYPES: Readonly<Record<Role, readonly string[]>> = {
  operator: [...MISSION_TYPES, PREDICATE.approval],
  tester: [PREDICATE.testResult],
  developer: [PREDICATE.testResult, PREDICATE.provenance, PREDICATE.migrations],
  analyst: [PREDICATE.checklist, PREDICATE.approval],
};
