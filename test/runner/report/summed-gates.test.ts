import assert from "node:assert/strict";
import type { JournalLine } from "../../../runner/mission/journal-port.js";
import { postMortemMarkdown } from "../../../runner/report/post-mortem.js";
import { reportMarkdown } from "../../../runner/report/report-markdown.js";
import { reportOf } from "../../../runner/report/report.js";
import { journalOf, startLine, subjectOf } from "../../support/missions.js";

const subject = subjectOf();
const gate = (name: string, verdict: "PASS" | "FAIL", measured: Readonly<Record<string, number>> = {}) => ({ gate: name, verdict, summary: `${name} says ${verdict}.`, details: [], measured });

/** A mission whose first phase recorded each of its gates in a step of its own, and all of them at its end. */
function refused(...gates: readonly ReturnType<typeof gate>[]): readonly JournalLine[] {
  return [
    startLine(subject),
    { kind: "phase", id: "validate" },
    ...gates.map((each): JournalLine => ({ kind: "result", id: `validate/${each.gate}`, value: [each] })),
    { kind: "result", id: "validate/gates", value: [...gates, gate("only-in-the-sum", "PASS")] },
    { kind: "terminal", id: "refused", reason: gates.filter(({ verdict }) => verdict === "FAIL").map((each) => `Gate "${each.gate}" of phase "validate" is FAIL: ${each.summary}`).join(" ") },
  ];
}

describe("Gates that a phase sums up at its end", () => {
  const report = reportOf({ subject, lines: journalOf(refused(gate("tests-passed", "FAIL", { failed: 2 }), gate("artifact-built", "PASS"), gate("checklist-complete", "FAIL", { open: 1 }))) });

  it("are reported once each, with the step that judged them and its time", () => {
    assert.deepEqual(report.gates.map(({ gate: name, step, atMs }) => [name, step, atMs]), [
      ["tests-passed", "validate/tests-passed", 2_000],
      ["artifact-built", "validate/artifact-built", 3_000],
      ["checklist-complete", "validate/checklist-complete", 4_000],
      ["only-in-the-sum", "validate/gates", 5_000],
    ]);
    assert.match(reportMarkdown(report), /Gates: 2 passed, 2 FAIL\./);
  });

  it("are all named as what decided, though several steps judged them", () => {
    assert.deepEqual(report.decision?.gates.map(({ gate: name }) => name), ["tests-passed", "checklist-complete"]);
    const draft = postMortemMarkdown(report) ?? "";
    assert.match(draft, /Gate `tests-passed` was \*\*FAIL\*\*[\s\S]*Numbers: failed 2\.[\s\S]*Gate `checklist-complete` was \*\*FAIL\*\*/);
    assert.match(draft, /2 other gates were measured and passed/);
  });

  it("stay as often as they were judged where a step is no sum: the same verdict at each weight", () => {
    const same = gate("error-rate", "PASS", { errorRate: 0 });
    const lines: JournalLine[] = [startLine(subject), ...[10, 50, 100].map((weight): JournalLine => ({ kind: "result", id: `production/1/weight-${weight}/bake`, value: [same] }))];
    assert.deepEqual(reportOf({ subject, lines: journalOf(lines) }).gates.map(({ step }) => step), [10, 50, 100].map((weight) => `production/1/weight-${weight}/bake`));
  });
});
