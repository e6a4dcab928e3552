import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { errorCode } from "../../artifacts/artifact-error.js";
import { payloadOf } from "../../evidence/dsse.js";
import { PREDICATE } from "../../evidence/predicate-types.js";
import { planSchema } from "../../evidence/predicates.js";
import { readEnvelope, statementIn } from "../../evidence/read-envelope.js";
import { BINDING, VALID_MS, type Statement } from "../../evidence/statement.js";
import { ENVELOPE_LIMIT } from "../../evidence/stored-evidence.js";
import type { TrustedKey } from "../../evidence/verify-evidence.js";
import type { EvidenceReference } from "../../model/evidence.js";
import type { Gates } from "../../model/gates.js";
import { EXIT, UserError } from "../errors.js";
import { artifactsOf, type ConfiguredStack } from "./configured-stack.js";
import type { EvidenceStore } from "./evidence-store.js";
import { importProvenance } from "./import-provenance.js";
import { importTests, type Imported } from "./import-tests.js";
import { keepImported } from "./imported-store.js";
import { judgeReference } from "./judge-reference.js";
import { recordEvidence, type EvidenceDesk } from "./record-evidence.js";

/** Stands where a statement of a mission has the mission's id. */
export const IMPORTED_MISSION = "imported";

/** Files with what somebody else has found out. */
export interface EvidenceFiles {
  readonly junit: readonly string[];
  readonly ctrf: readonly string[];
  /** DSSE envelopes with SLSA provenance v1. */
  readonly provenance: readonly string[];
  /** PEM of the public key that must have signed the provenance. */
  readonly trustedKey: string | null;
  /** DSSE envelopes with statements of ours. */
  readonly statements: readonly string[];
}

/** Where evidence goes, and by whom it is signed. */
export interface EvidencePlace {
  readonly configured: ConfiguredStack;
  readonly store: EvidenceStore;
  /** The store's folder, for what others have signed. */
  readonly directory: string;
  /** Signs a claim about some types of statements. @throws UserError (refused) when the key's role does not cover them */
  readonly keyFor: (types: readonly string[]) => Promise<EvidenceDesk["key"]>;
  /** Keys whose signatures count for the stack. */
  readonly trusted: readonly TrustedKey[];
  /** How long what is signed here counts, milliseconds. */
  readonly validMs?: number;
  readonly now?: Date;
}

/** What was added, and what the stack rests on with it. */
export interface AddedEvidence {
  readonly added: readonly EvidenceReference[];
  /** References that were replaced, because they count no more. */
  readonly dropped: readonly EvidenceReference[];
  readonly gates: Gates;
}

/**
 * Reads, judges, signs and stores what others have found out about the release of a stack. All of it is added, or, where anything is wrong, nothing: an
 * envelope may then lie in the store that nobody refers to.
 * @throws UserError (refused) with every reason why not, a sentence each
 */
export async function addEvidence(files: EvidenceFiles, place: EvidencePlace): Promise<AddedEvidence> {
  const { configured, store } = place;
  const now = place.now ?? new Date();
  const desk = async (type: string): Promise<EvidenceDesk> => ({ store, key: await place.keyFor([type]), now: () => now, validMs: place.validMs ?? VALID_MS });
  const tests = [...(files.junit.length > 0 ? [await importTests(files.junit, "JUnit XML")] : []), ...(files.ctrf.length > 0 ? [await importTests(files.ctrf, "CTRF JSON")] : [])];
  const provenance = await Promise.all(files.provenance.map((file) => readProvenance(file, files.trustedKey ?? "", configured)));
  const statements = await Promise.all(files.statements.map((file) => readStatement(file)));
  const problems = [...tests, ...provenance.map(({ imported }) => imported), ...statements].flatMap((each) => (each.ok ? [] : each.problems));
  if (problems.length > 0) throw refused(configured.stack, problems);

  const added: EvidenceReference[] = [];
  // Before anything is stored: a key that may not sign this must not leave half of it.
  const [testDesk, provenanceDesk] = [tests.length > 0 ? await desk(PREDICATE.testResult) : null, provenance.length > 0 ? await desk(PREDICATE.provenance) : null];
  for (const each of statements) if (each.ok) added.push(await store.put(each.predicate.envelope));
  for (const each of tests) if (each.ok && testDesk !== null) added.push(await sign(testDesk, configured, PREDICATE.testResult, each.predicate));
  for (const { bytes, imported } of provenance) {
    if (!imported.ok || provenanceDesk === null) continue;
    await keepImported(place.directory, bytes);
    added.push(await sign(provenanceDesk, configured, PREDICATE.provenance, imported.predicate));
  }
  return withAdded(added, statements.flatMap((each) => (each.ok ? [each.predicate.statement] : [])), place, now);
}

/** Whatever is added must count, and what it replaces is what does not. */
async function withAdded(added: readonly EvidenceReference[], statements: readonly Statement[], { configured, store, trusted }: EvidencePlace, now: Date): Promise<AddedEvidence> {
  const { release, settings } = configured;
  const gates = followed(settings.gates, statements);
  const judge = (reference: EvidenceReference) => judgeReference(reference, { release, gates }, store, trusted, now);
  const problems = (await Promise.all(added.map(judge))).flatMap((each) => each.problems);
  if (problems.length > 0) throw refused(configured.stack, problems);
  const before = gates.evidence.filter(({ sha256 }) => !added.some((each) => each.sha256 === sha256));
  const sameType = before.filter(({ type }) => added.some((each) => each.type === type));
  const dropped = (await Promise.all(sameType.map(judge))).filter((each) => each.problems.length > 0).map(({ reference }) => reference);
  return { added, dropped, gates: { ...gates, evidence: [...before.filter((each) => !dropped.includes(each)), ...added] } };
}

/** A stack whose plan is added follows that plan, of the mission that made it. */
function followed(gates: Gates, statements: readonly Statement[]): Gates {
  const plan = statements.findLast(({ predicateType }) => predicateType === PREDICATE.plan);
  const parsed = planSchema.safeParse(plan?.predicate);
  return plan === undefined || !parsed.success ? gates : { ...gates, mission: plan.predicate[BINDING].mission, plan: parsed.data.plan };
}

function sign(desk: EvidenceDesk, { release }: ConfiguredStack, type: string, predicate: Readonly<Record<string, unknown>>): Promise<EvidenceReference> {
  return recordEvidence(desk, { type, predicate, subjects: artifactsOf(release), application: release.application, environment: null, commit: release.commit, configuration: null, mission: IMPORTED_MISSION });
}

async function readProvenance(file: string, trustedKey: string, { release }: ConfiguredStack) {
  const bytes = await readLimited(file);
  if (typeof bytes === "string") return { bytes: Buffer.alloc(0), imported: { ok: false as const, problems: [bytes] } };
  return { bytes, imported: importProvenance(basename(file), bytes, trustedKey, release) };
}

async function readStatement(file: string): Promise<Imported<{ readonly envelope: Parameters<EvidenceStore["put"]>[0]; readonly statement: Statement }>> {
  const no = (problem: string): { readonly ok: false; readonly problems: readonly string[] } => ({ ok: false, problems: [problem] });
  const bytes = await readLimited(file);
  if (typeof bytes === "string") return no(bytes);
  const envelope = readEnvelope(bytes);
  if (!envelope.ok) return no(`The envelope "${file}" ${envelope.problem}`);
  const statement = statementIn(payloadOf(envelope.value));
  if (!statement.ok) return no(`The envelope "${file}" ${statement.problem} Provenance that somebody else has signed is given by --provenance.`);
  return { ok: true, predicate: { envelope: envelope.value, statement: statement.value } };
}

async function readLimited(file: string): Promise<Buffer | string> {
  try {
    const bytes = await readFile(file);
    return bytes.length > ENVELOPE_LIMIT ? `The file "${file}" has ${bytes.length.toLocaleString("en")} bytes; the largest envelope allowed is ${ENVELOPE_LIMIT.toLocaleString("en")}.` : bytes;
  } catch (error) {
    const code = errorCode(error);
    return code === "ENOENT" ? `The file "${file}" is not there; correct the path.` : `The file "${file}" cannot be read (${code ?? String(error)}).`;
  }
}

function refused(stack: string, problems: readonly string[]): UserError {
  return new UserError(EXIT.refused, [`Nothing was added to the evidence of stack "${stack}":`, ...problems].join("\n"));
}
