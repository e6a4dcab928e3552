import assert from "node:assert/strict";
import pg from "pg";
import { processorShare } from "../../../model/processor-use.js";
import { baseOf, type ObservedService } from "../../../model/rollout.js";
import { windowBetween } from "../../../model/slot-window.js";
import { Split } from "../../../model/split.js";
import { alarmDelivered } from "../../../runner/gates/alarm-delivered.js";
import { PlatformRefusal, type PlatformAdapter } from "../../../runner/platforms/adapter.js";

/** A platform under test: an environment with service "web", 1.0.0 live in blue with two instances, 1.1.0 dark in green. */
export interface PlatformUnderTest {
  readonly adapter: PlatformAdapter;
  /** An adapter of an environment where nothing was ever deployed. */
  readonly empty: PlatformAdapter;
  /** Whether it tells the processor time of instances. */
  readonly tellsProcessorTime: boolean;
  /** Which release answers a number of requests to an address. */
  answers(url: string, count: number): Promise<Readonly<Record<string, number>>>;
  /** Makes every instance of green not ready, and well again. */
  breakGreen(): Promise<void>;
  mendGreen(): Promise<void>;
  /** Waits until all that was answered so far stands in the metrics. */
  counted(): Promise<void>;
  /** How often a notification that carries an id has arrived where "web"'s first alarm tells; its other alarms tell elsewhere. */
  received(id: string): Promise<number>;
  remove(): Promise<void>;
}

/** What every adapter must hold. */
export function adapterConformance(name: string, start: () => Promise<PlatformUnderTest>): void {
  describe(`the ${name} adapter`, function () {
    this.timeout(60_000);
    let platform: PlatformUnderTest;
    let adapter: PlatformAdapter;
    const web = async (): Promise<ObservedService> => {
      const found = (await adapter.describe())["web"];
      assert.ok(found);
      return found;
    };
    const refused = (code: string) => (error: unknown) => error instanceof PlatformRefusal && error.code === code;

    before(async () => {
      platform = await start();
      adapter = platform.adapter;
    });
    after(() => platform.remove());

    it("describes an environment without anything as empty, and makes nothing", async () => {
      assert.deepEqual(await platform.empty.describe(), {});
      assert.equal(await platform.empty.endpoints("web"), undefined);
    });

    it("describes specs, readiness, split and live slot", async () => {
      const { live, split, slots } = await web();
      assert.deepEqual([live, split?.blue, slots.blue?.spec.version, slots.blue?.ready, slots.green?.spec.version, slots.green?.ready], ["blue", 100, "1.0.0", 2, "1.1.0", 2]);
    });

    it("has a route for users and one for each slot", async () => {
      const endpoints = await adapter.endpoints("web");
      assert.ok(endpoints);
      assert.deepEqual(await platform.answers(endpoints.production, 10), { "1.0.0": 10 });
      assert.deepEqual(await platform.answers(endpoints.slots.green, 5), { "1.1.0": 5 });
    });

    it("counts what each slot answers, on whatever route, and knows nothing of a slot that is empty", async () => {
      await platform.counted();
      const before = await adapter.metrics("web");
      const endpoints = await adapter.endpoints("web");
      await platform.answers(endpoints?.production ?? "", 30);
      await platform.answers(endpoints?.slots.green ?? "", 20);
      await platform.counted();
      const after = await adapter.metrics("web");
      for (const [slot, requests] of [["blue", 30], ["green", 20]] as const) {
        const [first, last] = [before[slot], after[slot]];
        assert.ok(first && last, slot);
        const result = windowBetween(first, last);
        assert.ok(result.ok, slot);
        assert.deepEqual([result.window.requests, result.window.errors, result.window.buckets.get(Infinity)], [requests, 0, requests]);
      }
      assert.deepEqual(await adapter.metrics("nobody"), { blue: null, green: null });
      assert.deepEqual(await platform.empty.metrics("web"), { blue: null, green: null });
    });

    it("tells the processor time of every instance where it can, and of no slot that is empty", async () => {
      const before = await adapter.saturation("web");
      await platform.answers((await adapter.endpoints("web"))?.production ?? "", 300);
      const after = await adapter.saturation("web");
      for (const slot of ["blue", "green"] as const) {
        const [first, last] = [before[slot], after[slot]];
        assert.equal(first !== null, platform.tellsProcessorTime, slot);
        if (first === null || last === null) continue;
        assert.deepEqual([first.instances.length, last.instances.map(({ id }) => id)], [2, first.instances.map(({ id }) => id)]);
        assert.ok(processorShare(first, last).ok, slot);
        assert.ok(first.instances.every(({ seconds }) => seconds > 0), "a process that has started has used some time");
      }
      if (before.blue !== null && after.blue !== null) {
        const share = processorShare(before.blue, after.blue);
        assert.ok(share.ok && share.busiest > 0 && share.busiest >= share.mean, JSON.stringify(share));
      }
      assert.deepEqual(await adapter.saturation("nobody"), { blue: null, green: null });
      assert.deepEqual(await platform.empty.saturation("web"), { blue: null, green: null });
    });

    it("moves traffic, and the next description shows it with a greater generation", async () => {
      const before = await web();
      await adapter.setSplit("web", { live: "blue", split: Split.weight("green", 50) }, baseOf(before));
      const after = await web();
      assert.equal(after.split?.green, 50);
      assert.ok(after.generation > before.generation);
      const answers = await platform.answers((await adapter.endpoints("web"))?.production ?? "", 100);
      assert.deepEqual(answers, { "1.0.0": 50, "1.1.0": 50 });
    });

    it("refuses a write that rests on an old base, also when it is there and back again", async () => {
      const old = await web();
      await adapter.setSplit("web", { live: "blue", split: Split.all("blue") }, baseOf(old));
      await adapter.setSplit("web", { live: "blue", split: Split.weight("green", 50) }, baseOf(await web()));
      await assert.rejects(adapter.setSplit("web", { live: "blue", split: Split.all("green") }, baseOf(old)), refused("base"));
      assert.equal((await web()).split?.green, 50);
    });

    it("lets exactly one of two writers win who saw the same", async () => {
      const seen = baseOf(await web());
      const results = await Promise.allSettled([10, 20, 30, 40].map((weight) => adapter.setSplit("web", { live: "blue", split: Split.weight("green", weight) }, seen)));
      assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    });

    it("refuses weight for a slot without ready instances, and lets traffic leave it", async () => {
      await adapter.setSplit("web", { live: "blue", split: Split.weight("green", 10) }, baseOf(await web()));
      await platform.breakGreen();
      await assert.rejects(adapter.setSplit("web", { live: "blue", split: Split.weight("green", 90) }, baseOf(await web())), refused("not-ready"));
      await adapter.setSplit("web", { live: "blue", split: Split.all("blue") }, baseOf(await web()));
      assert.equal((await web()).split?.green, 0);
      await platform.mendGreen();
    });

    it("brings the environment's database into being, the same one each time, and leaves what serves as it is", async () => {
      const before = await adapter.describe();
      const url = await adapter.database();
      assert.equal(url !== null, adapter.capabilities.database);
      if (url !== null) {
        await query(url, "CREATE TABLE kept AS SELECT 'kept' AS word");
        assert.equal(await adapter.database(), url);
        assert.deepEqual(await query(url, "SELECT word FROM kept"), [{ word: "kept" }]);
      }
      assert.deepEqual(await adapter.describe(), before);
    });

    it("sends a test the way that the first alarm of a service would go, and says what became of it", async () => {
      const deliveries = await adapter.testAlarm("web", "conformance-1");
      assert.ok(deliveries.length > 0 && deliveries.every(({ ok, reason, where }) => ok && reason === null && where !== ""), JSON.stringify(deliveries));
      assert.deepEqual([await platform.received("conformance-1"), await platform.received("conformance-2")], [1, 0]);
      const proof = await alarmDelivered(adapter, "web", "conformance-2");
      assert.deepEqual([proof.verdict, await platform.received("conformance-2")], ["PASS", 1], proof.summary);
      await assert.rejects(adapter.testAlarm("nobody", "conformance-3"), refused("no-alarm"));
      await assert.rejects(platform.empty.testAlarm("web", "conformance-3"), refused("no-alarm"));
    });

    it("refuses a service it does not know", async () => {
      await assert.rejects(adapter.setSplit("nobody", { live: "blue", split: Split.all("blue") }, baseOf(await web())), PlatformRefusal);
    });
  });
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as unknown[];
  } finally {
    await client.end();
  }
}
