import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describe, it } from "mocha";
import type { Outcome } from "../../../runner/prober/outcome.js";
import { weightApplied } from "../../../runner/gates/weight-applied.js";
import { createArrivals, createPicker, dueMs, requestsIn } from "../../../runner/prober/schedule.js";
import { Tally } from "../../../runner/prober/tally.js";
import { SmoothRoundRobin } from "../../../sandbox/router/smooth-round-robin.js";
import { randomFrom } from "../../support/kill-campaign.js";
import { seed } from "../../support/seed.js";

const START = 1_800_000_000_000;
const outcome = (part: Partial<Outcome>): Outcome => ({
  id: "r-0",
  scheduled: START,
  sent: START,
  ended: START,
  status: 200,
  error: null,
  slot: null,
  release: null,
  ...part,
});

describe("a summary", () => {
  it("has percentiles within 0.1 % of the exact ones, and the exact maximum", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60_000_000 }), { minLength: 1, maxLength: 300 }), (microseconds) => {
        const tally = new Tally("r", START);
        for (const latency of microseconds) {
          tally.started(0);
          tally.settled(outcome({}), latency / 1000);
        }
        const latencies = tally.summary(START + 1).latencyMs;
        assert.ok(latencies);
        const sorted = microseconds.map((value) => value / 1000).sort((a, b) => a - b);
        const ranked = (rank: number) => sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] ?? Number.NaN;
        for (const [name, share] of [["p50", 0.5], ["p90", 0.9], ["p95", 0.95], ["p99", 0.99]] as const) {
          // Where a percentile falls between two values, either neighbour is right.
          assert.ok(latencies[name] >= ranked(Math.floor(share * sorted.length)) * 0.999, name);
          assert.ok(latencies[name] <= ranked(Math.ceil(share * sorted.length)) * 1.001 + 0.001, name);
        }
        assert.equal(latencies.max, sorted.at(-1));
        assert.ok(latencies.p50 <= latencies.p90 && latencies.p90 <= latencies.p95 && latencies.p95 <= latencies.p99 && latencies.p99 <= latencies.max);
      }),
    );
  });

  it("has the longest time without a success, before the first and after the last one included", () => {
    const event = fc.record({ at: fc.integer({ min: 0, max: 10_000 }), good: fc.boolean() });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.integer({ min: 0, max: 3000 }), (events, rest) => {
        const ordered = events.toSorted((a, b) => a.at - b.at);
        const end = START + (ordered.at(-1)?.at ?? 0) + rest;
        const tally = new Tally("r", START);
        for (const { at, good } of ordered) {
          tally.started(0);
          tally.settled(outcome({ ended: START + at, error: good ? null : "status", status: good ? 200 : 500 }), 1);
        }
        const marks = [START, ...ordered.filter(({ good }) => good).map(({ at }) => START + at), end];
        const gaps = marks.slice(1).map((mark, n) => ({ ms: mark - (marks[n] ?? 0), from: marks[n] }));
        const longest = Math.max(...gaps.map(({ ms }) => ms));
        const summary = tally.summary(end);
        assert.equal(summary.longestGapMs, longest);
        assert.ok(longest === 0 || gaps.some(({ ms, from }) => ms === longest && from === summary.longestGapFrom));
      }),
    );
  });

  it("counts no silence after the last request was sent", () => {
    const tally = new Tally("r", START);
    tally.started(0);
    tally.sendingEnded(START + 10);
    tally.settled(outcome({ ended: START + 900 }), 900);
    const { longestGapMs, durationMs } = tally.summary(START + 5000);
    assert.deepEqual({ longestGapMs, durationMs }, { longestGapMs: 10, durationMs: 10 });
  });

  it("accounts for every request", () => {
    const kinds = [null, "status", "refused", "reset", "timeout", "early-end", "stopped"] as const;
    const request = fc.record({ settled: fc.boolean(), error: fc.constantFrom(...kinds), slot: fc.constantFrom("blue", "green", null) });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 100 }), (requests) => {
        const tally = new Tally("r", START);
        for (const { settled, error, slot } of requests) {
          tally.started(0);
          const began = error === null || error === "status" || error === "early-end";
          if (settled) tally.settled(outcome({ error, slot, status: began ? (error === "status" ? 503 : 200) : null }), 1);
        }
        const summary = tally.summary(START + 1000);
        const total = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((sum, n) => sum + n, 0);
        const ended = requests.filter(({ settled }) => settled);
        assert.equal(summary.sent, requests.length);
        assert.equal(summary.inFlight, requests.length - ended.length);
        assert.equal(total(summary.errors), summary.failed + summary.stopped);
        assert.equal(summary.failed, ended.filter(({ error }) => error !== null && error !== "stopped").length);
        const unanswered = ended.filter(({ error }) => error !== null && error !== "status").length;
        assert.equal(summary.answered + unanswered + summary.inFlight, summary.sent);
        assert.equal(total(summary.byStatus), Object.values(summary.bySlot).reduce((sum, { requests: n }) => sum + n, 0));
        assert.equal(summary.achievedRate, requests.length);
      }),
    );
  });

  it("tells a slow client from a slow server", () => {
    const tally = new Tally("r", START);
    for (const late of [0, 9, 11, 250]) tally.started(late);
    tally.waitedForConnection(30);
    const { lateStarts, connectionWaits } = tally.summary(START);
    assert.deepEqual(lateStarts, { count: 2, worstMs: 250 });
    assert.deepEqual(connectionWaits, { count: 1, worstMs: 30 });
  });
});

describe("a schedule", () => {
  it("has as many requests in a time as the rate says, evenly", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 100_000 }), (rate, durationMs) => {
        const count = requestsIn(durationMs, rate);
        assert.ok(dueMs(count - 1, rate) < durationMs);
        assert.ok(dueMs(count, rate) >= durationMs - 1e-6);
      }),
    );
  });

  it("comes at even times, or at random ones that are never before the one before and keep the rate", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer(), (rate, seed) => {
        const even = createArrivals(rate, "even");
        const random = createArrivals(rate, "random", randomFrom(seed));
        let last = 0;
        for (let n = 0; n < 2_000; n += 1) {
          assert.equal(even(), dueMs(n, rate));
          const due = random();
          assert.ok(due >= last && (n > 0 || due === 0));
          last = due;
        }
        // The sum of 1,999 exponential times: its standard deviation is 2.24 % of it, and seven of them are never seen.
        assert.ok(Math.abs(last / dueMs(1_999, rate) - 1) < 0.157, `${last} of ${dueMs(1_999, rate)}`);
      }),
    );
  });

  it("sees a balancer's true shares beside a client that comes evenly at the same rate, when its times are random", () => {
    fc.assert(
      fc.property(fc.constantFrom(10, 50, 90), fc.integer(), fc.double({ min: 0.01, max: 0.99, noNaN: true }), (weight, seed, phase) => {
        const turns = new SmoothRoundRobin();
        const arrival = createArrivals(50, "random", randomFrom(seed));
        let other = dueMs(phase, 50);
        let ours = 0;
        for (let n = 0; n < 500; n += 1) {
          const due = arrival();
          for (; other < due; other += 20) turns.next({ blue: 100 - weight, green: weight });
          if (turns.next({ blue: 100 - weight, green: weight }) === "green") ours += 1;
        }
        const counts = { live: { requests: 500 - ours, failed: 0 }, candidate: { requests: ours, failed: 0 } };
        const { verdict, summary } = weightApplied({ service: "web", candidate: "candidate", live: "live", weight, probed: { sent: 500, failed: 0, longestGapMs: 20, p95Ms: 1, byRelease: counts } });
        assert.equal(verdict, "PASS", summary);
      }),
    );
  });

  it("chooses exactly by weight in every round", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }), (weights) => {
        const pick = createPicker(weights.map((weight, index) => ({ weight, index })));
        const sum = weights.reduce((a, b) => a + b, 0);
        for (let round = 0; round < 3; round += 1) {
          const counts = weights.map(() => 0);
          for (let n = 0; n < sum; n += 1) {
            const { index } = pick();
            counts[index] = (counts[index] ?? 0) + 1;
          }
          assert.deepEqual(counts, weights);
        }
      }),
    );
  });

  it("shows a candidate every kind of request, in its share, whatever the router's turns are", () => {
    const kinds = ["products", "page", "version"] as const;
    for (const weight of [5, 10, 20, 50, 90]) {
      const pick = createPicker([{ weight: 6, kind: "products" }, { weight: 3, kind: "page" }, { weight: 1, kind: "version" }] as const, randomFrom(seed));
      const turns = new SmoothRoundRobin();
      const seen = { products: 0, page: 0, version: 0 };
      for (let n = 0; n < 40_000; n += 1) {
        const { kind } = pick();
        if (turns.next({ blue: 100 - weight, green: weight }) === "green") seen[kind] += 1;
      }
      const all = 400 * weight;
      // Six standard deviations of 2000 draws, the fewest there are, are 6.6 percentage points; drawing without replacement only narrows that.
      for (const [index, share] of [0.6, 0.3, 0.1].entries()) assert.ok(Math.abs(seen[kinds[index] ?? "page"] / all - share) < 0.07, `${weight} %: ${JSON.stringify(seen)}`);
    }
  });
});
