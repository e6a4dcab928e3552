import assert from "node:assert/strict";
import { PREDICATE } from "../../../evidence/predicate-types.js";
import { digestOf } from "../../../model/digest.js";
import type { GateResult } from "../../../model/verdict.js";
import { signedPlan } from "../../../runner/gates/signed-plan.js";
import type { Json } from "../../../runner/mission/journal-port.js";
import { emptyFolder, removeCodebases } from "../../support/codebases.js";
import { evidenceDesk, subjectOf } from "./support.js";

const gate = (name: string, verdict: GateResult["verdict"] = "PASS"): GateResult => ({ gate: name, verdict, summary: `${name} is ${verdict}.`, details: [], measured: {} });
const PLAN: Json = { digest: digestOf("plan"), markdown: "", json: { decided: { strategy: { name: "canary", steps: [{ weight: 5, bakeMs: 1000 }, { weight: 100, bakeMs: 1000 }] } } } };

describe("the plan of a mission", () => {
  afterEach(removeCodebases);

  it("is signed for production, bound to its mission, as it is recorded", async () => {
    const { desk, judge } = await evidenceDesk();
    const subject = subjectOf({ codebase: await emptyFolder(), commit: "c".repeat(40) });
    const gates = await signedPlan(subject, PLAN, [gate("tests-passed")], [gate("window-open"), gate("strategy-planned")], desk);
    assert.deepEqual(gates.map(({ gate: name, verdict, evidence = [] }) => [name, verdict, evidence.map(({ type }) => type)]), [["window-open", "PASS", []], ["strategy-planned", "PASS", [PREDICATE.plan]]]);
    const [, planned] = gates;
    assert.ok(planned);
    const verdict = await judge(subject, planned, "production");
    assert.ok(verdict.verdict === "PASS", JSON.stringify(verdict));
    const { plan, strategy, services, missionDeploy_binding } = verdict.statement.predicate;
    assert.deepEqual({ plan, strategy, services }, { plan: digestOf("plan"), strategy: { name: "canary", steps: [{ weight: 5 }, { weight: 100 }] }, services: { web: { digest: digestOf("web") } } });
    assert.deepEqual([missionDeploy_binding.mission, missionDeploy_binding.environment], [subject.id, "production"]);
    assert.equal((await judge(subject, planned, null)).verdict, "FAIL", "it is a permission for production only");
  });

  it("is not signed while any gate, of this phase or an earlier one, has not passed", async () => {
    const { desk } = await evidenceDesk();
    const subject = subjectOf({ codebase: await emptyFolder() });
    for (const verdict of ["FAIL", "INCONCLUSIVE", "ERROR"] as const) {
      for (const [earlier, gates] of [[[gate("tests-passed", verdict)], [gate("strategy-planned")]], [[gate("tests-passed")], [gate("strategy-planned"), gate("window-open", verdict)]]] as const) {
        assert.deepEqual(await signedPlan(subject, PLAN, earlier, gates, desk), gates);
      }
    }
  });

  it("is an error, and no pass, when it cannot be signed", async () => {
    const { desk } = await evidenceDesk();
    const full = { ...desk, store: { ...desk.store, put: () => Promise.reject(new Error("ENOSPC")) } };
    const [result] = await signedPlan(subjectOf({ codebase: await emptyFolder() }), PLAN, [gate("tests-passed")], [gate("strategy-planned")], full);
    assert.equal(result?.verdict, "ERROR");
    assert.match(result.summary, /^The plan could not be signed: ENOSPC Put that right and run the mission again\.$/);
  });
});
