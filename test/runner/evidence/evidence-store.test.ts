import assert from "node:assert/strict";
import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { digestOf } from "../../../model/digest.js";
import { signEnvelope } from "../../../evidence/dsse.js";
import { directoryEvidenceStore } from "../../../runner/evidence/evidence-store.js";
import { recordEvidence } from "../../../runner/evidence/record-evidence.js";
import { BINDING } from "../../../evidence/statement.js";
import { verifyEvidence } from "../../../evidence/verify-evidence.js";
import { emptyFolder, removeCodebases } from "../../support/codebases.js";
import { claim, expected, ISSUED, newKey, trust, TYPE } from "../../evidence/support.js";

describe("the evidence store in a directory", () => {
  afterEach(removeCodebases);
  const key = newKey();
  const fresh = async () => {
    const root = join(await emptyFolder("evidence"), "evidence");
    const store = directoryEvidenceStore(root);
    return { root, store, record: () => recordEvidence({ store, key, now: () => ISSUED }, claim) };
  };

  it("gives back what was recorded, under the hash of its bytes, and it verifies", async () => {
    const { root, store, record } = await fresh();
    const reference = await record();
    assert.equal(reference.type, TYPE);
    assert.deepEqual(await readdir(root), [`${reference.sha256}.json`]);
    const bytes = await readFile(join(root, `${reference.sha256}.json`));
    assert.equal(digestOf(bytes), `sha256:${reference.sha256}`);
    const stored = await store.get(reference);
    assert.ok(stored.ok);
    assert.ok(stored.bytes.equals(bytes));
    const verdict = verifyEvidence(reference, stored.bytes, expected, [trust(key, TYPE)], ISSUED);
    assert.equal(verdict.verdict, "PASS");
    assert.deepEqual(verdict.verdict === "PASS" && verdict.statement, {
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "api", digest: { sha256: digestOf("api").slice(7) } }, { name: "web", digest: { sha256: digestOf("web").slice(7) } }],
      predicateType: TYPE,
      predicate: { figure: 7, [BINDING]: { application: "shop", environment: "production", commit: "a".repeat(40), configuration: digestOf("configuration"), mission: "shop-1.0.0-x", issuedAt: "2026-11-25T12:00:00.000Z", expiresAt: "2026-12-02T12:00:00.000Z" } },
    });
  });

  it("stores the same once, also when many do at once, and for its owner only", async () => {
    const { root, record } = await fresh();
    const references = await Promise.all(Array.from({ length: 10 }, record));
    assert.equal(new Set(references.map(({ sha256 }) => sha256)).size, 1);
    const [name, ...others] = await readdir(root);
    assert.deepEqual(others, []);
    assert.equal((await stat(join(root, name ?? ""))).mode & 0o777, 0o600);
  });

  it("tells what was changed, cut off or is missing, and mends what was damaged when it is recorded again", async () => {
    const { root, store, record } = await fresh();
    const reference = await record();
    const path = join(root, `${reference.sha256}.json`);
    const whole = await readFile(path);
    for (const damaged of [whole.subarray(0, -1), whole.subarray(0, 10), Buffer.alloc(0), Buffer.concat([whole, Buffer.from(" ")])]) {
      await writeFile(path, damaged);
      const stored = await store.get(reference);
      assert.ok(!stored.ok && /was changed after it was stored/.test(stored.problem));
    }
    await record();
    assert.ok((await store.get(reference)).ok);
    const absent = await store.get({ type: TYPE, sha256: "0".repeat(64) });
    assert.ok(!absent.ok && /is not in the store/.test(absent.problem));
  });

  it("never leaves its directory", async () => {
    const { root, store, record } = await fresh();
    await record();
    await writeFile(join(root, "..", "outside.json"), "{}");
    for (const sha256 of ["../outside", "", "A".repeat(64), `${"0".repeat(63)}/`]) {
      const stored = await store.get({ type: TYPE, sha256 });
      assert.ok(!stored.ok && /64 hexadecimal digits/.test(stored.problem), sha256);
    }
  });

  it("takes nothing that is no statement or too large", async () => {
    const { store } = await fresh();
    await assert.rejects(store.put(signEnvelope('{"a":1}', key)), /holds no statement/);
    await assert.rejects(recordEvidence({ store, key }, { ...claim, predicate: { text: "x".repeat(300_000) } }), /the largest allowed is/);
    await assert.rejects(recordEvidence({ store, key }, { ...claim, subjects: {} }), /subject/);
    await assert.rejects(recordEvidence({ store, key }, { ...claim, predicate: { [BINDING]: {} } }), /field "missionDeploy_binding" of its own/);
    await assert.rejects(recordEvidence({ store, key, validMs: 0 }, claim), /more than 0 ms/);
  });
});
