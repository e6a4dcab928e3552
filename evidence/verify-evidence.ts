import type { EvidenceReference } from "../model/evidence.js";
import { digestOf, shortDigest } from "../model/digest.js";
import { show } from "../model/diagnostic.js";
import { PAYLOAD_TYPE, payloadOf, readPublicKey, signersOf } from "./dsse.js";
import { readEnvelope, statementIn } from "./read-envelope.js";
import { keyIdOf } from "./signing-key.js";
import { BINDING, type Binding, type Statement } from "./statement.js";

/** A public key that may sign statements of some types. */
export interface TrustedKey {
  /** SPKI PEM, Ed25519. */
  readonly publicKey: string;
  /** Predicate types that it may sign. */
  readonly types: readonly string[];
}

/** What a statement must say to count. */
export interface Expectation {
  readonly type: string;
  /** Artifact digest by service, at least one; a statement may be about further services. */
  readonly subjects: Readonly<Record<string, string>>;
  readonly application: string;
  readonly environment: Binding["environment"];
  readonly commit: string | null;
  readonly configuration: string | null;
  /** Default: a statement of any mission counts. */
  readonly mission?: string;
  /** Milliseconds since it was issued, at most. Default: until it expires. */
  readonly maxAgeMs?: number;
  /** Default true. False: it counted when the change began, which goes on now, so that it may have expired since. */
  readonly expires?: boolean;
}

/** What was looked at. */
export type EvidenceCheck = "hash" | "envelope" | "trust" | "signature" | "key" | "statement" | "type" | "subject" | "application" | "environment" | "commit" | "configuration" | "mission" | "time";

/** One reason why evidence does not count, as a sentence. */
export interface EvidenceProblem {
  readonly check: EvidenceCheck;
  readonly message: string;
}

/** PASS with what was signed and by whom; or every reason against it. */
export type EvidenceVerdict =
  | { readonly verdict: "PASS"; readonly statement: Statement; readonly keyIds: readonly string[]; readonly problems: readonly [] }
  | { readonly verdict: "FAIL"; readonly problems: readonly EvidenceProblem[] };

/** Milliseconds by which the clock of the machine that signed may be ahead. */
export const CLOCK_SKEW_MS = 60_000;

/**
 * Judges the bytes of an envelope: hash, then signature, then what it says. Bytes that are not those referred to, or that nobody who is trusted
 * has signed, are not looked into any further. Reads nothing and asks nobody.
 * @param trusted keys; one that cannot be read is a reason against all evidence, so that a mistake in the list does not go unnoticed
 */
export function verifyEvidence(reference: EvidenceReference, bytes: Buffer, expected: Expectation, trusted: readonly TrustedKey[], now: Date): EvidenceVerdict {
  const name = `Evidence "${reference.sha256.slice(0, 12)}"`;
  const fail = (check: EvidenceCheck, message: string): EvidenceVerdict => ({ verdict: "FAIL", problems: [{ check, message: `${name} ${message}` }] });
  if (digestOf(bytes) !== `sha256:${reference.sha256}`) return fail("hash", `has bytes with the hash ${shortDigest(digestOf(bytes))}: it was changed, or another one is referred to; run the gate again that made it.`);
  const envelope = readEnvelope(bytes);
  if (!envelope.ok) return fail("envelope", envelope.problem);
  if (envelope.value.payloadType !== PAYLOAD_TYPE) return fail("envelope", `has a payload of type ${show(envelope.value.payloadType)}; allowed is "${PAYLOAD_TYPE}".`);

  const keys = trusted.map(({ publicKey, types }) => ({ key: readPublicKey(publicKey), types }));
  const unreadable = keys.findIndex(({ key }) => key === null);
  if (unreadable >= 0) return fail("trust", `cannot be judged: trusted key ${unreadable + 1} is no Ed25519 public key in PEM; correct the list of trusted keys.`);
  const readable = keys.flatMap(({ key, types }) => (key === null ? [] : [{ key, types, id: keyIdOf(key) }]));
  const signers = signersOf(envelope.value, readable.map(({ key }) => key));
  if (signers.length === 0) return fail("signature", `is signed by none of the ${trusted.length} trusted keys, or was changed after it was signed; trust the key that signs, or run the gate again.`);

  const statement = statementIn(payloadOf(envelope.value));
  if (!statement.ok) return fail("statement", statement.problem);
  const { predicateType } = statement.value;
  const keyIds = signers.filter((id) => readable.some((each) => each.id === id && each.types.includes(predicateType)));
  const problems: EvidenceProblem[] = [
    ...(keyIds.length > 0 ? [] : [{ check: "key" as const, message: `is signed by key "${shortDigest(signers[0] ?? "")}", which may not sign statements of type ${show(predicateType)}; sign with a key that may.` }]),
    ...typeProblems(reference, statement.value, expected),
    ...subjectProblems(statement.value, expected),
    ...bindingProblems(statement.value.predicate[BINDING], expected),
    ...timeProblems(statement.value.predicate[BINDING], expected, now),
  ].map(({ check, message }) => ({ check, message: `${name} ${message}` }));
  return problems.length === 0 ? { verdict: "PASS", statement: statement.value, keyIds, problems: [] } : { verdict: "FAIL", problems };
}

function typeProblems(reference: EvidenceReference, { predicateType }: Statement, expected: Expectation): EvidenceProblem[] {
  const wrong = (wanted: string, who: string) => (predicateType === wanted ? [] : [{ check: "type" as const, message: `is of type ${show(predicateType)}; ${who} ${show(wanted)}.` }]);
  const problems = wrong(expected.type, "wanted is");
  return problems.length > 0 ? problems : wrong(reference.type, "its reference says");
}

function subjectProblems({ subject }: Statement, { subjects }: Expectation): EvidenceProblem[] {
  const services = Object.entries(subjects);
  if (services.length === 0) return [{ check: "subject", message: "is to be judged for no service at all; name at least one." }];
  return services.flatMap(([service, digest]) => {
    const found = subject.filter(({ name }) => name === service).map((each) => `sha256:${each.digest.sha256}`);
    if (found.length === 1 && found[0] === digest) return [];
    const seen = found.length === 0 ? "says nothing of that service" : `is about ${found.map(shortDigest).join(" and ")}`;
    return [{ check: "subject" as const, message: `${seen}; wanted is artifact ${shortDigest(digest)} of service "${service}".` }];
  });
}

function bindingProblems(binding: Binding, expected: Expectation): EvidenceProblem[] {
  const names = ["application", "environment", "commit", "configuration", ...(expected.mission === undefined ? [] : ["mission" as const])] as const;
  return names.flatMap((check) => {
    const wanted = expected[check] ?? null;
    return binding[check] === wanted ? [] : [{ check, message: `is about ${check} ${show(binding[check])}; wanted is ${show(wanted)}.` }];
  });
}

function timeProblems({ issuedAt, expiresAt }: Binding, { maxAgeMs, expires: mayNotHaveExpired = true }: Expectation, now: Date): EvidenceProblem[] {
  const [issued, expires, at] = [Date.parse(issuedAt), Date.parse(expiresAt), now.getTime()];
  const problem = (message: string): EvidenceProblem => ({ check: "time", message });
  if (expires <= issued) return [problem(`expires at ${expiresAt}, which is not after ${issuedAt}, when it was issued.`)];
  if (issued > at + CLOCK_SKEW_MS) return [problem(`was issued at ${issuedAt}, which is still to come; it is ${now.toISOString()}. Correct the clock of the machine that signed it.`)];
  if (mayNotHaveExpired && expires <= at) return [problem(`expired at ${expiresAt}; it is ${now.toISOString()}. Run the gate again that made it.`)];
  if (maxAgeMs !== undefined && at - issued > maxAgeMs) return [problem(`is ${at - issued} ms old; the oldest allowed is ${maxAgeMs} ms. Run the gate again that made it.`)];
  return [];
}
