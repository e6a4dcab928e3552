import assert from "node:assert/strict";
import fc from "fast-check";
import { CounterHistory } from "../../../sandbox/alarms/counters.js";
import { parseExposition } from "../../../sandbox/alarms/exposition.js";
import { judgeAlarm } from "../../../sandbox/alarms/judge-alarm.js";
import { quantile } from "../../../model/quantile.js";
import "../../support/seed.js";

/** An exposition of service "web" with so many answers of 2xx, 5xx and none. */
function exposed(good: number, bad: number, cut = 0) {
  const line = (code: string, count: number) => `mission_requests_total{service="web",slot="blue",release="1",code="${code}"} ${count}`;
  return parseExposition(["# HELP mission_requests_total Requests", line("2xx", good), line("5xx", bad), line("error", cut)].join("\n"));
}

describe("An exposition", () => {
  it("is read with its labels; what is no finite number is no data", () => {
    const samples = parseExposition('# TYPE a counter\na{x="1",y="a \\"b\\" \\\\ c,d=\\"e\\""} 3\nb 4.5e3\nc{x="1"} NaN\nd +Inf\nnot a line\n<html>\n');
    assert.deepEqual(
      samples.map(({ name, labels, value }) => [name, Object.fromEntries(labels), value]),
      [["a", { x: "1", y: 'a "b" \\ c,d="e"' }, 3], ["b", {}, 4500]],
    );
  });
});

describe("What was counted in a window", () => {
  it("is the difference over the window, not since the beginning", () => {
    const history = new CounterHistory();
    history.add(0, 10_000, 1, exposed(1_000, 500));
    history.add(5_000, 10_000, 1, exposed(1_010, 502, 1));
    history.add(10_000, 10_000, 1, exposed(1_030, 502, 1));
    const seen = (windowMs: number) => history.within("web", windowMs, 10_000);
    assert.deepEqual([seen(10_000)?.requests, seen(10_000)?.errors], [33, 3]);
    assert.deepEqual([seen(5_000)?.requests, seen(5_000)?.errors], [20, 0]);
  });

  it("goes on over the death of the router, whose counters begin again at 0", () => {
    const history = new CounterHistory();
    history.add(0, 10_000, 1, exposed(100, 0));
    history.add(1_000, 10_000, 1, exposed(110, 0));
    history.add(2_000, 10_000, 2, exposed(200, 3));
    assert.deepEqual([history.within("web", 5_000, 2_000)?.requests, history.within("web", 5_000, 2_000)?.errors], [213, 3]);
  });

  it("is unknown when nothing was read in the window, and nothing of a service that is not there", () => {
    const history = new CounterHistory();
    assert.equal(history.within("web", 5_000, 0), undefined);
    history.add(0, 5_000, 1, exposed(5, 0));
    assert.equal(history.within("web", 5_000, 6_000), undefined);
    assert.equal(history.within("api", 5_000, 1_000)?.requests, 0);
  });

  it("is never negative and never more than what was counted, whenever routers die (property)", () => {
    const step = fc.record({ more: fc.nat(50), dies: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 30 }), fc.integer({ min: 1_000, max: 40_000 }), (steps, windowMs) => {
        const history = new CounterHistory();
        let [router, counter, sum] = [1, 0, 0];
        steps.forEach(({ more, dies }, second) => {
          if (dies) [router, counter] = [router + 1, 0];
          counter += more;
          if (second > 0) sum += more;
          history.add(second * 1_000, windowMs, router, exposed(counter, 0));
        });
        const now = (steps.length - 1) * 1_000;
        const requests = history.within("web", windowMs, now)?.requests ?? 0;
        assert.ok(requests >= 0 && requests <= sum);
        if (windowMs > now) assert.equal(requests, sum);
      }),
    );
  });
});

describe("A quantile of a histogram", () => {
  it("is interpolated in its bucket, and the largest finite bound beyond that", () => {
    const buckets = new Map([[0.1, 50], [0.5, 90], [1, 100], [Infinity, 100]]);
    assert.equal(quantile(0.5, buckets), 0.1);
    assert.equal(quantile(0.95, buckets), 0.75);
    assert.equal(quantile(0.95, new Map([[0.1, 1], [1, 2], [Infinity, 100]])), 1);
    assert.equal(quantile(0.95, new Map([[0.1, 0], [Infinity, 0]])), undefined);
    assert.equal(quantile(0.95, new Map()), undefined);
  });

  it("lies between the smallest and the largest bound and grows with its share (property)", () => {
    const counts = fc.array(fc.nat(100), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(counts, fc.double({ min: 0.01, max: 1, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true }), ([a = 0, b = 0, c = 0], one, two) => {
        const buckets = new Map([[0.1, a], [0.5, a + b], [Infinity, a + b + c]]);
        const [low, high] = [quantile(Math.min(one, two), buckets), quantile(Math.max(one, two), buckets)];
        if (a + b + c === 0) return assert.equal(low, undefined);
        assert.ok(low !== undefined && high !== undefined && low >= 0 && low <= high && high <= 0.5);
      }),
    );
  });
});

describe("An alarm", () => {
  const counts = (requests: number, errors: number) => ({ requests, errors, buckets: new Map([[0.1, requests], [Infinity, requests]]) });
  const live = { ready: 2, wanted: 2 };

  it("on the error rate counts answers of 5xx and missing ones, and goes off above its limit", () => {
    const judge = (errors: number) => judgeAlarm({ metric: "error-rate", threshold: 0.01 }, { counts: counts(100, errors), live, failOpen: false });
    assert.deepEqual([judge(0), judge(1), judge(2)], [{ state: "ok", value: 0 }, { state: "ok", value: 0.01 }, { state: "alarm", value: 0.02 }]);
  });

  it("on the latency is in milliseconds", () => {
    const judge = (threshold: number) => judgeAlarm({ metric: "latency-p95", threshold }, { counts: counts(100, 0), live, failOpen: false });
    assert.deepEqual([judge(95).state, judge(94).state, judge(94).value], ["ok", "alarm", 95]);
  });

  it("is never ok without data", () => {
    for (const metric of ["error-rate", "latency-p95", "availability"] as const) {
      for (const none of [undefined, counts(0, 0)]) assert.deepEqual(judgeAlarm({ metric, threshold: 0.5 }, { counts: none, live: undefined, failOpen: undefined }), { state: "insufficient-data", value: null });
    }
    assert.equal(judgeAlarm({ metric: "availability", threshold: 0.5 }, { counts: undefined, live: { ready: 0, wanted: 0 }, failOpen: false }).state, "insufficient-data");
  });

  it("on the availability goes off below its limit, and when the router fails open", () => {
    const judge = (ready: number, failOpen: boolean) => judgeAlarm({ metric: "availability", threshold: 0.5 }, { counts: undefined, live: { ready, wanted: 2 }, failOpen });
    assert.deepEqual([judge(2, false), judge(1, false).state, judge(0, false).state, judge(2, true).state], [{ state: "ok", value: 1 }, "ok", "alarm", "alarm"]);
  });
});
