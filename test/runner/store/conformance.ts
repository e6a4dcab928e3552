import assert from "node:assert/strict";
import { StaleLease, type MissionStore } from "../../../runner/store/mission-store.js";

/** A store to be tested, with a clock that the test moves. */
export interface StoreUnderTest {
  readonly store: MissionStore;
  /** Another client of the same store. */
  readonly other: MissionStore;
  /** Moves the clock of both. */
  advance(milliseconds: number): void;
}

/** What every mission store must do. */
export function missionStoreConformance(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`the mission store: ${name}`, () => {
    const request = (mission: string) => ({ mission, ttlMs: 60_000 });

    it("gives an environment to one mission, and tells the other who has it since when", async () => {
      const { store, other } = await make();
      const first = await store.acquire("production", request("m1"));
      assert.ok(first.ok);
      const second = await other.acquire("production", request("m2"));
      assert.ok(!second.ok);
      assert.equal(second.holder.mission, "m1");
      assert.ok(Date.parse(second.holder.until) - Date.parse(second.holder.since) === 60_000);
      assert.deepEqual(await other.holder("production"), second.holder);
      assert.equal(await other.holder("staging"), null);
      assert.ok((await other.acquire("staging", request("m2"))).ok, "another environment is free");
    });

    it("gives it on after a release, with a higher token", async () => {
      const { store, other } = await make();
      const first = await store.acquire("production", request("m1"));
      assert.ok(first.ok);
      await first.lease.release();
      const second = await other.acquire("production", request("m2"));
      assert.ok(second.ok && second.lease.token > first.lease.token);
      await assert.rejects(first.lease.check(), StaleLease);
      await second.lease.check();
    });

    it("keeps it while it is renewed and gives it on when its time is over; the old owner may then do nothing", async () => {
      const { store, other, advance } = await make();
      const first = await store.acquire("production", request("m1"));
      assert.ok(first.ok);
      advance(50_000);
      await first.lease.renew();
      advance(50_000);
      assert.ok(!(await other.acquire("production", request("m2"))).ok);
      advance(10_001);
      const second = await other.acquire("production", request("m2"));
      assert.ok(second.ok && second.lease.token > first.lease.token);
      await assert.rejects(first.lease.check(), /Mission "m1" no longer has "production": its lease \d+ was followed by \d+/);
      await assert.rejects(first.lease.renew(), StaleLease);
      await first.lease.release();
      await second.lease.check();
      assert.ok(!(await store.acquire("production", request("m3"))).ok, "an old owner's release gives nothing away");
    });

    it("gives it to exactly one of many who ask at once", async () => {
      const { store, other } = await make();
      const all = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? store : other).acquire("production", request(`m${n}`))));
      assert.equal(all.filter(({ ok }) => ok).length, 1);
    });

    it("keeps freeze and hold apart, tells who, when and why, and remembers what is over", async () => {
      const { store, other } = await make();
      const statement = (reason: string) => ({ reason, by: "operator", at: new Date(0).toISOString() });
      assert.deepEqual(await store.standing("production"), { freeze: null, hold: null });
      await store.set("production", "freeze", statement("audit"));
      await store.set("production", "hold", statement("rolled back"));
      assert.deepEqual(await other.standing("production"), { freeze: statement("audit"), hold: statement("rolled back") });
      await other.clear("production", "hold", statement("looked at it"));
      assert.deepEqual(await store.standing("production"), { freeze: statement("audit"), hold: null });
      assert.deepEqual((await store.history("production")).map(({ kind, begins, reason }) => [kind, begins, reason]), [["freeze", true, "audit"], ["hold", true, "rolled back"], ["hold", false, "looked at it"]]);
      assert.deepEqual(await store.standing("staging"), { freeze: null, hold: null });
    });
  });
}
