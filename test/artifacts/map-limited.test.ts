import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import * as fc from "fast-check";
import { mapLimited } from "../../artifacts/map-limited.js";
import "../support/seed.js";

describe("work on many items at once", () => {
  it("gives the results in the items' order and never has more under way than the limit", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 30 }), fc.integer({ min: 1, max: 8 }), async (items, limit) => {
        let now = 0;
        let most = 0;
        const results = await mapLimited(items, limit, async (item) => {
          most = Math.max(most, ++now);
          for (let turns = 0; turns < item; turns++) await turn();
          now--;
          return item * 2;
        });
        assert.deepEqual(results, items.map((item) => item * 2));
        assert.ok(most <= limit);
      }),
    );
  });

  it("throws the first failure, after what was under way has ended and without starting more", async () => {
    const ended: number[] = [];
    const work = mapLimited([1, 2, 3, 4], 2, async (item) => {
      if (item === 1) throw new Error("one");
      await turn();
      ended.push(item);
    });
    await assert.rejects(work, /one/);
    assert.deepEqual(ended, [2]);
  });
});
