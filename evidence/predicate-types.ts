/** What a statement says about its subjects, by its type. Standard types where there is one; a reader ignores fields that it does not know. */
export const PREDICATE = {
  /** https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md */
  testResult: "https://in-toto.io/attestation/test-result/v0.1",
  /** https://slsa.dev/spec/v1.0/provenance */
  provenance: "https://slsa.dev/provenance/v1",
  /** https://slsa.dev/spec/v1.0/verification_summary */
  verificationSummary: "https://slsa.dev/verification_summary/v1",
  /** Migrations that were tried on a scratch database. */
  migrations: ownPredicate("migrations"),
  /** What is to be done before a release, and that it is. */
  checklist: ownPredicate("checklist"),
  /** What a mission is going to do in production: every later raise, and every approval, refers to its digest. */
  plan: ownPredicate("plan"),
  /** A person agrees to a plan. */
  approval: ownPredicate("approval"),
  waiver: ownPredicate("waiver"),
  /** A rollback that was tried in staging, and how long it took. */
  rollbackDrill: ownPredicate("rollback-drill"),
} as const;

/** Types of statements about one environment; all others are about the release wherever it runs. */
export const PREDICATE_ENVIRONMENT: Readonly<Record<string, "staging" | "production" | undefined>> = {
  [PREDICATE.verificationSummary]: "staging",
  [PREDICATE.rollbackDrill]: "staging",
  [PREDICATE.plan]: "production",
  [PREDICATE.approval]: "production",
  [PREDICATE.waiver]: "production",
};

/**
 * The type of a statement that no standard has a type for.
 * @param name in kebab-case, such as `rollback-drill`
 * @throws RangeError for any other name
 */
export function ownPredicate(name: string): string {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) throw new RangeError(`"${name}" is no name of a predicate; allowed are lower-case words with dashes between them.`);
  return `urn:mission-deploy:${name}:v1`;
}
