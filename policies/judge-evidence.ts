import type { z } from "zod";
import type { Statement } from "../evidence/statement.js";
import { verifyEvidence, type Expectation } from "../evidence/verify-evidence.js";
import { diagnose } from "../model/diagnostic.js";
import type { EvidenceReference } from "../model/evidence.js";
import type { PackContext } from "./pack-context.js";
import type { Judged } from "./rule.js";
import { trustRoots, type TrustRoots } from "./trust-roots.js";

/** A statement that counts. */
export interface Found<T> {
  readonly predicate: T;
  readonly statement: Statement;
  readonly reference: EvidenceReference;
  /** Ids of the trusted keys that have signed it, at least one. */
  readonly keyIds: readonly string[];
  /** Who holds them. */
  readonly signers: readonly string[];
}

/** What is looked for. */
export interface Sought<T> {
  readonly expected: Expectation;
  /** What it is, such as `result of tests`. */
  readonly what: string;
  /** What makes it, as the end of "no ... is given;". */
  readonly makes: string;
  readonly schema: z.ZodType<T>;
  /**
   * Judges once more what the statement says: nobody's verdict is taken over.
   * @returns why it does not count, as ends of sentences whose subject is the evidence; none when it counts
   */
  readonly judge: (found: Found<T>) => readonly string[];
}

/** The first statement that counts, or every reason why none does, a sentence each. */
export type Judgement<T> = { readonly ok: true; readonly found: Found<T> } | { readonly ok: false; readonly reasons: readonly string[] };

/**
 * Looks for a statement among those that a change rests on. Each of the wanted type is read from the mission store and verified by itself: hash,
 * signature by a trusted key, what it is bound to, age, and then what it says.
 */
export async function judgeEvidence<T>(judged: Pick<Judged, "gated" | "environment" | "context">, sought: Sought<T>): Promise<Judgement<T>> {
  const { type } = sought.expected;
  const references = distinct(judged.gated.gates.evidence.filter((reference) => reference.type === type));
  if (references.length === 0) return { ok: false, reasons: [`no ${sought.what} is given; ${sought.makes}`] };
  const reasons: string[] = [];
  const roots = await trustRoots(judged);
  for (const reference of references) {
    const one = await judgeOne(judged.context, roots, reference, sought);
    if (one.ok) return one;
    reasons.push(...one.reasons);
  }
  return { ok: false, reasons };
}

async function judgeOne<T>(context: PackContext, roots: TrustRoots, reference: EvidenceReference, { expected, schema, judge }: Sought<T>): Promise<Judgement<T>> {
  const name = `Evidence "${reference.sha256.slice(0, 12)}"`;
  const no = (...ends: readonly string[]): Judgement<T> => ({ ok: false, reasons: ends.map((end) => `${name} ${end}`) });
  const stored = await context.read(reference);
  if (!stored.ok) return { ok: false, reasons: [stored.problem] };
  const verdict = verifyEvidence(reference, stored.bytes, expected, roots.keys, context.now);
  if (verdict.verdict === "FAIL") {
    const whyNot = verdict.problems.some(({ check }) => check === "signature") ? roots.whyNot(stored.envelope) : null;
    return whyNot === null ? { ok: false, reasons: verdict.problems.map(({ message }) => message) } : no(whyNot);
  }
  const { statement, keyIds } = verdict;
  const parsed = schema.safeParse(statement.predicate);
  if (!parsed.success) return no(...diagnose(parsed.error, statement.predicate, "predicate").map(({ path, message }) => `says something that cannot be judged: "${path}" ${message}`));
  const found: Found<T> = { predicate: parsed.data, statement, reference, keyIds, signers: keyIds.map(roots.nameOf) };
  const ends = judge(found);
  return ends.length > 0 ? no(...ends) : { ok: true, found };
}

function distinct(references: readonly EvidenceReference[]): readonly EvidenceReference[] {
  return [...new Map(references.map((reference) => [reference.sha256, reference])).values()];
}
