import assert from "node:assert/strict";
import { PolicyTally } from "../../../runner/policies/policy-report.js";
import { objections, policyRefusals } from "../../../runner/policies/policy-refusals.js";
import { reportOf, tallyOf } from "./recorded-events.js";

describe("what a policy pack said of a run, by the engine's own events", () => {
  it("counts the policies that judged something, and how often", () => {
    const report = reportOf("allows");
    assert.deepEqual([report.ran, report.judgements, report.violations, report.cannotRun, report.unjudged], [["all-good", "all-good2"], 16, [], [], []]);
    assert.deepEqual(policyRefusals(report), []);
  });

  it("tells each violation in a sentence that names the policy and the service; what is only advised refuses nothing", () => {
    const report = reportOf("denies");
    assert.deepEqual(report.violations.map(({ policy, enforcement, about }) => [policy, enforcement, about]), [
      ["window-open", "mandatory", 'service "web"'],
      ["window-open", "mandatory", 'service "web"'],
      ["adv", "advisory", 'service "web"'],
    ]);
    assert.deepEqual(policyRefusals(report), ['Policy "window-open" refuses service "web": The window is closed until Monday. Second line.', 'Policy "window-open" refuses service "web": Another sentence.']);
  });

  it("takes a policy that throws for one that could not judge, without its stack", () => {
    assert.deepEqual(objections(reportOf("throws")), ['Policy "throws" could not judge resource "shop" (mission:index:Environment): Error: boom at work.']);
  });

  it("refuses what a policy cannot know in a preview, although the SDK makes an advisory of it", () => {
    const report = reportOf("cannotKnow");
    assert.deepEqual(report.violations, []);
    assert.match(policyRefusals(report).join(), /^Policy "looks-ahead-stack" could not judge the stack: can't run policy 'looks-ahead-stack' .* \.endpoints can't be known during preview\.$/);
  });

  for (const pack of ["empty", "disabled"] as const) {
    it(`refuses the silence of a pack that is ${pack}`, () => {
      assert.deepEqual([reportOf(pack).ran, reportOf(pack).judgements], [[], 0]);
      assert.match(policyRefusals(reportOf(pack)).join(), /^No policy of the pack ran: it is empty, or every policy in it is disabled/);
    });
  }

  it("refuses a service that no policy has judged, though others ran elsewhere", () => {
    const tally = tallyOf("allows");
    const urn = "urn:pulumi:shop-staging::mission-deploy::mission:index:Environment$mission:index:BlueGreenService::api";
    tally.see({ resourcePreEvent: { metadata: { op: "create", urn, type: "mission:index:BlueGreenService" } } });
    tally.see({ policyAnalyzeSummaryEvent: { resourceUrn: urn } });
    assert.deepEqual(policyRefusals(tally.report()), ['No policy of the pack has judged service "api".']);
  });

  it("says why a pack does not start, in its own words", () => {
    const tally = tallyOf("broken");
    assert.equal(tally.refused('Command failed with exit code 255\nerror: policy pack "/project/policies" failed to start: could not read plugin [/bin/pulumi-analyzer-policy]: exit status 32\n'), true);
    assert.deepEqual(objections(tally.report()), ["The policy pack cannot be run: the pack is in pieces."]);
  });

  it("does not take an engine's other failure for the pack's", () => {
    const tally = new PolicyTally();
    assert.equal(tally.refused("error: the stack is currently locked by 1 lock(s)"), false);
    assert.deepEqual(objections(tally.report()), []);
  });
});
