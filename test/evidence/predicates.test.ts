import assert from "node:assert/strict";
import { approvalSchema, checklistResultSchema, IMPORTED_BUILD_TYPE, migrationsResultSchema, planSchema, provenanceSchema, testResultSchema } from "../../evidence/predicates.js";
import { digestOf } from "../../model/digest.js";

const MIGRATIONS = { class: "expand", service: "api", result: "PASSED", applied: true, rolledBack: true, reapplied: true };
const ITEM = { id: "support", title: "Support knows", state: "confirmed", by: "ada@build-1", reason: null };
const PLAN = { plan: digestOf("plan"), strategy: { name: "canary", steps: [{ weight: 5 }, { weight: 100 }] }, services: { web: { digest: digestOf("web") } } };
const APPROVAL = { plan: digestOf("plan"), by: "Ada <ada@example.com>", author: null };

describe("predicates of our own", () => {
  const refused = (schema: { safeParse: (value: unknown) => { success: boolean } }, good: object, changes: readonly object[]) => {
    assert.ok(schema.safeParse(good).success, JSON.stringify(good));
    assert.ok(schema.safeParse({ ...good, more: 1 }).success, "a reader ignores fields that it does not know");
    for (const change of changes) assert.ok(!schema.safeParse({ ...good, ...change }).success, JSON.stringify(change));
    for (const key of Object.keys(good)) assert.ok(!schema.safeParse({ ...good, [key]: undefined }).success, `without ${key}`);
  };

  it("say of migrations what was tried, for each class and for those that change nothing", () => {
    refused(migrationsResultSchema, MIGRATIONS, [{ class: "other" }, { result: "passed" }, { applied: "yes" }, { service: "Not A Name" }]);
    for (const each of ["expand", "contract", "irreversible", "none"]) assert.ok(migrationsResultSchema.safeParse({ ...MIGRATIONS, class: each }).success);
  });

  it("say of a checklist what came of each item, and by whom", () => {
    refused(checklistResultSchema, { items: [ITEM] }, [{ items: [{ ...ITEM, state: "done" }] }, { items: [{ ...ITEM, by: " " }] }, { items: [{ ...ITEM, reason: "" }] }]);
    assert.ok(checklistResultSchema.safeParse({ items: [] }).success, "a codebase without a checklist");
  });

  it("say of a plan its digest, its weights and its artifacts", () => {
    refused(planSchema, PLAN, [{ plan: "sha256:1" }, { strategy: { name: "x", steps: [] } }, { strategy: { name: "x", steps: [{ weight: 0 }] } }, { strategy: { name: "x", steps: [{ weight: 101 }] } }, { services: { web: { digest: "1" } } }]);
  });

  it("say of an approval what is approved, by whom, and whose work that is", () => {
    refused(approvalSchema, APPROVAL, [{ plan: null }, { by: "" }, { author: " " }]);
  });

  it("name the report of tests that another program has run, in the place of a command", () => {
    const result = (annotations: object) => testResultSchema.safeParse({ result: "PASSED", configuration: [{ name: "x", digest: { sha256: "0" }, annotations }], failedTests: [], missionDeploy_counts: { executed: 1, passed: 1, failed: 0, skipped: 0 }, missionDeploy_report: { source: "x", digest: null } }).success;
    assert.deepEqual([{ command: "npm test" }, { report: "JUnit XML" }, {}, { command: "" }].map(result), [true, true, false, false]);
  });

  it("name the envelope of provenance that somebody else has signed", () => {
    const imported = { envelope: { sha256: "a".repeat(64) }, buildType: "https://example.com/build/v1", keyId: "b".repeat(64) };
    const provenance = (missionDeploy_imported: unknown, buildType = IMPORTED_BUILD_TYPE) =>
      provenanceSchema.safeParse({ buildDefinition: { buildType, externalParameters: { command: null, version: "1.0.0", commit: null }, resolvedDependencies: [] }, runDetails: { builder: { id: "x" }, metadata: { invocationId: "y" } }, missionDeploy_imported }).success;
    assert.deepEqual([provenance(imported), provenance({ ...imported, envelope: { sha256: "1" } }), provenance(imported, "other")], [true, false, false]);
  });
});
