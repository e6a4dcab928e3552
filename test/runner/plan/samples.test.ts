import "../../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { boundAfter, samplesNeeded, samplesToShow, timeFor } from "../../../runner/plan/samples.js";
import { inWords, longestWatch } from "../../../runner/plan/durations.js";
import { limitsOf, limitsSchema } from "../../../model/limits.js";

describe("the number of requests that a verdict needs", () => {
  it("is 598 an arm for half a percentage point, 299 for one, and near the rule of three", () => {
    assert.deepEqual([0.005, 0.01, 0.001].map(samplesToShow), [598, 299, 2995]);
    assert.deepEqual([samplesToShow(0), samplesToShow(1)], [null, 1]);
  });

  it("is the smallest number whose bound is within the margin", () =>
    fc.assert(
      fc.property(fc.double({ min: 1e-5, max: 0.99, noNaN: true }), (share) => {
        const n = samplesToShow(share) ?? 0;
        assert.ok(boundAfter(n) <= share * (1 + 1e-9));
        if (n > 1) assert.ok(boundAfter(n - 1) > share * (1 - 1e-9));
        assert.ok(n <= Math.ceil(3 / share));
      }),
    ));

  it("rests on the allowed increase where there is a baseline, else on the ceiling", () => {
    const limits = limitsOf(limitsSchema.parse({}));
    assert.deepEqual([samplesNeeded(limits, true).forMargin, samplesNeeded(limits, false).forMargin, samplesNeeded(limits, true).minimum], [598, 299, 50]);
    assert.equal(samplesNeeded({ ...limits, errorRateIncrease: 0 }, true).forMargin, null);
  });

  it("takes time by the rate, and never comes without requests", () => assert.deepEqual([timeFor(600, 10), timeFor(1, 0)], [60_000, null]));

  it("says times for a person, rounded up", () => {
    assert.deepEqual([0, 900, 5_000, 90_000, 119_001, 3_600_000, 3_900_000, 90_061_000].map(inWords), ["0 ms", "900 ms", "5 s", "1 min 30 s", "2 min", "1 h", "1 h 5 min", "25 h 1 min"]);
    assert.deepEqual([longestWatch(5_000), longestWatch(600_000)], [20_000, 1_800_000]);
  });
});
