import assert from "node:assert/strict";
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { payloadOf, preAuthenticationEncoding, signEnvelope } from "../../../evidence/dsse.js";
import { PREDICATE } from "../../../evidence/predicate-types.js";
import { provenanceSchema, testResultSchema, type Provenance } from "../../../evidence/predicates.js";
import { statementIn } from "../../../evidence/read-envelope.js";
import { publicKeyText } from "../../../evidence/signing-key.js";
import { statementOf, type Statement } from "../../../evidence/statement.js";
import { canonicalJson, digestOf } from "../../../model/digest.js";
import { environmentSettingsSchema } from "../../../model/environment-settings.js";
import type { EvidenceReference } from "../../../model/evidence.js";
import type { Gates } from "../../../model/gates.js";
import type { Release } from "../../../model/release.js";
import { EXIT, UserError } from "../../../runner/errors.js";
import { addEvidence, IMPORTED_MISSION, type EvidenceFiles, type EvidencePlace } from "../../../runner/evidence/add-evidence.js";
import { artifactsOf } from "../../../runner/evidence/configured-stack.js";
import { directoryEvidenceStore } from "../../../runner/evidence/evidence-store.js";
import { codebase, emptyFolder, projectRoot, removeCodebases } from "../../support/codebases.js";
import { newKey } from "../../evidence/support.js";
import { releaseOf } from "../../support/specs.js";

const COMMIT = "c".repeat(40);
const RELEASE: Release = { ...releaseOf("1.1.0"), commit: COMMIT };
const NONE: EvidenceFiles = { junit: [], ctrf: [], provenance: [], trustedKey: null, statements: [] };
const REPORTS = join(projectRoot(), "test/runner/evidence/reports");
const GREEN = '<testsuite name="a"><testcase name="b"/></testsuite>';

/** A stack of one's own with an empty store, whose pack trusts one key with everything. */
async function place(gates: Partial<Gates> = {}, release = RELEASE): Promise<EvidencePlace & { readonly statement: (reference: EvidenceReference | undefined) => Promise<Statement> }> {
  const directory = join(await emptyFolder("evidence"), "evidence");
  const key = newKey();
  const store = directoryEvidenceStore(directory);
  return {
    configured: { stack: "shop-production", file: "", release, settings: environmentSettingsSchema.parse({ environment: "production", gates }) },
    store,
    directory,
    keyFor: () => Promise.resolve(key),
    trusted: [{ publicKey: publicKeyText(key), types: Object.values(PREDICATE) }],
    async statement(reference) {
      const stored = await store.get(reference ?? { type: "", sha256: "" });
      const reading = stored.ok ? statementIn(payloadOf(stored.envelope)) : null;
      if (reading?.ok !== true) throw new Error(JSON.stringify(reading));
      return reading.value;
    },
  };
}

async function refused(files: Partial<EvidenceFiles>, where: EvidencePlace, exitCode: number = EXIT.refused): Promise<string> {
  const error: unknown = await addEvidence({ ...NONE, ...files }, where).then(() => assert.fail("not refused"), (reason: unknown) => reason);
  assert.ok(error instanceof UserError, String(error));
  assert.equal(error.exitCode, exitCode);
  return error.message;
}

describe("evidence of tests that another program has run", () => {
  afterEach(removeCodebases);

  for (const [option, file, source] of [["junit", "url-join.junit.xml", "JUnit XML"], ["ctrf", "url-join.ctrf.json", "CTRF JSON"]] as const) {
    it(`is a real report of a third party's tests in ${source}: what it counted, its digest, and the release`, async () => {
      const where = await place();
      const { added, gates, dropped } = await addEvidence({ ...NONE, [option]: [join(REPORTS, file)] }, { ...where, now: new Date("2026-11-25T12:00:00.000Z"), validMs: 3_600_000 });
      assert.deepEqual([added.length, dropped, gates], [1, [], { mission: null, plan: null, evidence: added }]);
      const { subject, predicate, predicateType } = await where.statement(added[0]);
      assert.equal(predicateType, PREDICATE.testResult);
      assert.deepEqual(subject, Object.entries(artifactsOf(RELEASE)).map(([name, digest]) => ({ name, digest: { sha256: digest.slice(7) } })));
      const digest = digestOf(await readFile(join(REPORTS, file)));
      const { missionDeploy_counts, missionDeploy_report, result, configuration } = testResultSchema.parse(predicate);
      assert.deepEqual({ missionDeploy_counts, missionDeploy_report, result, configuration }, {
        missionDeploy_counts: { executed: 9, passed: 9, failed: 0, skipped: 0 },
        missionDeploy_report: { source, digest },
        result: "PASSED",
        configuration: [{ name: "test-report", digest: { sha256: digest.slice(7) }, annotations: { report: source } }],
      });
      assert.deepEqual(predicate.missionDeploy_binding, { application: "shop", environment: null, commit: COMMIT, configuration: null, mission: IMPORTED_MISSION, issuedAt: "2026-11-25T12:00:00.000Z", expiresAt: "2026-11-25T13:00:00.000Z" });
    });
  }

  it("is added up over several reports", async () => {
    const where = await place();
    const folder = await codebase({ "a.xml": GREEN, "b.xml": GREEN.replace("/>", "><skipped/></testcase><testcase name='c'/>") });
    const { added } = await addEvidence({ ...NONE, junit: [join(folder, "a.xml"), join(folder, "b.xml")] }, where);
    assert.deepEqual(testResultSchema.parse((await where.statement(added[0])).predicate).missionDeploy_counts, { executed: 2, passed: 2, failed: 0, skipped: 1 });
  });

  it("is refused, and nothing is stored, when a test failed, none was executed, or a report is none, with every reason", async () => {
    const where = await place();
    const folder = await codebase({ "red.xml": '<testsuite name="a"><testcase name="b"><failure/></testcase></testsuite>', "none.xml": "<testsuite/>", "cut.xml": "<testsuite>", "good.xml": GREEN, "x.json": "{}" });
    const file = (name: string) => join(folder, name);
    assert.match(await refused({ junit: [file("red.xml")] }, where), /^Nothing was added to the evidence of stack "shop-production":\nThe tests failed \(1 executed, 0 passed, 1 failed, 0 skipped\): "a > b"\. A failed result is no evidence/);
    assert.match(await refused({ junit: [file("none.xml")] }, where), /No test was executed/);
    assert.match(await refused({ junit: [file("good.xml"), file("cut.xml"), file("lost.xml")], ctrf: [file("good.xml"), file("x.json")] }, where), /cut\.xml" is no well-formed XML.*\n.*lost\.xml" is not there.*\n.*good\.xml" is JUnit XML; give it by --junit\.\n.*x\.json" is JSON and no CTRF/);
    await assert.rejects(readdir(where.directory), /ENOENT/);
  });

  it("is refused when the key that signs is not one that counts, in the words of the check", async () => {
    const where = await place();
    const message = await refused({ junit: [join(REPORTS, "url-join.junit.xml")] }, { ...where, trusted: [{ publicKey: publicKeyText(newKey()), types: [PREDICATE.testResult] }] });
    assert.match(message, /is signed by none of the 1 trusted keys/);
  });

  it("takes the place of evidence of its type that counts no more, and of nothing else", async () => {
    const where = await place();
    const report = { ...NONE, junit: [join(REPORTS, "url-join.junit.xml")] };
    const first = await addEvidence(report, { ...where, now: new Date(Date.now() - 10_000), validMs: 5_000 });
    const other: EvidenceReference = { type: PREDICATE.provenance, sha256: "f".repeat(64) };
    const second = await addEvidence(report, { ...where, configured: { ...where.configured, settings: { ...where.configured.settings, gates: { mission: "m", plan: null, evidence: [...first.added, other] } } } });
    assert.deepEqual(second.dropped, first.added);
    assert.deepEqual(second.gates, { mission: "m", plan: null, evidence: [other, ...second.added] });
    const third = await addEvidence(report, { ...where, configured: { ...where.configured, settings: { ...where.configured.settings, gates: second.gates } } });
    assert.deepEqual([third.dropped, third.gates.evidence.length], [[], 3], "what still counts stays");
  });
});

/** Provenance as another builder states and signs it. */
function provenanceEnvelope(key: KeyObject, change: (statement: Record<string, never> & { predicate: never }) => unknown = (statement) => statement, payloadType = "application/vnd.in-toto+json"): Buffer {
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: Object.values(artifactsOf(RELEASE)).map((digest, index) => ({ name: `pkg/${index}.tar`, digest: { sha256: digest.slice(7) } })),
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: { buildType: "https://example.com/workflow/v1", externalParameters: { workflow: "release" }, resolvedDependencies: [{ uri: "git+https://example.com/shop@refs/heads/main", digest: { gitCommit: COMMIT } }] },
      runDetails: { builder: { id: "https://example.com/builder" }, metadata: { invocationId: "https://example.com/runs/7" } },
    },
  };
  const body = Buffer.from(JSON.stringify(change(statement as never), null, 2));
  const algorithm = key.asymmetricKeyType === "ed25519" ? null : "sha256";
  const sig = sign(algorithm, preAuthenticationEncoding(payloadType, body), key).toString("base64");
  // Not as we would write it: it must be kept as it came.
  return Buffer.from(`${JSON.stringify({ signatures: [{ sig, keyid: "theirs" }], payload: body.toString("base64"), payloadType, more: 1 }, null, 4)}\n\n`);
}

describe("provenance that somebody else has signed", () => {
  afterEach(removeCodebases);
  const builder = generateKeyPairSync("ed25519");
  const pem = (key: KeyObject) => key.export({ type: "spki", format: "pem" }).toString();
  const given = async (bytes: Buffer, trustedKey = pem(builder.publicKey)) => {
    const file = join(await emptyFolder(), "shop.intoto.json");
    await writeFile(file, bytes);
    return { provenance: [file], trustedKey };
  };

  for (const [kind, pair] of [["Ed25519", builder], ["ECDSA on P-256", generateKeyPairSync("ec", { namedCurve: "P-256" })]] as const) {
    it(`is verified by the key that is named (${kind}), kept byte for byte, and stands in a statement of ours with builder, commit and hash`, async () => {
      const where = await place();
      const bytes = provenanceEnvelope(pair.privateKey);
      const { added } = await addEvidence({ ...NONE, ...(await given(bytes, pem(pair.publicKey))) }, where);
      const { predicate, predicateType } = await where.statement(added[0]);
      assert.equal(predicateType, PREDICATE.provenance);
      const stated: Provenance = provenanceSchema.parse(predicate);
      assert.equal(stated.runDetails.builder.id, "https://example.com/builder");
      assert.deepEqual(stated.buildDefinition.externalParameters, { command: null, version: RELEASE.version, commit: COMMIT });
      assert.deepEqual(stated.buildDefinition.resolvedDependencies, [{ name: "source", digest: { gitCommit: COMMIT } }]);
      const sha256 = digestOf(bytes).slice(7);
      assert.deepEqual([stated.missionDeploy_imported?.envelope.sha256, stated.missionDeploy_imported?.buildType], [sha256, "https://example.com/workflow/v1"]);
      assert.deepEqual(await readFile(join(where.directory, "imported", `${sha256}.json`)), bytes);
    });
  }

  const subjects = (statement: { subject: object[] }, subject: object[]) => ({ ...statement, subject });
  const dependencies = (statement: { predicate: { buildDefinition: object } }, resolvedDependencies: unknown) => ({ ...statement, predicate: { ...statement.predicate, buildDefinition: { ...statement.predicate.buildDefinition, resolvedDependencies } } });
  const wrong: readonly (readonly [string, () => Buffer, RegExp])[] = [
    ["signed by another key", () => provenanceEnvelope(generateKeyPairSync("ed25519").privateKey), /is not signed by the key of --trusted-key, or was changed after that/],
    ["changed after it was signed", () => Buffer.from(provenanceEnvelope(builder.privateKey).toString().replace(/"payload": "(.*)"/, (_, text: string) => `"payload": "${Buffer.from(Buffer.from(text, "base64").toString().replace("builder", "Builder")).toString("base64")}"`)), /was changed after that/],
    ["of another payload type", () => provenanceEnvelope(builder.privateKey, undefined, "application/json"), /has a payload of type "application\/json"/],
    ["of another predicate type", () => provenanceEnvelope(builder.privateKey, (statement) => ({ ...statement, predicateType: "https://slsa.dev/provenance/v0.2" })), /holds no SLSA provenance v1: "predicateType"/],
    ["about another artifact", () => provenanceEnvelope(builder.privateKey, (statement) => subjects(statement as never, [{ name: "web", digest: { sha256: "0".repeat(64) } }])), /is not about artifact [0-9a-f]{12} of service "web"; its subjects are 000000000000/],
    ["of another commit", () => provenanceEnvelope(builder.privateKey, (statement) => dependencies(statement as never, [{ digest: { gitCommit: "d".repeat(40) } }])), /was built from commit dddddddddddd; the release is of commit cccccccccccc/],
    ["one that names no commit", () => provenanceEnvelope(builder.privateKey, (statement) => dependencies(statement as never, [])), /does not say from which commit was built/],
    ["no envelope", () => Buffer.from("{}"), /is no DSSE envelope/],
  ];
  for (const [name, make, pattern] of wrong) {
    it(`is refused when it is ${name}, and nothing is stored`, async () => {
      const where = await place();
      assert.match(await refused(await given(make()), where), pattern);
      await assert.rejects(readdir(where.directory), /ENOENT/);
    });
  }

  it("is refused for a release that no commit stands for, and with a key that is none, or a private one", async () => {
    const bytes = provenanceEnvelope(builder.privateKey);
    assert.match(await refused(await given(bytes), await place({}, { ...RELEASE, commit: `${COMMIT}-dirty` })), /from changes that are not committed/);
    assert.match(await refused(await given(bytes), await place({}, { ...RELEASE, commit: null })), /made outside git/);
    const secret = builder.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const message = await refused(await given(bytes, secret), await place());
    assert.match(message, /is no public key that is understood here/);
    assert.ok(!message.includes(secret.split("\n")[1] ?? "x"));
  });

  it("is refused when the key of --key may not say it, before anything is stored", async () => {
    const where = await place();
    await assert.rejects(addEvidence({ ...NONE, ...(await given(provenanceEnvelope(builder.privateKey))) }, { ...where, keyFor: (types) => Promise.reject(new UserError(EXIT.refused, `not ${types.join()}`)) }), /not https:\/\/slsa\.dev\/provenance\/v1/);
    await assert.rejects(readdir(where.directory), /ENOENT/);
  });
});

describe("statements in envelopes", () => {
  afterEach(removeCodebases);
  const key = newKey();
  const plan = digestOf("plan");
  const envelope = (type: string, predicate: object, more: object = {}, by = key) =>
    canonicalJson(signEnvelope(canonicalJson(statementOf({ type, predicate: predicate as Record<string, unknown>, subjects: artifactsOf(RELEASE), application: "shop", environment: "production", commit: COMMIT, configuration: null, mission: "shop-1.1.0-x", ...more }, new Date())), by));
  const PLAN = { plan, strategy: { name: "canary", steps: [{ weight: 5 }, { weight: 100 }] }, services: {} };
  const given = async (text: string) => ({ statements: [join(await codebase({ "x.json": text }), "x.json")] });
  const trusting = async (gates: Partial<Gates> = {}) => ({ ...(await place(gates)), trusted: [{ publicKey: publicKeyText(key), types: [PREDICATE.plan, PREDICATE.approval] }] });

  it("are added when they are about the release and signed by a key that counts; a stack whose plan is added follows it", async () => {
    const { gates, added } = await addEvidence({ ...NONE, ...(await given(envelope(PREDICATE.plan, PLAN))) }, await trusting());
    assert.deepEqual(gates, { mission: "shop-1.1.0-x", plan, evidence: added });
    const approval = await addEvidence({ ...NONE, ...(await given(envelope(PREDICATE.approval, { plan, by: "Ada", author: "Bob" }))) }, await trusting({ plan }));
    assert.equal(approval.added[0]?.type, PREDICATE.approval);
  });

  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ["an approval of another plan", envelope(PREDICATE.approval, { plan: digestOf("other"), by: "Ada", author: "Bob" }), /is about plan [0-9a-f]{12}; the stack follows plan/],
    ["one of another commit", envelope(PREDICATE.approval, { plan, by: "Ada", author: "Bob" }, { commit: "d".repeat(40) }), /is about commit "d{40}"; wanted is/],
    ["one for another environment", envelope(PREDICATE.approval, { plan, by: "Ada", author: "Bob" }, { environment: "staging" }), /is about environment "staging"; wanted is "production"/],
    ["one of a key that does not count", envelope(PREDICATE.approval, { plan, by: "Ada", author: "Bob" }, {}, newKey()), /is signed by none of the 1 trusted keys/],
    ["one of a type that its key may not sign", envelope(PREDICATE.waiver, { waived: ["window-open"], reason: "x", by: "y", at: new Date().toISOString() }), /which may not sign statements of type/],
    ["one that does not say what it must", envelope(PREDICATE.approval, { plan }), /says something that is not understood: "predicate\.by" is missing/],
    ["an envelope without a statement of ours", canonicalJson(signEnvelope('{"_type":"https://in-toto.io/Statement/v1"}', key)), /holds no in-toto statement of ours.*given by --provenance/],
    ["no envelope", "no", /is no DSSE envelope/],
  ];
  for (const [name, text, pattern] of wrong) {
    it(`are refused: ${name}`, async () => {
      assert.match(await refused(await given(text), await trusting({ plan })), pattern);
    });
  }
});
