import { strict as assert } from "node:assert";
import fc from "fast-check";
import { SmoothRoundRobin } from "../../../sandbox/router/smooth-round-robin.js";
import "../../support/seed.js";

describe("smooth weighted round robin", () => {
  it("gives every slot exactly its weight in any 100 turns", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 500 }), (green, skipped) => {
        const turns = new SmoothRoundRobin();
        const weights = { blue: 100 - green, green };
        for (let turn = 0; turn < skipped; turn++) turns.next(weights);
        const slots = Array.from({ length: 100 }, () => turns.next(weights));
        assert.equal(slots.filter((slot) => slot === "green").length, green);
      }),
    );
  });

  it("is never more than one turn away from the exact share", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), (green) => {
        const turns = new SmoothRoundRobin();
        let toGreen = 0;
        for (let turn = 1; turn <= 200; turn++) {
          if (turns.next({ blue: 100 - green, green }) === "green") toGreen++;
          assert.ok(Math.abs(toGreen - (turn * green) / 100) <= 1, `after ${turn} turns ${toGreen} went to green`);
        }
      }),
    );
  });
});
