import "../../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { ABSENT } from "../../../model/rollout.js";
import { specDigest } from "../../../model/slot-spec.js";
import { parseBaseline, recordBaseline, type RecordedBaseline } from "../../../runner/watch/baseline.js";
import { chooseBaseline } from "../../../runner/watch/choose-baseline.js";
import { specOf } from "../../support/specs.js";
import { BEGIN, FakePlatform, LIMITS } from "./fake-platform.js";

const record = async (platform: FakePlatform): Promise<RecordedBaseline> => {
  const json = await recordBaseline({ adapter: platform, limits: LIMITS, clock: platform.clock });
  // As it comes back from a journal.
  const parsed = parseBaseline(JSON.parse(JSON.stringify(json)) as typeof json);
  assert.ok(parsed);
  return parsed;
};

describe("the recorded baseline", () => {
  it("is what the live slot was like until it had enough requests, and survives a journal", async () => {
    const platform = new FakePlatform();
    const { services, recordedAt, notes } = await record(platform);
    const web = services["web"];
    assert.ok(web);
    assert.deepEqual([web.version, web.spec, web.window.requests, web.window.errors, web.window.milliseconds, web.window.buckets.get(Infinity), web.window.buckets.get(0.01)], ["1.0.0", specDigest(specOf("1.0.0")), 90, 0, 1_000, 90, 90]);
    assert.deepEqual([recordedAt, platform.clock.passed], [BEGIN + 1_000, 1_000]);
    assert.deepEqual(notes, ['Service "web": its live release 1.0.0 had 90 requests in 1000 ms, 0 of them failed.']);
  });

  it("takes at most 10 s where there is little traffic, and says that it is too little", async () => {
    const platform = new FakePlatform();
    platform.behaviour.blue = { rate: 1 };
    const { services, notes } = await record(platform);
    assert.deepEqual([platform.clock.passed, services["web"]?.window.requests], [10_000, 10]);
    assert.match(notes.join(), /That is too few for a comparison, which needs 50/);
  });

  it("begins anew with the counters", async () => {
    const platform = new FakePlatform();
    platform.behaviour.blue = { rate: 20 };
    platform.clock.at(1_700, () => Object.assign(platform, { epoch: "2", countsFrom: 1_700 }));
    const { services } = await record(platform);
    assert.deepEqual([services["web"]?.window.milliseconds, services["web"]?.window.requests], [2_500, 50]);
  });

  for (const [name, misbehave, why] of [
    ["tells nothing", (platform: FakePlatform) => (platform.tamper.metrics = () => ({ blue: null, green: null })), /The platform has counted nothing of it/],
    ["throws", (platform: FakePlatform) => (platform.tamper.metrics = () => Promise.reject(new Error("503"))), /The metrics of service "web" cannot be read: 503\./],
    ["counts NaN", (platform: FakePlatform) => (platform.tamper.metrics = (counters) => ({ ...counters, blue: counters.blue && { ...counters.blue, requests: Number.NaN } })), /holds a value that is no count/],
    ["is stale", (platform: FakePlatform) => (platform.tamper.metrics = (counters) => ({ ...counters, blue: counters.blue && { ...counters.blue, at: BEGIN } })), /nothing is known of its live release 1\.0\.0/],
  ] as const) {
    it(`is none of a service of which the platform ${name}, and says so`, async () => {
      const platform = new FakePlatform();
      misbehave(platform);
      const { services, notes } = await record(platform);
      assert.equal(services["web"], null);
      assert.match(notes.join(), why);
      assert.match(notes.join(), /only the ceilings decide/);
    });
  }

  it("is null where nothing is live, and an error where nobody knows what is", async () => {
    const platform = new FakePlatform();
    platform.tamper.describe = () => ({ web: ABSENT });
    assert.equal(await recordBaseline({ adapter: platform, limits: LIMITS, clock: platform.clock }), null);
    assert.equal(parseBaseline(null), null);
    platform.tamper.describe = () => Promise.reject(new Error("no answer"));
    await assert.rejects(recordBaseline({ adapter: platform, limits: LIMITS, clock: platform.clock }), /The environment cannot be read: no answer\./);
  });

  it("is not read from anything else", () => {
    const good = { recordedAt: 1, services: {}, notes: [] };
    assert.ok(parseBaseline(good));
    for (const bad of [3, [], {}, { ...good, recordedAt: "x" }, { ...good, services: { web: { version: "1", spec: "x", window: { milliseconds: 1, requests: 1, errors: 2, buckets: [] } } } }, { ...good, services: { web: { version: "1", spec: "x", window: { milliseconds: 1, requests: null, errors: 0, buckets: [] } } } }]) assert.throws(() => parseBaseline(bad), RangeError);
  });

  it("is used only when it is fresh, of what the other slot holds, and large enough; the concurrent one goes before it", () => {
    const window = (requests: number) => ({ milliseconds: 1_000, requests, errors: 0, buckets: new Map<number, number>() });
    fc.assert(
      fc.property(fc.option(fc.nat(100), { nil: null }), fc.option(fc.nat(100), { nil: null }), fc.boolean(), fc.nat(48), (concurrent, recorded, same, hours) => {
        const chosen = chooseBaseline({
          concurrent: concurrent === null ? null : { ok: true, window: window(concurrent) },
          other: { version: "1.0.0", spec: same ? "a" : "b" },
          recorded: recorded === null ? null : { version: "1.0.0", spec: "a", window: window(recorded) },
          ageMs: hours * 3_600_000,
          minimumSamples: 50,
        });
        const usable = recorded !== null && recorded >= 50 && same && hours <= 6;
        assert.equal(chosen.kind, concurrent !== null && concurrent >= 50 ? "concurrent" : usable ? "recorded" : "thresholds", chosen.text);
        assert.equal(chosen.window === null, chosen.kind === "thresholds");
      }),
    );
  });

  it("is never chosen to look away from a concurrent one that cannot be measured", () => {
    const broken = { ok: false, reason: "The metrics are stale." } as const;
    const recorded = { version: "1.0.0", spec: "a", window: { milliseconds: 1, requests: 100, errors: 0, buckets: new Map<number, number>() } };
    assert.deepEqual(chooseBaseline({ concurrent: broken, other: { version: "1.0.0", spec: "a" }, recorded, ageMs: 0, minimumSamples: 50 }).window, broken);
  });
});
