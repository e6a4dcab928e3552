import "../../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { windowBetween, type SlotCounters, type WindowResult } from "../../../model/slot-window.js";
import type { Limits } from "../../../model/limits.js";
import { judgeByThresholds } from "../../../runner/judge/thresholds.js";

const LIMITS: Limits = { errorRate: 0.01, errorRateIncrease: 0.005, latencyP95Ratio: 1.1, latencyP95SlackMs: 0, minimumSamples: 50 };
const NONE: SlotCounters = { at: 0, epoch: "1", requests: 0, errors: 0, buckets: new Map([[0.01, 0], [0.1, 0], [Infinity, 0]]) };

/** Counters of a slot all of whose answers took at most 10 ms, or 100 ms when slow. */
const counted = (requests: number, errors: number, slow = false, at = 1_000): SlotCounters => ({ at, epoch: "1", requests, errors, buckets: new Map([[0.01, slow ? 0 : requests], [0.1, requests], [Infinity, requests]]) });
const windowOf = (requests: number, errors: number, slow = false): WindowResult => windowBetween(NONE, counted(requests, errors, slow));
const verdict = (candidate: WindowResult, baseline: WindowResult | null, limits = LIMITS) => judgeByThresholds(candidate, baseline, limits).verdict;

describe("the judge by thresholds", () => {
  it("passes a candidate that is as good as the baseline", () => assert.equal(verdict(windowOf(100, 0), windowOf(900, 0)), "PASS"));

  for (const [name, candidate, baseline, said] of [
    ["more failures than allowed", windowOf(100, 2), windowOf(900, 18), /2 % of the candidate's 100 requests failed; allowed are 1 %/],
    ["a failure rate above the baseline's", windowOf(1_000, 9), windowOf(1_000, 0), /0\.9 percentage points more than the baseline's 0 %; allowed are 0\.5 percentage points/],
    ["slower answers", windowOf(100, 0, true), windowOf(900, 0), /95 % of the candidate's answers took at most .* allowed is 1\.1 times/],
    ["nothing but failures, however few", windowOf(10, 10), windowOf(90, 0), /All 10 requests of the candidate failed/],
  ] as const) {
    it(`fails one with ${name}, with the numbers`, () => {
      const { verdict: seen, summary } = judgeByThresholds(candidate, baseline, LIMITS);
      assert.equal(seen, "FAIL");
      assert.match(summary, said);
    });
  }

  it("says nothing on too few requests of either side, and says how many are needed", () => {
    assert.equal(verdict(windowOf(49, 0), windowOf(900, 0)), "INCONCLUSIVE");
    assert.equal(verdict(windowOf(100, 0), windowOf(3, 0)), "INCONCLUSIVE");
    assert.match(judgeByThresholds(windowOf(0, 0), windowOf(900, 0), LIMITS).summary, /The candidate had 0 requests; at least 50 are needed/);
  });

  it("judges a first deployment by the ceiling alone", () => {
    assert.equal(verdict(windowOf(100, 1, true), null), "PASS");
    assert.equal(verdict(windowOf(100, 2), null), "FAIL");
    assert.equal(verdict(windowOf(0, 0), null), "INCONCLUSIVE");
  });

  it("never passes on readings that are no counts, stale, or begun anew", () => {
    for (const bad of [{ ...counted(100, 0), requests: Number.NaN }, { ...counted(100, 0), errors: -1 }, { ...counted(100, 0), requests: Infinity }, counted(100, 200), counted(100, 0, false, 0), { ...counted(100, 0), buckets: new Map([[0.01, Number.NaN]]) }]) {
      assert.equal(verdict(windowBetween(NONE, bad), windowOf(900, 0)), "ERROR");
      assert.equal(verdict(windowOf(900, 0), windowBetween(NONE, bad)), "ERROR");
    }
    const restarted = windowBetween(counted(500, 3), counted(100, 0, false, 2_000));
    assert.match(judgeByThresholds(windowBetween(NONE, { ...counted(100, 0), epoch: "2" }), windowOf(900, 0), LIMITS).summary, /The candidate: The metrics began anew/);
    assert.match(judgeByThresholds(restarted, windowOf(900, 0), LIMITS).summary, /The candidate: The metrics began anew/);
  });

  it("never becomes better by a failure more, and passes only with enough requests on both sides", () => {
    const order = ["FAIL", "ERROR", "INCONCLUSIVE", "PASS"];
    const side = fc.tuple(fc.nat(400), fc.nat(400), fc.boolean()).map(([requests, errors, slow]) => ({ requests, errors: Math.min(errors, requests), slow }));
    fc.assert(
      fc.property(side, fc.option(side, { nil: null }), (candidate, baseline) => {
        const against = baseline && windowOf(baseline.requests, baseline.errors, baseline.slow);
        const seen = verdict(windowOf(candidate.requests, candidate.errors, candidate.slow), against);
        if (candidate.errors < candidate.requests) {
          const worse = verdict(windowOf(candidate.requests, candidate.errors + 1, candidate.slow), against);
          assert.ok(order.indexOf(worse) <= order.indexOf(seen), `${seen} became ${worse}`);
        }
        if (seen === "PASS") assert.ok(candidate.requests >= 50 && (baseline === null || baseline.requests >= 50));
      }),
    );
  });
});
