import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { removeTree } from "../../../artifacts/remove-tree.js";
import { ArtifactStore } from "../../../artifacts/store.js";
import { directoryEvidenceStore } from "../../../runner/evidence/evidence-store.js";
import { PREDICATE } from "../../../evidence/predicate-types.js";
import { provenanceSchema } from "../../../evidence/predicates.js";
import { artifactBuilt } from "../../../runner/gates/artifact-built.js";
import { codebase, emptyFolder, removeCodebases } from "../../support/codebases.js";
import { evidenceDesk, subjectOf } from "./support.js";

const COMMIT = "a".repeat(40);

async function built(commit: string | null = COMMIT) {
  const store = new ArtifactStore(join(await emptyFolder("store"), "artifacts"));
  const folder = await codebase({ "server.js": "code" });
  const digests = { web: await store.put(folder), api: await store.put(await codebase({ "api.js": "code" })) };
  const { desk, judge } = await evidenceDesk();
  const subject = subjectOf({ codebase: folder, build: "npm run build", commit, digests });
  return { store, digests, subject, desk, judge, gate: () => artifactBuilt(subject, { store, evidence: desk }) };
}

/** Changes a file of an artifact, which is read-only. */
async function tamper(store: ArtifactStore, digest: string, file: string, text: string) {
  await chmod(join(store.path(digest), file), 0o644);
  await writeFile(join(store.path(digest), file), text);
}

describe("the gate artifact-built", () => {
  afterEach(removeCodebases);

  it("passes when every stored artifact is what was built, and states how", async () => {
    const { subject, judge, gate } = await built();
    const result = await gate();
    assert.equal(result.verdict, "PASS", result.details.join());
    assert.deepEqual(result.measured, { services: 2, intact: 2 });
    const verdict = await judge(subject, result);
    assert.ok(verdict.verdict === "PASS");
    assert.equal(verdict.statement.predicateType, PREDICATE.provenance);
    assert.deepEqual(provenanceSchema.parse(verdict.statement.predicate), {
      buildDefinition: {
        buildType: "urn:mission-deploy:build:v1",
        externalParameters: { command: "npm run build", version: "1.2.0", commit: COMMIT },
        resolvedDependencies: [{ name: "source", digest: { gitCommit: COMMIT } }],
      },
      runDetails: { builder: { id: "urn:mission-deploy:builder:local:v1" }, metadata: { invocationId: "shop-1.2.0-x" } },
    });
    assert.ok(!verdict.text.includes(subject.codebase));
  });

  it("names no source that could be found again when there was none, or changes on top of it", async () => {
    for (const commit of [null, `${COMMIT}-dirty`]) {
      const { subject, judge, gate } = await built(commit);
      const verdict = await judge(subject, await gate());
      assert.ok(verdict.verdict === "PASS");
      const { buildDefinition } = provenanceSchema.parse(verdict.statement.predicate);
      assert.deepEqual([buildDefinition.externalParameters.commit, buildDefinition.resolvedDependencies], [commit, []]);
    }
  });

  it("fails, by service, when an artifact was changed or is gone, and states nothing", async () => {
    const changed = await built();
    await tamper(changed.store, changed.digests.api, "api.js", "Code");
    const result = await changed.gate();
    assert.equal(result.verdict, "FAIL");
    assert.match(result.summary, /^The stored artifacts of "api" are not what was built for release "1\.2\.0"; make the release again\.$/);
    assert.match(result.details.join("\n"), /Service "web" has artifact [0-9a-f]{12} as it was built\.\nService "api": Artifact ".*" was changed after it was stored/);
    assert.deepEqual([result.measured, result.evidence], [{ services: 2, intact: 1 }, undefined]);
    const gone = await built();
    for (const digest of Object.values(gone.digests)) await removeTree(gone.store.path(digest));
    assert.match((await gone.gate()).summary, /artifacts of "web", "api" are not/);
  });

  it("is an error when the evidence cannot be stored", async () => {
    const { subject, store, desk } = await built();
    const evidence = { ...desk, store: directoryEvidenceStore(join(subject.codebase, "server.js", "evidence")) };
    const result = await artifactBuilt(subject, { store, evidence });
    assert.equal(result.verdict, "ERROR");
    assert.match(result.summary, /could not be recorded/);
  });
});
