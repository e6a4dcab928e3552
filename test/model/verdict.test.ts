import assert from "node:assert/strict";
import fc from "fast-check";
import { allPass, worstVerdict, type Verdict } from "../../model/verdict.js";
import "../support/seed.js";

const verdicts = fc.array(fc.constantFrom<Verdict>("PASS", "FAIL", "INCONCLUSIVE", "ERROR"));
const result = (verdict: Verdict) => ({ gate: "g", verdict, summary: "", details: [], measured: {} });

describe("a verdict", () => {
  it("of no gate at all is no pass", () => {
    assert.equal(worstVerdict([]), "INCONCLUSIVE");
    assert.equal(allPass([]), false);
  });

  it("never turns from a no into a yes by adding a check that fails", () => {
    fc.assert(
      fc.property(verdicts, fc.constantFrom<Verdict>("FAIL", "INCONCLUSIVE", "ERROR"), (all, bad) => {
        assert.equal(allPass([...all, bad].map(result)), false);
      }),
    );
  });

  it("passes only when each one passes, in any order", () => {
    fc.assert(
      fc.property(verdicts, (all) => {
        assert.equal(allPass(all.map(result)), all.length > 0 && all.every((verdict) => verdict === "PASS"));
        assert.equal(worstVerdict(all), worstVerdict([...all].reverse()));
      }),
    );
  });
});
