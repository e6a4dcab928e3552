import { payloadOf } from "../../evidence/dsse.js";
import { PREDICATE, PREDICATE_ENVIRONMENT } from "../../evidence/predicate-types.js";
import { PREDICATE_SCHEMAS, type ApprovalStatement, type PlanStatement } from "../../evidence/predicates.js";
import { statementIn } from "../../evidence/read-envelope.js";
import { BINDING, type Statement } from "../../evidence/statement.js";
import { MISTAKES_IN } from "../../evidence/what-counts.js";
import { verifyEvidence, type Expectation, type TrustedKey } from "../../evidence/verify-evidence.js";
import { diagnose } from "../../model/diagnostic.js";
import { shortDigest } from "../../model/digest.js";
import type { EvidenceReference } from "../../model/evidence.js";
import type { Gates } from "../../model/gates.js";
import type { Release } from "../../model/release.js";
import { artifactsOf } from "./configured-stack.js";
import type { EvidenceStore } from "./evidence-store.js";

/** What evidence is held against: a release, and what its stack rests on. */
export interface About {
  readonly release: Release;
  readonly gates: Gates;
}

/** One piece of evidence, and whether it counts. */
export interface JudgedReference {
  readonly reference: EvidenceReference;
  /** Services that it says something of; none where it cannot be read. */
  readonly subjects: readonly string[];
  /** ISO 8601; null where it cannot be read. */
  readonly issuedAt: string | null;
  readonly expiresAt: string | null;
  /** Keys that have signed it and are trusted for that. */
  readonly keyIds: readonly string[];
  /** What the envelope says who has signed; nobody vouches for it. */
  readonly claimedKeyIds: readonly string[];
  /** Why it does not count, a sentence each; none when it does. */
  readonly problems: readonly string[];
}

/**
 * Judges evidence by itself: hash, signature, what it is bound to, times, and what it says. The policy pack judges once more, and more strictly where a
 * criterion does.
 * @param about null: against nothing but itself, so only hash, signature, times and form
 */
export async function judgeReference(reference: EvidenceReference, about: About | null, store: EvidenceStore, trusted: readonly TrustedKey[], now: Date): Promise<JudgedReference> {
  const stored = await store.get(reference);
  if (!stored.ok) return { reference, subjects: [], issuedAt: null, expiresAt: null, keyIds: [], claimedKeyIds: [], problems: [stored.problem] };
  const reading = statementIn(payloadOf(stored.envelope));
  const shown = reading.ok ? reading.value : null;
  const binding = shown?.predicate[BINDING];
  const verdict = verifyEvidence(reference, stored.bytes, about === null && shown !== null ? asItSays(shown) : expectationOf(reference.type, about, shown), trusted, now);
  const problems = verdict.verdict === "PASS" ? contentProblems(verdict.statement, about?.gates.plan ?? null).map((end) => `Evidence "${reference.sha256.slice(0, 12)}" ${end}`) : verdict.problems.map(({ message }) => message);
  return {
    reference,
    subjects: shown?.subject.map(({ name }) => name) ?? [],
    issuedAt: binding?.issuedAt ?? null,
    expiresAt: binding?.expiresAt ?? null,
    keyIds: verdict.verdict === "PASS" ? verdict.keyIds : [],
    claimedKeyIds: stored.envelope.signatures.flatMap(({ keyid }) => keyid ?? []),
    problems,
  };
}

function expectationOf(type: string, about: About | null, shown: Statement | null): Expectation {
  const bound = type === PREDICATE.plan && about !== null && about.gates.mission !== null ? { mission: about.gates.mission } : {};
  const release = about?.release;
  const subjects = release === undefined ? Object.fromEntries(shown?.subject.map(({ name, digest }) => [name, `sha256:${digest.sha256}`]) ?? []) : artifactsOf(release);
  return { type, subjects, application: release?.application ?? "", environment: PREDICATE_ENVIRONMENT[type] ?? null, commit: release?.commit ?? null, configuration: null, ...bound };
}

function asItSays({ subject, predicateType, predicate }: Statement): Expectation {
  const { application, environment, commit, configuration } = predicate[BINDING];
  return { type: predicateType, subjects: Object.fromEntries(subject.map(({ name, digest }) => [name, `sha256:${digest.sha256}`])), application, environment, commit, configuration };
}

/** What a signed statement says against what it is for, as ends of sentences. */
function contentProblems({ predicateType, predicate }: Statement, plan: string | null): readonly string[] {
  const schema = PREDICATE_SCHEMAS[predicateType];
  if (schema === undefined) return [];
  const parsed = schema.safeParse(predicate);
  if (!parsed.success) return diagnose(parsed.error, predicate, "predicate").map(({ path, message }) => `says something that is not understood: "${path}" ${message}`);
  const other = (of: string) => (plan === null || of === plan ? [] : [`is about plan ${shortDigest(of)}; the stack follows plan ${shortDigest(plan)}.`]);
  const judge = MISTAKES_IN[predicateType] as ((predicate: unknown) => readonly string[]) | undefined;
  if (judge !== undefined) return judge(parsed.data);
  return predicateType === PREDICATE.plan || predicateType === PREDICATE.approval ? other((parsed.data as PlanStatement | ApprovalStatement).plan) : [];
}
