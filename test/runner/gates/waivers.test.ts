import assert from "node:assert/strict";
import { join } from "node:path";
import { directoryEvidenceStore } from "../../../runner/evidence/evidence-store.js";
import { waiverSchema } from "../../../evidence/predicates.js";
import { waivers } from "../../../runner/gates/waivers.js";
import { codebase, removeCodebases } from "../../support/codebases.js";
import { evidenceDesk, subjectOf } from "./support.js";

const hotfix = { reason: "orders are lost", by: "the operator" };

describe("the waivers of a hotfix", () => {
  afterEach(removeCodebases);

  it("are signed for production once, and reported gate by gate with their reason", async () => {
    const { desk, judge } = await evidenceDesk();
    const subject = subjectOf({ codebase: ".", hotfix });
    const results = await waivers(subject, desk);
    assert.deepEqual(results.map(({ gate, verdict }) => [gate, verdict]), [["staging-verified", "PASS"], ["window-open", "PASS"]]);
    for (const result of results) {
      assert.match(result.summary, /^WAIVED by the operator for a hotfix: .*\. Reason: orders are lost$/);
      assert.equal(result.measured["waived"], true);
      const verdict = await judge(subject, result, "production");
      assert.ok(verdict.verdict === "PASS", JSON.stringify(verdict.problems));
      assert.equal(verdict.statement.predicateType, "urn:mission-deploy:waiver:v1");
      const waiver = waiverSchema.parse(verdict.statement.predicate);
      assert.deepEqual(waiver, { waived: ["staging-verified", "window-open"], ...hotfix, at: result.measured["at"] });
      assert.equal((await judge(subject, result)).problems[0]?.check, "environment");
    }
    assert.deepEqual(results[0]?.evidence, results[1]?.evidence);
  });

  it("are none for a mission that is no hotfix", async () => {
    const { desk } = await evidenceDesk();
    assert.deepEqual(await waivers(subjectOf({ codebase: "." }), desk), []);
  });

  it("need a reason and a name", async () => {
    const { desk } = await evidenceDesk();
    for (const [lacking, pattern] of [[{ ...hotfix, reason: " " }, /it has no reason\.$/], [{ ...hotfix, by: "" }, /it has no name\.$/], [{ reason: "", by: "" }, /it has no reason and no name\.$/]] as const) {
      for (const result of await waivers(subjectOf({ codebase: ".", hotfix: lacking }), desk)) {
        assert.equal(result.verdict, "FAIL");
        assert.match(result.summary, pattern);
        assert.deepEqual([result.measured, result.evidence], [{ waived: false }, undefined]);
      }
    }
  });

  it("do not count when they cannot be recorded", async () => {
    const { desk } = await evidenceDesk();
    const store = directoryEvidenceStore(join(await codebase({ file: "" }), "file", "evidence"));
    for (const { verdict, measured } of await waivers(subjectOf({ codebase: ".", hotfix }), { ...desk, store })) assert.deepEqual([verdict, measured], ["ERROR", { waived: false }]);
  });
});
