import assert from "node:assert/strict";
import { specDigest } from "../../../model/slot-spec.js";
import { Split } from "../../../model/split.js";
import { returnPoint } from "../../../runner/rollout/return-point.js";
import { warmSlots } from "../../../runner/rollout/warm.js";
import { observedOf, specOf } from "../../support/specs.js";

const [old, next, other] = [specOf("1.0.0"), specOf("1.1.0"), specOf("1.2.0")];
const shifting = observedOf(old, next, { split: Split.weight("green", 30) });
const finished = observedOf(old, next, { live: "green", split: Split.all("green"), returnTo: specDigest(old) });
const retired = { ...finished, slots: { ...finished.slots, blue: { spec: old, instances: 0, ready: 0 } } };
const restaged = observedOf(other, next, { live: "green", split: Split.all("green"), returnTo: specDigest(old) });

describe("what a rollback without a mission goes back to", () => {
  it("is what is live, while a candidate has traffic", () => assert.deepEqual(returnPoint({ web: shifting }), { web: specDigest(old) }));
  it("is what was live before the last finish, while that is warm", () => {
    assert.deepEqual(returnPoint({ web: finished }), { web: specDigest(old) });
    assert.deepEqual(returnPoint({ web: retired, api: restaged }), {});
  });
  it("takes a service along that was finished already with the same release, and leaves one of another release", () => {
    assert.deepEqual(returnPoint({ api: finished, web: shifting }), { api: specDigest(old), web: specDigest(old) });
    const earlier = observedOf(old, other, { live: "green", split: Split.all("green"), returnTo: specDigest(old) });
    assert.deepEqual(returnPoint({ api: earlier, web: shifting }), { web: specDigest(old) });
  });
  it("is nothing where nothing moved or nothing is deployed", () => assert.deepEqual([returnPoint({ web: observedOf(old, next) }), returnPoint({})], [{}, {}]));
});

describe("a slot that is kept warm", () => {
  const at = "2026-11-25T10:00:00.000Z";
  const entry = { web: { live: specDigest(next), returnTo: specDigest(old), at } };
  it("is due when keepWarm is over since its finish", () => assert.deepEqual(warmSlots({ web: finished }, entry, 3_600_000).map(({ slot, due }) => [slot, due.toISOString()]), [["blue", "2026-11-25T11:00:00.000Z"]]));
  it("is none when it is retired, holds a new candidate, has traffic, or nobody recorded its finish", () => {
    for (const web of [retired, restaged, shifting]) assert.deepEqual(warmSlots({ web }, entry, 0), []);
    assert.deepEqual(warmSlots({ web: finished }, {}, 0), []);
  });
});
