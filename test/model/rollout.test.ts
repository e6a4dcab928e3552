import "../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { finish, restore, retire, setCandidateWeight, stage, type Next } from "../../model/next-rollout.js";
import { ABSENT, baseOf, unchanged, type ObservedService, type ServiceRollout } from "../../model/rollout.js";
import { otherSlot, perSlot } from "../../model/slot.js";
import { specDigest, type SlotSpec } from "../../model/slot-spec.js";
import { Split } from "../../model/split.js";
import { transitionOf } from "../../model/transition.js";
import { observedOf, specOf } from "../support/specs.js";

function rolloutOf(next: Next): ServiceRollout {
  assert.ok(next.ok, next.ok ? "" : next.refusal);
  return next.rollout;
}

function transition(observed: ObservedService, next: Next): string {
  const verdict = transitionOf(unchanged(observed), rolloutOf(next));
  return verdict.ok ? verdict.transition : verdict.refusals.join(" ");
}

/** What a platform would show after it did as wanted. */
function apply(observed: ObservedService, wanted: ServiceRollout, known: readonly SlotSpec[]): ObservedService {
  return {
    generation: observed.generation + 1,
    live: wanted.live,
    split: wanted.split,
    returnTo: wanted.returnTo,
    slots: perSlot((slot) => {
      const state = wanted.slots[slot];
      const spec = known.find((each) => specDigest(each) === state?.spec);
      return state === null || spec === undefined ? null : { spec, instances: state.instances, ready: state.instances };
    }),
  };
}

describe("the next rollout state", () => {
  const one = specOf("1.0.0");
  const two = specOf("1.1.0");

  it("is a bootstrap on an empty platform: blue live at 100, green empty", () => {
    const next = rolloutOf(stage("web", ABSENT, one));
    assert.equal(transition(ABSENT, { ok: true, rollout: next }), "bootstrap");
    assert.deepEqual([next.live, next.split.blue, next.slots.green], ["blue", 100, null]);
  });

  it("keeps everything when the configuration makes what is live", () => {
    assert.equal(transition(observedOf(one), stage("web", observedOf(one), one)), "none");
  });

  it("puts a new SlotSpec dark into the free slot", () => {
    const next = rolloutOf(stage("web", observedOf(one), two));
    assert.deepEqual([next.slots.green?.spec, next.split.green, next.live], [specDigest(two), 0, "blue"]);
  });

  it("refuses a new SlotSpec while a candidate has weight, and says what to do", () => {
    const next = stage("web", observedOf(one, two, { split: Split.weight("green", 10) }), specOf("1.2.0"));
    assert.ok(!next.ok);
    assert.match(next.refusal, /no slot is free for 1\.2\.0 .*"blue" is live and the candidate in "green" has 10 %.*Finish that rollout or lower it/);
  });

  it("refuses a new SlotSpec when the live slot has weight 0 because the candidate has all", () => {
    assert.equal(stage("web", observedOf(one, two, { split: Split.all("green") }), specOf("1.2.0")).ok, false);
  });

  it("raises, lowers, finishes and restores", () => {
    const dark = observedOf(one, two);
    assert.equal(transition(dark, setCandidateWeight("web", dark, 10)), "raise");
    const full = observedOf(one, two, { split: Split.all("green") });
    assert.equal(transition(full, setCandidateWeight("web", full, 0)), "lower");
    assert.equal(transition(full, finish("web", full)), "finish");
    const finished = apply(full, rolloutOf(finish("web", full)), [one, two]);
    assert.equal(transition(finished, restore("web", finished)), "restore");
    assert.equal(transition(finished, retire("web", finished)), "retire");
  });

  it("does not restore to a candidate that was never live", () => {
    const full = observedOf(one, two, { split: Split.all("green") });
    const finished = apply(full, rolloutOf(finish("web", full)), [one, two]);
    const staged = apply(finished, rolloutOf(stage("web", finished, specOf("1.2.0"))), [one, two, specOf("1.2.0")]);
    const next = restore("web", staged);
    assert.ok(!next.ok);
    assert.match(next.refusal, /1\.2\.0, which was not live before/);
  });

  it("does not restore twice, and not to a retired slot", () => {
    const full = observedOf(one, two, { split: Split.all("green") });
    const finished = apply(full, rolloutOf(finish("web", full)), [one, two]);
    const restored = apply(finished, rolloutOf(restore("web", finished)), [one, two]);
    assert.equal(restore("web", restored).ok, false);
    const retired = apply(finished, rolloutOf(retire("web", finished)), [one, two]);
    assert.equal(restore("web", retired).ok, false);
    assert.equal(setCandidateWeight("web", retired, 10).ok, false);
  });

  it("finishes only at 100 and raises only a slot that holds something", () => {
    assert.equal(finish("web", observedOf(one, two, { split: Split.weight("green", 50) })).ok, false);
    assert.equal(setCandidateWeight("web", observedOf(one), 10).ok, false);
    assert.equal(setCandidateWeight("web", ABSENT, 0).ok, false);
  });

  it("never touches a slot in use, keeps 100 and does one thing at a time, whatever is asked in whatever order", () => {
    const versions = ["1.0.0", "1.1.0", "1.2.0", "1.3.0"].map((version) => specOf(version));
    const wish = fc.oneof(
      fc.record({ kind: fc.constant("stage" as const), version: fc.integer({ min: 0, max: 3 }) }),
      fc.record({ kind: fc.constant("set" as const), weight: fc.integer({ min: 0, max: 100 }) }),
      fc.constantFrom({ kind: "finish" as const }, { kind: "restore" as const }, { kind: "retire" as const }),
    );
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 40 }), (wishes) => {
        let now: ObservedService = ABSENT;
        for (const each of wishes) {
          const next =
            each.kind === "stage" ? stage("web", now, versions[each.version] ?? one)
            : each.kind === "set" ? setCandidateWeight("web", now, each.weight)
            : each.kind === "finish" ? finish("web", now)
            : each.kind === "restore" ? restore("web", now)
            : retire("web", now);
          if (!next.ok) continue;
          const verdict = transitionOf(unchanged(now), next.rollout);
          assert.ok(verdict.ok, `a next state is always one transition: ${verdict.ok ? "" : verdict.refusals.join(" ")}`);
          assert.equal(next.rollout.split.blue + next.rollout.split.green, 100);
          assert.equal(next.rollout.base, baseOf(now));
          for (const slot of ["blue", "green"] as const) {
            const inUse = now.live === slot || (now.split?.of(slot) ?? 0) > 0;
            if (inUse) assert.deepEqual(next.rollout.slots[slot], unchanged(now)?.slots[slot], `slot ${slot} is in use`);
            if (next.rollout.split.of(slot) > 0) assert.ok((next.rollout.slots[slot]?.instances ?? 0) > 0, `slot ${slot} has weight and instances`);
          }
          now = apply(now, next.rollout, versions);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a transition", () => {
  const now = observedOf(specOf("1.0.0"), specOf("1.1.0"));
  const same = unchanged(now);
  assert.ok(same);

  for (const [name, wanted, said] of [
    ["a new SlotSpec and a weight at once", { ...same, slots: { ...same.slots, green: { spec: specDigest(specOf("9")), instances: 2 } }, split: Split.weight("green", 10) }, /in one step/],
    ["a change of the live slot", { ...same, slots: { ...same.slots, blue: { spec: specDigest(specOf("9")), instances: 2 } } }, /"blue" has 100 %.*never changed/],
    ["fewer instances of the live slot", { ...same, slots: { ...same.slots, blue: { spec: specDigest(specOf("1.0.0")), instances: 1 } } }, /never changed/],
    ["both slots at once", { ...same, slots: { blue: null, green: null } }, /Both slots/],
    ["a finish below 100", { ...same, live: "green" as const }, /has 0 %.*only at 100/],
    ["a jump of live and weights that is no restore", { ...same, live: "green" as const, split: Split.all("green") }, /another SlotSpec than the one that was live/],
    ["a slot that would be emptied", { ...same, slots: { ...same.slots, green: null } }, /retire it instead/],
  ] as const) {
    it(`refuses ${name}`, () => {
      const verdict = transitionOf(same, wanted);
      assert.ok(!verdict.ok);
      assert.match(verdict.refusals.join(" "), said);
    });
  }

  it("names a base that changes with the generation, so that there and back again is noticed", () => {
    assert.notEqual(baseOf(now), baseOf({ ...now, generation: now.generation + 2 }));
  });

  it("knows the other slot", () => assert.equal(otherSlot("blue"), "green"));
});
