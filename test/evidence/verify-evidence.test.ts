import "../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { digestOf } from "../../model/digest.js";
import { signEnvelope } from "../../evidence/dsse.js";
import { BINDING, statementOf, type Statement } from "../../evidence/statement.js";
import { verifyEvidence, type EvidenceCheck, type Expectation, type TrustedKey } from "../../evidence/verify-evidence.js";
import { asStored, claim, expected, ISSUED, newKey, signed, trust, TYPE } from "./support.js";

const MINUTE = 60_000;
const key = newKey();
const stranger = newKey();
const trusted = [trust(key, TYPE)];
const statement = statementOf(claim, ISSUED, 60 * MINUTE);
const now = new Date(ISSUED.getTime() + MINUTE);

/** Which checks say no, in order; every reason is one complete sentence about the evidence. */
function denials(stored: ReturnType<typeof signed>, changed: { readonly expected?: Partial<Expectation>; readonly trusted?: readonly TrustedKey[]; readonly now?: Date } = {}): EvidenceCheck[] {
  const verdict = verifyEvidence(stored.reference, stored.bytes, { ...expected, ...changed.expected }, changed.trusted ?? trusted, changed.now ?? now);
  assert.equal(verdict.verdict === "PASS", verdict.problems.length === 0);
  for (const { message } of verdict.problems) assert.match(message, /^Evidence "[0-9a-f]{12}" [a-z].*\.$/s);
  return verdict.problems.map(({ check }) => check);
}

/** The statement with something else in its binding. */
const bound = (changed: Record<string, unknown>) => ({ ...statement, predicate: { ...statement.predicate, [BINDING]: { ...statement.predicate[BINDING], ...changed } } });

describe("verifying evidence", () => {
  it("passes what a trusted key has signed and what says all that is wanted, and tells who signed", () => {
    const { reference, bytes } = signed(statement, key);
    const verdict = verifyEvidence(reference, bytes, expected, [trust(stranger, TYPE), ...trusted], now);
    assert.ok(verdict.verdict === "PASS");
    assert.deepEqual(verdict.keyIds, [key.keyId]);
    assert.deepEqual(verdict.statement, statement);
  });

  it("denies every single change of a statement for its own reason, although a trusted key has signed it", () => {
    const cases: readonly (readonly [EvidenceCheck, unknown, string?])[] = [
      ["statement", { ...statement, _type: "https://in-toto.io/Statement/v0.1" }],
      ["statement", { ...statement, subject: [] }],
      ["statement", { ...statement, predicate: {} }],
      ["statement", bound({ further: 1 })],
      ["statement", bound({ issuedAt: "yesterday" })],
      ["subject", { ...statement, subject: statement.subject.slice(1) }],
      ["subject", { ...statement, subject: statement.subject.map((each) => ({ ...each, digest: { sha256: digestOf("other").slice(7) } })).slice(0, 1).concat(statement.subject.slice(1)) }],
      ["subject", { ...statement, subject: [...statement.subject, { name: "web", digest: { sha256: digestOf("other").slice(7) } }] }],
      ["application", bound({ application: "other" })],
      ["environment", bound({ environment: "staging" })],
      ["environment", bound({ environment: null })],
      ["commit", bound({ commit: "b".repeat(40) })],
      ["commit", bound({ commit: `${"a".repeat(40)}-dirty` })],
      ["commit", bound({ commit: null })],
      ["configuration", bound({ configuration: digestOf("other") })],
      ["configuration", bound({ configuration: null })],
      ["mission", bound({ mission: "shop-1.0.0-y" })],
      ["time", bound({ issuedAt: "2026-11-25T13:00:00.000Z" })],
      ["time", bound({ issuedAt: "2026-11-25T12:30:00.000Z" })],
      ["time", bound({ expiresAt: "2026-11-25T12:01:00.000Z" })],
      ["time", bound({ expiresAt: "2026-11-25T11:00:00.000Z" })],
    ];
    for (const [check, changed] of cases) assert.deepEqual(denials(signed(changed, key)), [check], JSON.stringify(changed));
  });

  it("denies every single change of what is wanted for its own reason", () => {
    const stored = signed(statement, key);
    assert.deepEqual(denials(stored), []);
    const wanted: readonly (readonly [EvidenceCheck, Partial<Expectation>])[] = [
      ["type", { type: "urn:mission-deploy:other:v1" }],
      ["subject", { subjects: { web: digestOf("other") } }],
      ["subject", { subjects: { worker: digestOf("web") } }],
      ["subject", { subjects: {} }],
      ["application", { application: "other" }],
      ["environment", { environment: null }],
      ["commit", { commit: null }],
      ["configuration", { configuration: null }],
      ["mission", { mission: "other" }],
      ["time", { maxAgeMs: MINUTE - 1 }],
    ];
    for (const [check, change] of wanted) assert.deepEqual(denials(stored, { expected: change }), [check], JSON.stringify(change));
    assert.deepEqual(denials(stored, { expected: { subjects: { web: digestOf("web") }, maxAgeMs: MINUTE } }), []);
  });

  it("denies by the hash whatever bytes are not those referred to, and looks no further", () => {
    const { reference, bytes } = signed(statement, key);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ change;
        assert.deepEqual(denials({ reference, bytes: other }), ["hash"]);
      }),
      { numRuns: 200 },
    );
    assert.deepEqual(denials({ reference, bytes: bytes.subarray(1) }), ["hash"]);
  });

  it("denies whatever was changed after it was signed, although the reference fits it", () => {
    const { bytes } = signed(statement, key);
    fc.assert(
      fc.property(fc.nat(bytes.length - 2), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ change;
        const sha256 = digestOf(other).slice(7);
        const found = verifyEvidence({ type: TYPE, sha256 }, other, expected, trusted, now);
        // A change in the hint of who signed, which nobody signs, or of white space and base64's unused bits, changes nothing that is said.
        if (found.verdict === "PASS") assert.deepEqual(found.statement, statement);
        else assert.ok(["envelope", "signature"].includes(found.problems[0]?.check ?? ""), found.problems[0]?.message);
      }),
      { numRuns: 1_000 },
    );
    const replaced = { ...JSON.parse(bytes.toString()), payload: Buffer.from(JSON.stringify(bound({ application: "other" }))).toString("base64") };
    assert.deepEqual(denials(asStored(replaced), { expected: { application: "other" } }), ["signature"]);
  });

  it("denies a key that is not trusted, trusted for other types only, or cannot be read", () => {
    const stored = signed(statement, stranger);
    assert.deepEqual(denials(stored), ["signature"]);
    assert.deepEqual(denials(stored, { trusted: [] }), ["signature"]);
    assert.deepEqual(denials(stored, { trusted: [...trusted, trust(stranger, "urn:mission-deploy:other:v1")] }), ["key"]);
    assert.deepEqual(denials(stored, { trusted: [...trusted, trust(stranger)] }), ["key"]);
    assert.deepEqual(denials(stored, { trusted: [trust(stranger, TYPE), { publicKey: "nothing", types: [TYPE] }] }), ["trust"]);
    assert.deepEqual(denials(stored, { trusted: [trust(stranger, "urn:mission-deploy:other:v1"), trust(stranger, TYPE)] }), []);
  });

  it("denies what is no envelope, is an envelope of something else, or holds no JSON", () => {
    const bytes = Buffer.from("no envelope");
    assert.deepEqual(denials({ bytes, reference: { type: TYPE, sha256: digestOf(bytes).slice(7) } }), ["envelope"]);
    assert.deepEqual(denials(asStored(signEnvelope(JSON.stringify(statement), key, "application/json"))), ["envelope"]);
    assert.deepEqual(denials(asStored(signEnvelope("no JSON", key))), ["statement"]);
  });

  it("denies a reference that promises another type than the statement has", () => {
    assert.deepEqual(denials(signed(statement, key, "urn:mission-deploy:other:v1")), ["type"]);
    const other: Statement = { ...statement, predicateType: "urn:mission-deploy:other:v1" };
    assert.deepEqual(denials(signed(other, key)), ["key", "type"]);
  });

  it("tells every reason at once", () => {
    const stored = signed({ ...bound({ application: "other", environment: null, commit: null, expiresAt: "2026-11-25T12:00:30.000Z" }), subject: statement.subject.slice(1) }, key);
    assert.deepEqual(denials(stored), ["subject", "application", "environment", "commit", "time"]);
  });

  it("counts from the moment it is issued, clocks a minute apart, up to but not including the moment it expires", () => {
    const stored = signed(statement, key);
    const at = (milliseconds: number) => denials(stored, { now: new Date(ISSUED.getTime() + milliseconds) });
    assert.deepEqual([at(-MINUTE - 1), at(-MINUTE), at(60 * MINUTE - 1), at(60 * MINUTE)], [["time"], [], [], ["time"]]);
  });
});
