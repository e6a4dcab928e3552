import "../../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { lowerTail, upperTail } from "../../../runner/judge/binomial-tail.js";

const near = (seen: number, wanted: number, name: string) => assert.ok(Math.abs(seen - wanted) <= 1e-9 * Math.max(wanted, 1e-30), `${name}: ${seen}, not ${wanted}`);

/** By the textbook, in exact integers: the share of k successes or more when p = a/b. */
function exactUpper(k: number, n: number, a: bigint, b: bigint): number {
  let [choose, sum] = [1n, 0n];
  for (let i = 0; i <= n; i += 1) {
    if (i >= k) sum += choose * a ** BigInt(i) * (b - a) ** BigInt(n - i);
    choose = (choose * BigInt(n - i)) / BigInt(i + 1);
  }
  // Scaled so that the quotient keeps its digits; what is smaller than that is 0.
  return Number((sum * 10n ** 60n) / b ** BigInt(n)) / 1e60;
}

describe("the tails of the binomial distribution", () => {
  it("are what exact arithmetic gives", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.nat(), fc.integer({ min: 1, max: 99 }), (n, draw, percent) => {
        const k = draw % (n + 1);
        const wanted = exactUpper(k, n, BigInt(percent), 100n);
        if (wanted > 1e-45) near(upperTail(k, n, percent / 100), wanted, `P(X >= ${k}), n ${n}, ${percent} %`);
        const below = exactUpper(n - k, n, BigInt(100 - percent), 100n);
        if (below > 1e-45) near(lowerTail(k, n, percent / 100), below, `P(X <= ${k}), n ${n}, ${percent} %`);
      }),
      { numRuns: 300 },
    );
  });

  it("hold at the ends, and for a million trials", () => {
    assert.deepEqual([upperTail(0, 10, 0.5), upperTail(1, 10, 0), upperTail(10, 10, 1), lowerTail(9, 10, 1), lowerTail(0, 10, 0), upperTail(0, 0, 0.3), lowerTail(0, 0, 0.3)], [1, 0, 1, 0, 1, 1, 1]);
    near(lowerTail(0, 1_000_000, 0.00001), Math.exp(1_000_000 * Math.log1p(-0.00001)), "none of a million");
    assert.ok(Math.abs(upperTail(500_000, 1_000_000, 0.5) - 0.5) < 0.001);
  });

  it("refuse what is no count or no probability", () => {
    for (const [k, n, p] of [[-1, 5, 0.5], [6, 5, 0.5], [1.5, 5, 0.5], [1, Number.NaN, 0.5], [1, 5, Number.NaN], [1, 5, 1.1]] as const) assert.throws(() => upperTail(k, n, p), RangeError);
  });
});
