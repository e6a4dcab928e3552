import { seed } from "../../support/seed.js";
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import fc from "fast-check";
import type { Observed } from "../../../model/rollout.js";
import { Split } from "../../../model/split.js";
import { assertOrWrite, type Repro } from "../../support/written-repro.js";
import type { MissionOptions } from "./memory-mission.js";
import { MemoryGround } from "./memory-world.js";
import { EVENT, happen, type Event } from "./model-events.js";

const CASES = 2_000;
type Case = [events: Event[], first: boolean, services: string[]];

const anything = (holds: (...values: Case) => Promise<void>) =>
  fc.asyncProperty(fc.array(EVENT, { maxLength: 14 }), fc.boolean(), fc.constantFrom<string[][]>(["web"], ["api", "web"]), holds);

describe("missions that anything may happen to", function () {
  this.timeout(120_000);

  it(`converge in ${CASES} cases: stable traffic, one terminal record, intents before effects, never up while going back, one actor`, async () => {
    const total: Record<string, number> = {};
    await assertOrWrite(
      "mission-model",
      anything(async (events, first, services) => {
        for (const [what, times] of Object.entries(await happen(events, { first, services }))) total[what] = (total[what] ?? 0) + times;
      }),
      { numRuns: CASES },
    );
    for (const [what, times] of Object.entries(total)) assert.ok(times > 0, `"${what}" happened in some of the cases, so that this has looked at it: ${JSON.stringify(total)}`);
  });

  it("that go wrong are written down as the smallest list of events, which fails again when it is read", async () => {
    /** A platform that says that traffic is back, shows it so, and leaves it where it is. */
    class LyingGround extends MemoryGround {
      #said = false;
      override takeBack(): Promise<readonly string[]> {
        this.#said = true;
        return Promise.resolve([]);
      }
      override async describe(): Promise<Observed> {
        const observed = await super.describe();
        return this.#said ? Object.fromEntries(Object.entries(observed).map(([service, each]) => [service, { ...each, split: each.live && Split.all(each.live) }])) : observed;
      }
    }
    const broken: MissionOptions = { Kind: LyingGround };
    const message = await assertOrWrite("mission-model-broken", anything((events, first, services) => happen(events, { ...broken, first, services }).then(() => undefined)), { numRuns: CASES }).then(
      () => assert.fail("the broken platform was not noticed"),
      (error: unknown) => String(error),
    );
    const file = /the smallest case is in (\S+):/.exec(message)?.[1];
    assert.ok(file, message);
    try {
      const repro = JSON.parse(readFileSync(file, "utf8")) as Repro<Case>;
      assert.equal(repro.seed, seed);
      const [events, first, services] = repro.counterexample;
      // Out of up to dozens; shrinking promises a local minimum, not the smallest of all.
      assert.ok(events.length <= 6, `small: ${JSON.stringify(events)}`);
      await assert.rejects(happen(events, { ...broken, first, services }));
      await happen(events, { first, services });
    } finally {
      rmSync(file);
    }
  });
});
