import assert from "node:assert/strict";
import fc from "fast-check";
import { HealthStreak } from "../../../sandbox/supervisor/health-streak.js";
import { MAX_BACKOFF, restartDecision } from "../../../sandbox/supervisor/restart-policy.js";

const history = (more: Partial<Parameters<typeof restartDecision>[0]>) => ({ everReady: false, restarts: 0, ends: [0], streak: 0, ...more });

describe("The restart of an instance", () => {
  it("comes after 0.5 s, then twice as long each time, 30 s at most", () => {
    const delays = [0, 1, 2, 3, 4, 5, 6, 7, 1000].map((streak) => restartDecision(history({ streak }), 0).delayMs);
    assert.deepEqual(delays, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, MAX_BACKOFF]);
  });

  it("is over after five before the slot was ever ready", () => {
    assert.equal(restartDecision(history({ restarts: 4 }), 0).limit, null);
    assert.equal(restartDecision(history({ restarts: 5 }), 0).limit, "it ended 6 times before it was ever ready");
  });

  it("is over later after ten ends in ten minutes, however slowly it flaps", () => {
    const ends = (count: number, gap: number) => Array.from({ length: count }, (_none, index) => index * gap);
    const decide = (count: number, gap: number) => restartDecision(history({ everReady: true, restarts: count - 1, ends: ends(count, gap) }), (count - 1) * gap).limit;
    assert.equal(decide(9, 1_000), null);
    assert.equal(decide(10, 1_000), "it ended 10 times in 10 minutes");
    assert.equal(decide(10, 66_000), "it ended 10 times in 10 minutes");
    assert.equal(decide(15, 70_000), null);
  });
});

describe("The health of an instance", () => {
  it("changes only after as many results in a row as its probe says (property)", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), (results, successes, failures) => {
        const streak = new HealthStreak({ successes, failures }, false);
        results.forEach((result, index) => {
          const before = streak.healthy;
          const changed = streak.add(result);
          assert.equal(changed, before !== streak.healthy);
          if (!changed) return;
          const needed = streak.healthy ? successes : failures;
          const last = results.slice(index + 1 - needed, index + 1);
          assert.ok(last.length === needed && last.every((each) => each === streak.healthy));
        });
      }),
    );
  });
});
