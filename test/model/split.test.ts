import "../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { Split, splitSchema } from "../../model/split.js";

describe("a split", () => {
  it("sums to 100 however it is made", () => {
    fc.assert(
      fc.property(fc.constantFrom("blue" as const, "green" as const), fc.integer({ min: 0, max: 100 }), (slot, weight) => {
        const split = Split.weight(slot, weight);
        assert.equal(split.blue + split.green, 100);
        assert.equal(split.of(slot), weight);
      }),
    );
  });

  for (const [name, weights, said] of [
    ["negative", { blue: -1, green: 101 }, /"blue" is -1; allowed is a whole number from 0 to 100/],
    ["fractional", { blue: 33.3, green: 66.7 }, /33\.3; allowed is a whole number/],
    ["NaN", { blue: Number.NaN, green: 100 }, /NaN; allowed is a whole number/],
    ["above 100", { blue: 101, green: -1 }, /101; allowed/],
    ["all zero", { blue: 0, green: 0 }, /sum to 0; they must sum to 100/],
    ["text", { blue: "50", green: 50 }, /"50"; allowed/],
    ["infinite", { blue: Number.POSITIVE_INFINITY, green: 0 }, /Infinity; allowed/],
  ] as const) {
    it(`refuses weights that are ${name}, with what was seen and what is allowed`, () => {
      const parsed = splitSchema.safeParse(weights);
      assert.equal(parsed.success, false);
      assert.match(parsed.error?.issues.map(({ message }) => message).join(" ") ?? "", said);
    });
  }

  it("refuses every weight that is no integer from 0 to 100", () => {
    const wrong = fc.oneof(fc.double().filter((n) => !Number.isInteger(n) || n < 0 || n > 100), fc.integer({ min: 101 }), fc.integer({ max: -1 }));
    fc.assert(fc.property(wrong, (weight) => assert.throws(() => Split.weight("blue", weight), RangeError)));
  });
});
