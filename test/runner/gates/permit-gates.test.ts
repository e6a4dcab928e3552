import "../../support/seed.js";
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { ArtifactStore } from "../../../artifacts/store.js";
import { removeTree } from "../../../artifacts/remove-tree.js";
import type { Observed } from "../../../model/rollout.js";
import { Split } from "../../../model/split.js";
import { noFreezeNow } from "../../../runner/gates/no-freeze.js";
import { rollbackReady } from "../../../runner/gates/rollback-target.js";
import { weightApplied } from "../../../runner/gates/weight-applied.js";
import type { Probed } from "../../../runner/mission/ground.js";
import { liveSpecs } from "../../../runner/mission/roll-back.js";
import { directoryStore } from "../../../runner/store/directory-store.js";
import { observedOf, specOf } from "../../support/specs.js";

describe('the gate "no-freeze"', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "mission-store-"))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const statement = { reason: "stocktaking", by: "ines@till", at: "2026-11-25T10:00:00.000Z" };

  it("passes where nothing was said", async () => {
    assert.equal((await noFreezeNow(directoryStore(root), "shop-production")).verdict, "PASS");
  });

  it("fails for a freeze and for a hold, with who, since when, why, and what ends it", async () => {
    const store = directoryStore(root);
    await store.set("shop-production", "freeze", statement);
    await store.set("shop-production", "hold", { ...statement, reason: "Gate x is FAIL." });
    const { verdict, summary, details } = await noFreezeNow(store, "shop-production");
    assert.equal(verdict, "FAIL");
    assert.equal(summary, 'Stack "shop-production" is frozen since 2026-11-25T10:00:00.000Z, by ines@till: stocktaking. End that with: ./mission unfreeze shop-production --reason "..."');
    assert.deepEqual(details, ['Stack "shop-production" is on hold after a rollback since 2026-11-25T10:00:00.000Z, by ines@till: Gate x is FAIL. End that with: ./mission release-hold shop-production --reason "..."']);
    await store.clear("shop-production", "freeze", statement);
    assert.match((await noFreezeNow(store, "shop-production")).summary, /on hold/);
    await store.clear("shop-production", "hold", statement);
    assert.equal((await noFreezeNow(store, "shop-production")).verdict, "PASS");
  });

  it("is an error where the store cannot be understood: that is not nobody", async () => {
    const store = directoryStore(root);
    await store.set("shop-production", "freeze", statement);
    writeFileSync(join(root, "shop-production", "freeze.json"), "{");
    assert.equal((await noFreezeNow(store, "shop-production")).verdict, "ERROR");
  });
});

describe('the gate "rollback-ready"', () => {
  let root: string;
  let artifacts: ArtifactStore;
  let digest: string;
  before(async () => {
    root = mkdtempSync(join(tmpdir(), "mission-artifacts-"));
    artifacts = new ArtifactStore(join(root, "store"));
  });
  beforeEach(async () => {
    const folder = mkdtempSync(join(root, "tree-"));
    writeFileSync(join(folder, "server.cjs"), "console.log(1)");
    digest = await artifacts.put(folder);
  });
  after(() => removeTree(root));

  const seen = (ready = 2): Observed => {
    const web = observedOf(specOf("1.0.0", { digest }), specOf("1.1.0"));
    return { web: { ...web, slots: { ...web.slots, blue: web.slots.blue && { ...web.slots.blue, ready } } } };
  };

  it("passes while the live slot holds what was live before, ready, with its artifact", async () => {
    const { verdict, summary } = await rollbackReady({ observed: seen(), before: liveSpecs(seen()), artifacts });
    assert.equal(verdict, "PASS");
    assert.equal(summary, 'Service "web" can return to release 1.0.0: 2 of 2 instances of slot "blue" are ready, its artifact is there.');
  });

  it("passes for a first deployment, and says that there is nothing to return to", async () => {
    const { verdict, summary } = await rollbackReady({ observed: {}, before: {}, artifacts });
    assert.deepEqual([verdict, summary], ["PASS", "This is the first deployment: there is nothing to return to."]);
  });

  it("fails when the artifact was deleted", async () => {
    await artifacts.remove(digest);
    const { verdict, summary } = await rollbackReady({ observed: seen(), before: liveSpecs(seen()), artifacts });
    assert.equal(verdict, "FAIL");
    assert.match(summary, /The artifact of the rollback target of service "web", release 1\.0\.0, is not there as it was: Artifact "sha256:\w+" is missing/);
  });

  it("fails when the artifact was changed", async () => {
    const file = join(artifacts.path(digest), "server.cjs");
    chmodSync(artifacts.path(digest), 0o755);
    chmodSync(file, 0o644);
    writeFileSync(file, "console.log(2)");
    assert.match((await rollbackReady({ observed: seen(), before: liveSpecs(seen()), artifacts })).summary, /was changed after it was stored/);
    await removeTree(artifacts.path(digest));
  });

  it("fails without every instance ready, with another SlotSpec, and without a live slot; the worst of all services counts", async () => {
    const before = liveSpecs(seen());
    assert.match((await rollbackReady({ observed: seen(1), before, artifacts })).summary, /has 1 of 2 instances ready; every one must be/);
    const other = { web: observedOf(specOf("1.0.0", { digest, variables: { A: "1" } })) };
    assert.match((await rollbackReady({ observed: other, before, artifacts })).summary, /another configuration/);
    assert.equal((await rollbackReady({ observed: {}, before, artifacts })).verdict, "FAIL");
    assert.equal((await rollbackReady({ observed: seen(), before: { ...before, api: "sha256:0" }, artifacts })).verdict, "FAIL");
  });

  it("looks at the live slot, never at the one with most weight", async () => {
    const shifted = { web: { ...(seen()["web"] ?? observedOf(specOf("1.0.0"))), split: Split.weight("green", 100) } };
    assert.equal((await rollbackReady({ observed: shifted, before: liveSpecs(seen()), artifacts })).verdict, "PASS");
  });

  it("is an error where the store cannot be read", async () => {
    const broken = { verify: () => Promise.reject(Object.assign(new Error("EIO: i/o error"), { code: "EIO" })) };
    assert.equal((await rollbackReady({ observed: seen(), before: liveSpecs(seen()), artifacts: broken })).verdict, "ERROR");
  });
});

describe('the gate "weight-applied"', () => {
  const probed = (candidate: number, live: number, unknown = 0): Probed => ({
    sent: candidate + live + unknown,
    failed: 0,
    longestGapMs: 10,
    p95Ms: 5,
    byRelease: Object.fromEntries(Object.entries({ "1.1.0": candidate, "1.0.0": live, unknown }).flatMap(([release, requests]) => (requests > 0 ? [[release, { requests, failed: 0 }]] : []))),
  });
  const judge = (weight: number, seen: Probed | null, live = "1.0.0") => weightApplied({ service: "web", candidate: "1.1.0", live, weight, probed: seen });

  for (const [weight, candidate, live, verdict, said] of [
    [10, 50, 450, "PASS", /50 of 500 answers came from release 1\.1\.0 at a weight of 10 %/],
    [10, 0, 500, "FAIL", /a weight that is accepted but not applied/],
    [10, 0, 100, "INCONCLUSIVE", /at least 138 answers are needed/],
    [10, 150, 350, "FAIL", /less than once in a million times/],
    [10, 15, 485, "FAIL", /less than once in a million times/],
    [10, 1, 9, "INCONCLUSIVE", /at least 20 answers/],
    [10, 7, 0, "FAIL", /less than once in a million times/],
    [1, 0, 500, "INCONCLUSIVE", /at least 1444 answers/],
    [1, 4, 496, "PASS", /4 of 500/],
    [100, 500, 0, "PASS", /500 of 500/],
    [100, 499, 1, "FAIL", /not applied as it was asked for/],
    [100, 0, 500, "FAIL", /accepted but not applied/],
    [0, 0, 500, "PASS", /0 of 500/],
    [0, 1, 499, "FAIL", /not applied/],
    [50, 0, 0, "INCONCLUSIVE", /0 of 0 answers/],
  ] as const) {
    it(`says ${verdict} for ${candidate} of ${candidate + live} answers at ${weight} %`, () => {
      const { verdict: seen, summary } = judge(weight, probed(candidate, live));
      assert.equal(seen, verdict, summary);
      assert.match(summary, said);
    });
  }

  it("cannot tell without requests, without the releases' names, and where both have the same", () => {
    assert.equal(judge(10, null).verdict, "ERROR");
    assert.match(judge(10, probed(0, 0, 200)).summary, /x-mission-release/);
    assert.equal(judge(10, probed(0, 0, 200)).verdict, "ERROR");
    assert.equal(judge(10, probed(500, 0), "1.1.0").verdict, "INCONCLUSIVE");
  });

  it("never passes on fewer than 20 answers, nor on none of the candidate, and passes exact shares", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.nat(3_000), fc.nat(3_000), (weight, candidate, live) => {
        const { verdict } = judge(weight, probed(candidate, live));
        if (candidate === 0 || candidate + live < 20) assert.notEqual(verdict, "PASS");
        assert.equal(judge(weight, probed(weight * 10, (100 - weight) * 10)).verdict, "PASS");
      }),
      { numRuns: 300 },
    );
  });
});
