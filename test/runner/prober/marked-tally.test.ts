import "../../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { MarkedTally } from "../../../runner/prober/marked-tally.js";
import type { Outcome } from "../../../runner/prober/outcome.js";

const START = 1_800_000_000_000;
const outcome = (n: number, part: Partial<Outcome>): Outcome => ({ id: `r-1-${n}`, scheduled: START, sent: START, ended: START, status: 200, error: null, slot: "blue", release: "1.0.0", ...part });

describe("sums since a mark", () => {
  it("are the same as all of them where none was set", () => {
    const tally = new MarkedTally("r-1", START);
    tally.started(0);
    tally.settled(outcome(0, { ended: START + 5 }), 5);
    assert.deepEqual(tally.summary(START + 10, "mark"), tally.summary(START + 10, "start"));
  });

  it("measure the longest gap from the mark on, and leave what was in flight to the time before it", () => {
    const tally = new MarkedTally("r-1", START);
    tally.started(0);
    tally.settled(outcome(0, { ended: START + 900 }), 900);
    tally.started(0);
    tally.started(0);
    tally.mark(START + 1_000);
    tally.settled(outcome(1, { ended: START + 1_100, status: null, error: "timeout", slot: null, release: null }), 100);
    tally.settled(outcome(2, { ended: START + 1_150 }), 150);
    tally.started(0);
    tally.settled(outcome(3, { ended: START + 1_350, slot: "green", release: "1.1.0" }), 7);
    const since = tally.summary(START + 1_400, "mark");
    assert.deepEqual([since.sent, since.failed, since.inFlight, since.longestGapMs, since.longestGapFrom, since.latencyMs?.max, since.byRelease], [1, 0, 0, 200, START + 1_150, 7, { "1.1.0": { requests: 1, failed: 0 } }]);
    const all = tally.summary(START + 1_400);
    assert.deepEqual([all.sent, all.failed, all.longestGapMs], [4, 1, 900]);
  });

  it("account for every request that was started since, wherever the mark is", () => {
    const event = fc.record({ kind: fc.constantFrom("start", "end", "mark"), pick: fc.nat(), good: fc.boolean() });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (events) => {
        const tally = new MarkedTally("r-1", START);
        const open: number[] = [];
        let [next, marked, failed, failedSince] = [0, 0, 0, 0];
        events.forEach(({ kind, pick, good }, index) => {
          if (kind === "start") {
            open.push(next++);
            tally.started(0);
          } else if (kind === "mark") {
            tally.mark(START + index);
            [marked, failedSince] = [next, 0];
          } else if (open.length > 0) {
            const [n] = open.splice(pick % open.length, 1);
            assert.ok(n !== undefined);
            tally.settled(outcome(n, { ended: START + index, status: good ? 200 : 500, error: good ? null : "status" }), 1);
            if (!good) failed += 1;
            if (!good && n >= marked) failedSince += 1;
          }
        });
        const [all, since] = [tally.summary(START + 100), tally.summary(START + 100, "mark")];
        assert.deepEqual([all.sent, all.failed, all.inFlight], [next, failed, open.length]);
        assert.deepEqual([since.sent, since.failed, since.inFlight], [next - marked, failedSince, open.filter((n) => n >= marked).length]);
        assert.equal(since.answered + since.inFlight, since.sent);
        assert.ok(since.longestGapMs <= 100);
      }),
    );
  });

  it("count no silence after sending has ended, also when the mark is set later", () => {
    const tally = new MarkedTally("r-1", START);
    tally.sendingEnded(START + 10);
    tally.mark(START + 500);
    assert.deepEqual([tally.summary(START + 5_000, "mark").longestGapMs, tally.summary(START + 5_000).longestGapMs], [0, 10]);
  });
});
