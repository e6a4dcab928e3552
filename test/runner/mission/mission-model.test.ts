import "../../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { MemoryMission } from "./memory-mission.js";

/** What can happen to a mission, in any order. */
type Event =
  | { readonly kind: "run"; readonly killAt: number }
  | { readonly kind: "stop"; readonly killAt: number }
  | { readonly kind: "quality"; readonly badFrom: number; readonly ready: boolean; readonly badWhenLive: boolean }
  | { readonly kind: "flip" }
  | { readonly kind: "ask-back" }
  | { readonly kind: "freeze"; readonly frozen: boolean }
  | { readonly kind: "platform-silent"; readonly times: number };

const CASES = 2_000;
const boundary = fc.integer({ min: 0, max: 70 });
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("run" as const), killAt: boundary }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("stop" as const), killAt: boundary }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("quality" as const), badFrom: fc.constantFrom(1, 10, 50, 100, 101), ready: fc.boolean(), badWhenLive: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: "flip" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "ask-back" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("freeze" as const), frozen: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("platform-silent" as const), times: fc.integer({ min: 0, max: 4 }) }) },
);

describe("a mission that anything may happen to", () => {
  it(`converges in ${CASES} cases: stable traffic, one terminal record, intents before effects, never up while going back`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 12 }), fc.boolean(), fc.constantFrom(["web"], ["api", "web"]), async (events, first, services) => {
        const mission = MemoryMission.of({}, { first, services });
        for (const each of events) {
          switch (each.kind) {
            case "run":
              await mission.run(each.killAt);
              break;
            case "stop": {
              mission.interrupt = true;
              const ended = await mission.run(each.killAt);
              mission.interrupt = false;
              if (ended === "interrupted") assertStable(mission);
              break;
            }
            case "quality":
              mission.production.quality = each;
              break;
            case "flip":
              await flip(mission);
              break;
            case "ask-back":
              mission.rollBack = "a person asks";
              break;
            case "freeze":
              mission.production.frozen = each.frozen ? "a person says so" : null;
              break;
            case "platform-silent":
              mission.production.refusesBack = each.times;
              break;
          }
        }
        mission.production.refusesBack = 0;
        assert.equal(await mission.run(), "ended");
        const frozenSafe = mission.journal.lines().at(-1)?.id === "failed-safe";
        if (!frozenSafe) mission.assertConverged();
        assertGoesDown(mission);
        // Once more: a finished mission changes nothing.
        const [lines, history] = [mission.journal.lines().length, mission.production.history.length];
        assert.equal(await mission.run(), "ended");
        assert.deepEqual([mission.journal.lines().length, mission.production.history.length], [lines, history]);
      }),
      { numRuns: CASES },
    );
  });
});

function assertStable(mission: MemoryMission): void {
  for (const ground of [mission.staging, mission.production]) {
    for (const { live, split } of Object.values(ground.observed)) assert.ok(live !== null && split?.of(live) === 100, `"${ground.stack}" is stable after a stop`);
  }
}

/** A person takes production's candidate off by hand. */
async function flip({ production }: MemoryMission): Promise<boolean> {
  const services = Object.entries(production.observed).flatMap(([service, { live, split }]) => (live !== null && split?.of(live) !== 100 ? [service] : []));
  if (services.length > 0) await production.takeBack({ kind: "set", weight: 0 }, services);
  return services.length > 0;
}

/** From the decision to go back to the end, the candidate's weight never rises. */
function assertGoesDown({ production, journal }: MemoryMission): void {
  if (journal.lines().at(-1)?.id !== "rolled-back") return;
  const raises = production.history.map(({ transition }) => transition);
  const back = Math.max(raises.lastIndexOf("lower"), raises.lastIndexOf("restore"));
  if (back >= 0) assert.ok(!raises.slice(back + 1).includes("raise"));
}
