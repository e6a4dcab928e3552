import "../../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { specDigest } from "../../../model/slot-spec.js";
import type { SlotCounters } from "../../../model/slot-window.js";
import { Split } from "../../../model/split.js";
import { allPass, type GateResult } from "../../../model/verdict.js";
import type { RecordedBaseline } from "../../../runner/watch/baseline.js";
import { watchRelease, type WatchOptions } from "../../../runner/watch/watch-release.js";
import { releaseOf, specOf } from "../../support/specs.js";
import { BEGIN, FakePlatform, LIMITS } from "./fake-platform.js";

const GATE = "candidate-as-good-as-baseline";

/** 10 s with a look every second, at most 30 s. */
const watch = (platform: FakePlatform, more: Partial<WatchOptions> = {}) =>
  watchRelease({ adapter: platform, clock: platform.clock, release: releaseOf("1.1.0"), limits: LIMITS, milliseconds: 10_000, longestMs: 30_000, lookMs: 1_000, baseline: null, ...more });
const gate = (results: readonly GateResult[], name = GATE): GateResult => {
  const found = results.find((result) => result.gate === name);
  assert.ok(found, `${name} is not among ${results.map((result) => result.gate).join(", ")}`);
  return found;
};
const both = (change: (counters: SlotCounters) => SlotCounters) => (counters: { readonly blue: SlotCounters | null; readonly green: SlotCounters | null }) => ({ blue: counters.blue && change(counters.blue), green: counters.green && change(counters.green) });
const recorded = (requests: number, errors: number, seconds: number, more: Partial<{ recordedAt: number; spec: string }> = {}): RecordedBaseline => ({
  recordedAt: more.recordedAt ?? BEGIN - 60_000,
  services: { web: { version: "1.0.0", spec: more.spec ?? specDigest(specOf("1.0.0")), window: { milliseconds: 10_000, requests, errors, buckets: new Map([[seconds, requests], [Infinity, requests]]) } } },
  notes: [],
});

describe("a release that is watched", () => {
  it("passes at the end of the full time, no sooner, and says which baseline was used", async () => {
    const platform = new FakePlatform();
    const results = await watch(platform);
    assert.deepEqual(results.map(({ gate: name, verdict }) => `${name} ${verdict}`), [`${GATE} PASS`, "instances-ready PASS", "saturation PASS"]);
    assert.deepEqual([platform.clock.passed, platform.looks], [10_000, 11]);
    assert.match(gate(results).summary, /^Service "web": 0 % of the candidate's 100 requests failed/);
    assert.ok(gate(results).details.includes("Baseline: release 1.0.0 in the other slot over the same time."));
    assert.equal(gate(results).measured["baseline"], "concurrent");
  });

  it("looks every tenth of the time, at least a second apart, when nothing else is said", async () => {
    const platform = new FakePlatform();
    await watchRelease({ adapter: platform, clock: platform.clock, release: releaseOf("1.1.0"), limits: LIMITS, milliseconds: 600_000, baseline: null });
    assert.deepEqual([platform.clock.passed, platform.looks], [600_000, 11]);
    const short = new FakePlatform();
    short.behaviour.green = { rate: 100 };
    await watchRelease({ adapter: short, clock: short.clock, release: releaseOf("1.1.0"), limits: LIMITS, milliseconds: 5_000, baseline: null });
    assert.deepEqual([short.clock.passed, short.looks], [5_000, 6]);
  });

  for (const [name, behaviour, by] of [
    ["fails every request", { rate: 10, errorRate: 1 }, 1_000],
    ["fails many requests", { rate: 100, errorRate: 0.2 }, 1_000],
    ["fails five of a hundred, seen at the look that has enough requests for it", { rate: 100, errorRate: 0.05 }, 2_000],
    ["is ten times slower, confirmed by a second look", { rate: 100, ms: 90 }, 2_000],
  ] as const) {
    it(`ends early for a candidate that ${name}`, async () => {
      const platform = new FakePlatform();
      // Counted from now on, so that the numbers do not depend on how counts of before are rounded.
      platform.countsFrom = 0;
      platform.behaviour.green = behaviour;
      const results = await watch(platform);
      assert.equal(gate(results).verdict, "FAIL", gate(results).summary);
      assert.ok(platform.clock.passed <= by, `${platform.clock.passed} ms`);
      assert.ok(!results.some(({ verdict }) => verdict === "PASS"), "what was not watched to the end has not passed");
    });
  }

  it("does not end early for failures that can still be chance, and passes when they were", async () => {
    const platform = new FakePlatform();
    platform.behaviour.green = { rate: 100 };
    platform.tamper.metrics = (counters) => ({ ...counters, green: counters.green && { ...counters.green, errors: platform.clock.passed >= 900 ? 2 : 0 } });
    const results = await watch(platform);
    assert.equal(gate(results).verdict, "PASS", gate(results).summary);
    assert.equal(platform.clock.passed, 10_000);
  });

  it("finds what begins late within two looks", async () => {
    const platform = new FakePlatform();
    platform.behaviour = { blue: { rate: 50 }, green: { rate: 50 } };
    platform.tamper.metrics = (counters) => ({ ...counters, green: counters.green && { ...counters.green, errors: Math.max(0, Math.floor((platform.clock.passed - 6_000) / 20)) } });
    const results = await watch(platform);
    assert.equal(gate(results).verdict, "FAIL");
    assert.ok(platform.clock.passed <= 8_000, `${platform.clock.passed} ms`);
  });

  it("waits for enough requests up to the longest time, then is inconclusive", async () => {
    const enough = new FakePlatform();
    enough.behaviour.green = { rate: 4 };
    assert.equal(gate(await watch(enough)).verdict, "PASS");
    assert.equal(enough.clock.passed, 13_000);
    const few = new FakePlatform();
    few.behaviour.green = { rate: 1 };
    const results = await watch(few);
    assert.equal(gate(results).verdict, "INCONCLUSIVE");
    assert.match(gate(results).summary, /The candidate had 30 requests; at least 50 are needed/);
    assert.equal(few.clock.passed, 30_000);
  });

  it("waits three times as long, at least 15 s more, when nothing else is said", async () => {
    for (const [milliseconds, longest] of [[5_000, 20_000], [600_000, 1_800_000]] as const) {
      const platform = new FakePlatform();
      platform.behaviour.green = { rate: 0.01 };
      const results = await watchRelease({ adapter: platform, clock: platform.clock, release: releaseOf("1.1.0"), limits: LIMITS, milliseconds, baseline: null });
      assert.deepEqual([gate(results).verdict, platform.clock.passed], ["INCONCLUSIVE", longest]);
    }
  });

  it("returns at once when somebody asks to roll back, with the reason, also while the platform hangs", async () => {
    const platform = new FakePlatform();
    const controller = new AbortController();
    platform.clock.at(2_500, () => controller.abort("the shop looks wrong"));
    const results = await watch(platform, { signal: controller.signal });
    assert.deepEqual(results.map(({ gate: name, verdict, summary }) => [name, verdict, summary]), [["nobody-asked-to-roll-back", "FAIL", "Somebody asked to roll back: the shop looks wrong"]]);
    assert.equal(platform.clock.passed, 2_500);
    const hanging = new FakePlatform();
    const second = new AbortController();
    hanging.tamper.metrics = () => {
      setImmediate(() => second.abort(new Error("at once")));
      return new Promise(() => undefined);
    };
    assert.match((await watch(hanging, { signal: second.signal }))[0]?.summary ?? "", /at once/);
    assert.equal(hanging.clock.passed, 0);
  });

  it("refuses a time that is none", async () => {
    for (const more of [{ milliseconds: 0 }, { milliseconds: Number.NaN }, { milliseconds: Infinity }, { lookMs: 0 }, { longestMs: -1 }]) await assert.rejects(watch(new FakePlatform(), more), RangeError);
  });

  it("watches every service, and one that fails ends it for all", async () => {
    const platform = new FakePlatform();
    platform.countsFrom = 0;
    const { web } = releaseOf("1.1.0").services;
    assert.ok(web);
    const bad = { ...platform, describe: async () => ({ web: platform.service, api: platform.service }), saturation: () => platform.saturation(), metrics: async (service: string) => {
      const counters = await platform.metrics();
      return service === "web" ? counters : { ...counters, green: { ...counters.green, errors: counters.green?.requests ?? 0 } as SlotCounters };
    } };
    const results = await watch(platform, { adapter: bad, release: { ...releaseOf("1.1.0"), services: { web, api: web } } });
    assert.deepEqual(results.filter((result) => result.gate === GATE).map(({ verdict, measured }) => [measured["service"], verdict]), [["web", "INCONCLUSIVE"], ["api", "FAIL"]]);
    assert.equal(platform.clock.passed, 1_000);
  });
});

describe("the baseline of a watched release", () => {
  const alone = (platform = new FakePlatform()) => {
    platform.service = { ...platform.service, split: Split.weight("green", 100) };
    platform.behaviour = { blue: { rate: 0 }, green: { rate: 100, ms: 18 } };
    return platform;
  };

  it("is what was recorded where the other slot has no weight: slower than that fails", async () => {
    const results = await watch(alone(), { baseline: recorded(500, 0, 0.005) });
    assert.deepEqual([gate(results).verdict, gate(results).measured["baseline"]], ["FAIL", "recorded"]);
    assert.ok(gate(results).details.some((text) => text.startsWith("Baseline: what was recorded of release 1.0.0 before the mission, because the other slot has no weight")));
  });

  it("is what was recorded while the other slot has too little traffic", async () => {
    const platform = new FakePlatform();
    platform.behaviour = { blue: { rate: 1 }, green: { rate: 100 } };
    const results = await watch(platform, { baseline: recorded(500, 0, 0.01) });
    assert.deepEqual([gate(results).verdict, gate(results).measured["baseline"]], ["PASS", "recorded"], gate(results).summary);
  });

  for (const [name, baseline, why] of [
    ["none was recorded", null, /nothing was recorded before/],
    ["it is of another SlotSpec", recorded(500, 0, 0.005, { spec: specDigest(specOf("0.9.0")) }), /is of something else than the other slot holds/],
    ["it is too old", recorded(500, 0, 0.005, { recordedAt: BEGIN - 24 * 3_600_000 }), /is 1440 minutes old, allowed are 360/],
    ["it has too few requests", recorded(49, 0, 0.005), /has 49 requests/],
  ] as const) {
    it(`is none where ${name}: then the ceiling alone decides, and that is said`, async () => {
      const results = await watch(alone(), { baseline });
      assert.deepEqual([gate(results).verdict, gate(results).measured["baseline"]], ["PASS", "thresholds"]);
      const text = gate(results).details.find((each) => each.startsWith("No baseline, only the ceiling decides: the other slot has no weight"));
      assert.match(text ?? "", why);
    });
  }

  it("does not save a candidate above the ceiling", async () => {
    const platform = alone();
    platform.behaviour.green = { rate: 100, errorRate: 0.03 };
    assert.equal(gate(await watch(platform, { baseline: recorded(500, 50, 0.5) })).verdict, "FAIL");
  });
});

describe("a platform that misbehaves while a release is watched", () => {
  /** From 3 s on. */
  const late = <T>(platform: FakePlatform, good: T, bad: () => T): T => (platform.clock.passed >= 3_000 ? bad() : good);
  const throwing = (message: string) => (): never => {
    throw new Error(message);
  };
  const ways: Record<string, (platform: FakePlatform) => void> = {
    "throws": (platform) => (platform.tamper.metrics = (counters) => late(platform, counters, throwing("500 Internal Server Error"))),
    "throws a page of HTML": (platform) => (platform.tamper.metrics = (counters) => late(platform, counters, throwing("Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON"))),
    "tells nothing": (platform) => (platform.tamper.metrics = (counters) => late(platform, counters, () => ({ blue: null, green: null }))),
    "counts NaN": (platform) => (platform.tamper.metrics = (counters) => late(platform, counters, () => both((each) => ({ ...each, requests: Number.NaN }))(counters))),
    "counts Infinity": (platform) => (platform.tamper.metrics = (counters) => late(platform, counters, () => both((each) => ({ ...each, errors: Infinity }))(counters))),
    "counts NaN answers in a bucket": (platform) => (platform.tamper.metrics = (counters) => late(platform, counters, () => both((each) => ({ ...each, buckets: new Map([...each.buckets].map(([bound]) => [bound, Number.NaN])) }))(counters))),
    "counts more errors than requests": (platform) => (platform.tamper.metrics = (counters) => late(platform, counters, () => both((each) => ({ ...each, errors: each.requests + 1 }))(counters))),
    "goes stale": (platform) => {
      let kept: ReturnType<typeof both> extends (counters: infer C) => unknown ? C | undefined : never;
      platform.tamper.metrics = (counters) => (kept = late(platform, counters, () => kept ?? counters));
    },
    "has no time": (platform) => (platform.tamper.metrics = (counters) => late(platform, counters, () => both((each) => ({ ...each, at: Number.NaN }))(counters))),
    "begins anew at every look": (platform) => (platform.tamper.metrics = (counters) => late(platform, counters, () => both((each) => ({ ...each, epoch: String(platform.looks) }))(counters))),
    "no longer tells of the baseline": (platform) => (platform.tamper.metrics = (counters) => late(platform, counters, () => ({ ...counters, blue: null }))),
    "counts NaN for the baseline": (platform) => (platform.tamper.metrics = (counters) => late(platform, counters, () => ({ ...counters, blue: counters.blue && { ...counters.blue, requests: Number.NaN } }))),
    "describes nothing": (platform) => (platform.tamper.describe = (observed) => late(platform, observed, () => ({}))),
    "cannot describe": (platform) => (platform.tamper.describe = (observed) => late(platform, observed, throwing("connect ECONNREFUSED"))),
  };

  for (const [name, misbehave] of Object.entries(ways)) {
    it(`is an error after four looks in a row, and says why, when it ${name}`, async () => {
      const platform = new FakePlatform();
      misbehave(platform);
      const results = await watch(platform);
      assert.equal(gate(results).verdict, "ERROR", gate(results).summary);
      assert.match(gate(results).summary, /^Service "web": .+\.$/);
      assert.ok(!results.some(({ verdict }) => verdict === "PASS"));
      assert.equal(platform.clock.passed, 6_000, "four looks from 3 s on");
    });
  }

  it("is inconclusive when its traffic stops, however good it was before", async () => {
    const platform = new FakePlatform();
    platform.behaviour.green = { rate: 100 };
    platform.tamper.metrics = (counters) => ({ ...counters, green: counters.green && { ...counters.green, requests: Math.min(counters.green.requests, 6_500), buckets: new Map([[0.01, Math.min(counters.green.requests, 6_500)], [Infinity, Math.min(counters.green.requests, 6_500)]]) } });
    const results = await watch(platform);
    assert.equal(gate(results).verdict, "INCONCLUSIVE");
    assert.match(gate(results).summary, /its traffic has stopped/);
    assert.equal(platform.clock.passed, 30_000);
  });

  it("starts the full time again when counting began anew once, and passes then", async () => {
    const platform = new FakePlatform();
    platform.clock.at(5_500, () => {
      platform.epoch = "2";
      platform.countsFrom = 5_500;
    });
    const results = await watch(platform);
    assert.equal(gate(results).verdict, "PASS", gate(results).summary);
    assert.equal(platform.clock.passed, 16_000);
    assert.ok(gate(results).details.some((text) => /began anew after 6000 ms: what was counted before is lost, the full time starts again/.test(text)));
  });

  it("recovers from three looks without data", async () => {
    const platform = new FakePlatform();
    platform.tamper.metrics = (counters) => (platform.clock.passed >= 3_000 && platform.clock.passed <= 5_000 ? throwing("500")() : counters);
    assert.equal(gate(await watch(platform)).verdict, "PASS");
    assert.equal(platform.clock.passed, 10_000);
  });

  it("does not pass at an end that cannot be read", async () => {
    const platform = new FakePlatform();
    platform.tamper.metrics = (counters) => (platform.clock.passed >= 10_000 ? throwing("500")() : counters);
    const results = await watch(platform);
    assert.equal(gate(results).verdict, "ERROR");
  });

  for (const [name, change] of [
    ["somebody takes its traffic away", (platform: FakePlatform) => (platform.service = { ...platform.service, split: Split.all("blue") })],
    ["its slot holds another release", (platform: FakePlatform) => (platform.service = { ...platform.service, slots: { ...platform.service.slots, green: { spec: specOf("1.2.0"), instances: 2, ready: 2 } } })],
    ["its slot gets another configuration", (platform: FakePlatform) => (platform.service = { ...platform.service, slots: { ...platform.service.slots, green: { spec: specOf("1.1.0", { variables: { A: "1" } }), instances: 2, ready: 2 } } })],
  ] as const) {
    it(`fails at the next look when ${name}`, async () => {
      const platform = new FakePlatform();
      platform.clock.at(4_500, () => change(platform));
      assert.equal(gate(await watch(platform)).verdict, "FAIL");
      assert.equal(platform.clock.passed, 5_000);
    });
  }

  it("never passes on missing data: every answer that it can give is damaged at random", async () => {
    const kinds = ["none", "throw", "null", "nan", "infinity", "negative", "stale", "epoch", "shrink", "few"] as const;
    const weightNone = [{ arbitrary: fc.constant("none" as const), weight: 6 }, { arbitrary: fc.constantFrom(...kinds), weight: 1 }] as const;
    let passes = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(...weightNone), { minLength: 31, maxLength: 31 }), fc.constantFrom(4, 10, 40), async (plan, rate) => {
        const platform = new FakePlatform();
        platform.behaviour.green = { rate };
        let begun: { readonly passed: number; readonly requests: number } | null = null;
        let last: SlotCounters | null = null;
        platform.tamper.metrics = (counters) => {
          const kind = plan[platform.looks - 1] ?? "none";
          const green = counters.green;
          assert.ok(green);
          const said: Record<(typeof kinds)[number], () => SlotCounters | null> = {
            none: () => green,
            throw: throwing("no"),
            null: () => null,
            nan: () => ({ ...green, requests: Number.NaN }),
            infinity: () => ({ ...green, requests: Infinity }),
            negative: () => ({ ...green, errors: -1 }),
            stale: () => last ?? { ...green, at: Number.NaN },
            epoch: () => ({ ...green, epoch: `other-${platform.looks}` }),
            shrink: () => ({ ...green, requests: Math.floor(green.requests / 2) }),
            few: () => ({ ...green, requests: Math.min(green.requests, 3), errors: 0 }),
          };
          const answer = said[kind]();
          if (answer === null || !["none", "epoch", "shrink", "few"].includes(kind)) return { ...counters, green: answer };
          if (last === null || answer.epoch !== last.epoch || answer.requests < last.requests) begun = { passed: platform.clock.passed, requests: answer.requests };
          last = answer;
          return { ...counters, green: answer };
        };
        const results = await watch(platform);
        if (!allPass(results)) return;
        const [window, end] = [begun as { passed: number; requests: number } | null, last as SlotCounters | null];
        assert.ok(window !== null && end !== null);
        assert.ok(["none", "few", "shrink"].includes(plan[platform.looks - 1] ?? ""), `the last look was ${plan[platform.looks - 1]}`);
        assert.ok(platform.clock.passed - window.passed >= 10_000, "a window of the full time");
        assert.ok(end.requests - window.requests >= 50, "with enough requests");
        passes += 1;
      }),
      { numRuns: 400 },
    );
    assert.ok(passes > 0, "some of them pass, so that this has looked at something");
  });
});

describe("the other gates of a watched release", () => {
  const lose = (platform: FakePlatform, slot: "blue" | "green", ready: number) => {
    const held = platform.service.slots[slot];
    platform.service = { ...platform.service, slots: { ...platform.service.slots, [slot]: held && { ...held, ready } } };
  };

  for (const [name, slot, ready, at] of [
    ["the candidate loses every instance, at once", "green", 0, 4_000],
    ["the candidate loses one of two, after a second look", "green", 1, 5_000],
    ["the live slot loses one of two", "blue", 1, 5_000],
  ] as const) {
    it(`fails "instances-ready" early when ${name}`, async () => {
      const platform = new FakePlatform();
      platform.clock.at(3_500, () => lose(platform, slot, ready));
      const found = gate(await watch(platform), "instances-ready");
      assert.deepEqual([found.verdict, found.summary, platform.clock.passed], ["FAIL", `Slot "${slot}" of service "web" has ${ready} of 2 instances ready.`, at]);
    });
  }

  it('fails "instances-ready" when an instance was lost and came back, and when a process took the place of another', async () => {
    const flapping = new FakePlatform();
    flapping.clock.at(3_500, () => lose(flapping, "green", 1));
    flapping.clock.at(4_500, () => lose(flapping, "green", 2));
    assert.match(gate(await watch(flapping), "instances-ready").summary, /While it was watched, an instance was lost: Slot "green" of service "web" has 1 of 2/);
    const restarted = new FakePlatform();
    restarted.tamper.saturation = (use) => ({ ...use, green: use.green && { ...use.green, instances: use.green.instances.map(({ id, seconds }) => ({ id: restarted.clock.passed >= 4_000 ? `${id}-again` : id, seconds })) } });
    assert.match(gate(await watch(restarted), "instances-ready").summary, /2 processes of slot "green" of service "web" ended/);
  });

  it("does not look at instances of a slot without weight", async () => {
    const platform = new FakePlatform();
    platform.service = { ...platform.service, split: Split.weight("green", 100) };
    lose(platform, "blue", 0);
    assert.equal(gate(await watch(platform), "instances-ready").verdict, "PASS");
  });

  it('fails "saturation" above the limit, leaves it out where the platform cannot tell, and is an error where it could before', async () => {
    const busy = new FakePlatform();
    busy.processor = 0.95;
    const found = gate(await watch(busy), "saturation");
    assert.deepEqual([found.verdict, found.summary], ["FAIL", 'Service "web": the candidate\'s busiest instance used 95 % of a processor, all of them 95 % on average; allowed are 90%.']);
    const silent = new FakePlatform();
    silent.tamper.saturation = () => ({ blue: null, green: null });
    const results = await watch(silent);
    assert.ok(allPass(results) && !results.some((result) => result.gate === "saturation"));
    assert.ok(gate(results).details.some((text) => /does not tell the processor time/.test(text)));
    const torn = new FakePlatform();
    torn.tamper.saturation = (use) => (torn.clock.passed >= 8_000 ? { blue: null, green: null } : use);
    assert.equal(gate(await watch(torn), "saturation").verdict, "ERROR");
    const nothing = new FakePlatform();
    nothing.tamper.saturation = (use) => ({ ...use, green: use.green && { ...use.green, instances: use.green.instances.map(({ id }) => ({ id, seconds: Number.NaN })) } });
    assert.equal(gate(await watch(nothing), "saturation").verdict, "INCONCLUSIVE");
  });
});
