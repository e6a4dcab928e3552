import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PREDICATE } from "../../../evidence/predicate-types.js";
import { digestOf } from "../../../model/digest.js";
import type { EvidenceReference } from "../../../model/evidence.js";
import { gatesSchema } from "../../../model/gates.js";
import type { GateResult, Verdict } from "../../../model/verdict.js";
import type { Json } from "../../../runner/mission/journal-port.js";
import { Requests } from "../../../runner/mission/requests.js";
import { Steps } from "../../../runner/mission/steps.js";
import { gatesOf } from "../../../runner/phases/gates-of.js";
import { MemoryJournal } from "../mission/memory-world.js";

const reference = (type: string, name = type): EvidenceReference => ({ type, sha256: digestOf(name).slice(7) });
const gate = (verdict: Verdict, ...evidence: readonly EvidenceReference[]): GateResult => ({ gate: "x", verdict, summary: "x", details: [], measured: {}, evidence });

describe("what a mission's changes rest on", () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "mission-gates-"))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** The mission as it is after these lines were recorded by an earlier run. */
  const after = async (lines: readonly (readonly [id: string, value: unknown])[]) => {
    const journal = new MemoryJournal();
    for (const [id, value] of lines) await journal.append({ kind: "result", id, value: JSON.parse(JSON.stringify(value)) as Json });
    const steps = new Steps(journal, () => Promise.resolve(), () => null);
    return gatesOf({ subject: { id: "shop-1.1.0-x" } as never, steps, requests: new Requests(root) });
  };
  const [tests, provenance, plan] = [reference(PREDICATE.testResult), reference(PREDICATE.provenance), reference(PREDICATE.plan)];
  const validated = [["validate/tests", [gate("PASS", tests)]], ["validate/artifacts", [gate("PASS", provenance)]], ["validate/gates", [gate("PASS", tests), gate("PASS", provenance)]]] as const;
  const planned = [...validated, ["plan/document", { digest: digestOf("plan"), markdown: "", json: {} }], ["plan/gates", [gate("PASS", plan)]]] as const;

  it("is nothing but its name before a gate has signed anything", async () => {
    assert.deepEqual(await after([]), { mission: "shop-1.1.0-x", plan: null, evidence: [] });
  });

  it("is what was recorded, each once, in its order, and the plan by its digest", async () => {
    assert.deepEqual(await after(planned), { mission: "shop-1.1.0-x", plan: digestOf("plan"), evidence: [tests, provenance, plan] });
  });

  it("leaves out what gates signed that did not pass", async () => {
    assert.deepEqual((await after([["a", [gate("FAIL", tests)]], ["b", [gate("ERROR", provenance)]], ["c", [gate("INCONCLUSIVE", plan)]]])).evidence, []);
  });

  it("is the newest of what was stated again when a phase was gone through once more, and every approval", async () => {
    const approvals = ["one", "two"].map((name) => reference(PREDICATE.approval, name));
    const summaries = ["first", "second"].map((name) => reference(PREDICATE.verificationSummary, name));
    const { evidence } = await after([...planned, ["staging/1/verified", [gate("PASS", ...summaries.slice(0, 1))]], ["production/1/weight-50/approval", [gate("PASS", ...approvals.slice(0, 1))]], ["staging/2/verified", [gate("PASS", ...summaries.slice(1))]], ["production/2/weight-50/approval", [gate("PASS", ...approvals.slice(1))]]]);
    assert.deepEqual(evidence, [tests, provenance, plan, ...summaries.slice(1), ...approvals]);
  });

  it("has an approval of the plan as soon as it is given, once, also when production's first step has recorded it", async () => {
    const approval = reference(PREDICATE.approval);
    await new Requests(root).approvePlan({ by: "ada@build-1", at: "2026-01-01T00:00:00Z", evidence: approval });
    assert.deepEqual((await after(planned)).evidence, [tests, provenance, plan, approval]);
    assert.deepEqual((await after([...planned, ["production/1/weight-5/permit", [gate("PASS", approval)]]])).evidence, [tests, provenance, plan, approval]);
  });

  it("is never more than a configuration takes, however often people approve", async () => {
    const many = Array.from({ length: 200 }, (_, index) => [`production/${index}/weight-50/approval`, [gate("PASS", reference(PREDICATE.approval, String(index)))]] as const);
    const gates = await after([...planned, ...many]);
    assert.ok(gatesSchema.safeParse(gates).success, `${gates.evidence.length}`);
    assert.deepEqual(gates.evidence.at(-1), reference(PREDICATE.approval, "199"));
    assert.ok([tests, provenance, plan].every((each) => gates.evidence.some(({ sha256 }) => sha256 === each.sha256)));
  });

  it("takes a journal of an earlier version, and one that was tampered with, without evidence that is none", async () => {
    assert.deepEqual((await after([["validate/gates", [{ gate: "old", verdict: "PASS" }, { ...gate("PASS"), evidence: [{ type: "", sha256: "x" }, "y", null] }]]])).evidence, []);
  });
});
