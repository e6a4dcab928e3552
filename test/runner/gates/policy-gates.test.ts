import assert from "node:assert/strict";
import { inLine } from "../../../runner/gates/engine-in-line.js";
import { policiesJudged } from "../../../runner/gates/policies-judged.js";
import type { PreviewSummary } from "../../../runner/plan/preview-summary.js";
import type { PolicyReport } from "../../../runner/policies/policy-report.js";
import { reportOf } from "../policies/recorded-events.js";

const CLEAN = { searched: 2, found: [] };
const preview = (report: PolicyReport | null, more: Partial<PreviewSummary> = {}): PreviewSummary => ({
  stack: "shop-production",
  exists: true,
  counts: { create: 0, update: 2, replace: 0, delete: 0, same: 11 },
  changes: [],
  errors: [],
  policies: { pack: report === null ? null : "sha256:a", problem: report === null ? "There is no policy pack." : null, report },
  ...more,
});
const violating = (...policies: readonly string[]): PolicyReport => ({ ...reportOf("allows"), violations: policies.map((policy) => ({ policy, enforcement: "mandatory", about: 'service "web"', message: "No." })) });

describe("gate engine-in-line", () => {
  it("passes with the numbers of what was looked at", () => {
    const { verdict, summary, measured } = inLine({ preview: preview(reportOf("allows")), secrets: CLEAN });
    assert.equal(verdict, "PASS", summary);
    assert.deepEqual(measured, { changes: 0, policies: 2, judgements: 16, violations: 0, secretsSearched: 2, secretsReadable: 0 });
  });

  it("fails for each thing that is left: a change, a refusal, a silent pack, a readable secret", () => {
    const change = { type: "sandbox:index:Slot", name: "web-green", operation: "update", words: 'sandbox:index:Slot "web-green" is changed: spec.' } as const;
    const failing: readonly (readonly [ReturnType<typeof inLine>, RegExp])[] = [
      [inLine({ preview: preview(reportOf("allows"), { changes: [change] }), secrets: CLEAN }), /would still change something: sandbox:index:Slot "web-green"/],
      [inLine({ preview: preview(violating("window-open")), secrets: CLEAN }), /^Policy "window-open" refuses service "web"/],
      [inLine({ preview: preview(reportOf("empty")), secrets: CLEAN }), /No policy of the pack ran/],
      [inLine({ preview: preview(reportOf("cannotKnow")), secrets: CLEAN }), /could not judge the stack/],
      [inLine({ preview: preview(reportOf("allows")), secrets: { searched: 2, found: ["secrets:TOKEN"] } }), /holds "secrets:TOKEN" in plain text/],
    ];
    for (const [{ verdict, summary }, words] of failing) assert.deepEqual([verdict, words.test(summary)], ["FAIL", true], summary);
  });

  it("is an error, not a pass, where the preview failed or no pack has judged", () => {
    assert.equal(inLine({ preview: preview(reportOf("allows"), { counts: null, errors: ["No plugin."] }), secrets: CLEAN }).verdict, "ERROR");
    const { verdict, summary } = inLine({ preview: preview(null), secrets: CLEAN });
    assert.deepEqual([verdict, summary], ["ERROR", 'No policy pack has judged stack "shop-production": There is no policy pack.']);
    const { policies: _, ...unasked } = preview(null);
    assert.equal(inLine({ preview: unasked, secrets: CLEAN }).verdict, "ERROR");
  });
});

describe("gate policies-judged", () => {
  const judged = (staging: PreviewSummary, production: PreviewSummary, validated = true, hotfix = false) => policiesJudged({ staging, production }, { validated, hotfix });

  it("passes when both stacks were judged by the same pack and nothing is refused", () => {
    assert.equal(judged(preview(reportOf("allows")), preview(reportOf("allows"))).verdict, "PASS");
  });

  it("fails without a pack, with one that is silent or cannot judge, and with one that changed in between", () => {
    const fine = preview(reportOf("allows"));
    assert.equal(judged(preview(null), preview(null)).summary, 'Stack "shop-production": There is no policy pack.');
    assert.deepEqual(judged(preview(null), preview(null)).details, [], "the same sentence is told once");
    for (const report of [reportOf("empty"), reportOf("disabled"), reportOf("cannotKnow"), reportOf("throws")]) assert.equal(judged(fine, preview(report)).verdict, "ERROR");
    assert.equal(judged(fine, preview(violating("artifacts-by-digest"))).verdict, "FAIL");
    assert.equal(judged(preview(reportOf("cannotKnow")), preview(violating("artifacts-by-digest"))).verdict, "FAIL", "a refusal is worse than silence");
    assert.match(judged(fine, preview(reportOf("allows"), { policies: { pack: "sha256:b", problem: null, report: reportOf("allows") } })).summary, /has changed while the plan was made/);
    const { policies: _, ...unasked } = fine;
    assert.equal(judged(unasked, fine).verdict, "ERROR");
    assert.equal(judged(unasked, unasked).verdict, "ERROR");
  });

  it("only tells what rests on evidence that comes later: of staging in production, and of phase validate in a mere plan", () => {
    const fine = preview(reportOf("allows"));
    const { verdict, details, measured } = judged(fine, preview(violating("staging-verified")));
    assert.deepEqual([verdict, measured["later"]], ["PASS", 1]);
    assert.match(details.join(), /Judged again when its evidence is there: Stack "shop-production": policy "staging-verified"/);
    assert.equal(judged(preview(violating("staging-verified")), fine).verdict, "FAIL");
    assert.equal(judged(fine, preview(violating("tests-passed")), true).verdict, "FAIL");
    assert.equal(judged(fine, preview(violating("tests-passed")), false).verdict, "PASS");
    assert.equal(judged(fine, preview(violating("configuration-complete")), false).verdict, "FAIL");
  });

  it("takes a closed window for waived in a mere plan of a hotfix, and for closed in any other", () => {
    const fine = preview(reportOf("allows"));
    const closed = preview(violating("window-open"));
    assert.deepEqual([judged(fine, closed, false, true).verdict, judged(fine, closed, false).verdict, judged(fine, closed, true, true).verdict, judged(closed, fine, false, true).verdict], ["PASS", "FAIL", "FAIL", "FAIL"]);
  });
});
