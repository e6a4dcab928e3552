import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MissionOutcome } from "../../../runner/mission/outcome.js";
import { performMission } from "../../../runner/phases/perform-mission.js";
import { StaleLease } from "../../../runner/store/mission-store.js";
import { MemoryMission } from "../mission/memory-mission.js";

describe("a mission that this process cannot go on with", () => {
  let root: string;
  before(() => (root = mkdtempSync(join(tmpdir(), "mission-perform-"))));
  after(() => rmSync(root, { recursive: true, force: true }));

  /** Performs it in this process; `guard` asks for its leases. */
  const perform = async (mission: MemoryMission, guard: () => Promise<void> = () => Promise.resolve()) => {
    const said: string[] = [];
    const journal = Object.assign(mission.journal, { head: () => null, close: () => Promise.resolve() });
    const result = await performMission({
      folder: { path: (name) => join(root, name), saveHead: () => Promise.resolve() },
      journal,
      leases: { guard, release: () => Promise.resolve() },
      observers: [],
      parts: () => mission.parts(),
      say: (line) => said.push(line),
    }).then(
      (performed): MissionOutcome | Error => (performed.kind === "ended" ? performed.outcome : new Error("stopped")),
      (error: unknown) => error as Error,
    );
    return { result, said };
  };
  const MISSIONS: readonly (readonly [name: string, make: () => MemoryMission])[] = [
    ["a good release", () => MemoryMission.of()],
    ["a good release of two services", () => MemoryMission.of({}, { services: ["api", "web"] })],
    ["a release with errors at 50 %", () => MemoryMission.of({ production: { badFrom: 50 } })],
    ["a first release", () => MemoryMission.of({}, { first: true })],
  ];
  const written = ({ staging, production, journal }: MemoryMission) => [staging.history.length, production.history.length, journal.lines().length];

  for (const [name, make] of MISSIONS) {
    it(`leaves no candidate with traffic and begins nothing more when the disk is full before any line of ${name}, and ends as it should when there is room again`, async () => {
      const undisturbed = make();
      const { result: end } = await perform(undisturbed);
      assert.ok(!(end instanceof Error));
      const all = undisturbed.journal.lines().length;
      let tookBack = 0;
      for (let lines = 0; lines < all; lines += 1) {
        const mission = make();
        mission.journal.fullAfter = lines;
        const { result, said } = await perform(mission);
        assert.ok(result instanceof Error && /ENOSPC/.test(result.message), `line ${lines} of ${all}: ${JSON.stringify(result)}`);
        assert.equal(mission.journal.lines().length, lines);
        for (const ground of [mission.staging, mission.production]) {
          assert.deepEqual(ground.shifting(), [], `"${ground.stack}", line ${lines} of ${all}`);
          for (const { transition, announced } of ground.history) assert.ok(announced || transition === "lower", `"${transition}" without an intent, line ${lines} of ${all}`);
        }
        if (said.some((line) => /was taken back/.test(line))) tookBack += 1;
        mission.journal.fullAfter = Infinity;
        const { result: again } = await perform(mission);
        assert.ok(!(again instanceof Error), String(again));
        mission.assertRecords();
        for (const ground of [mission.staging, mission.production]) assert.deepEqual(ground.shifting(), []);
        // Traffic that this process took back is not what the mission had given: it notices that and goes back, or had not begun.
        assert.ok(again.state === end.state || again.state === "rolled-back" || again.state === "refused", `line ${lines}: ${again.state}`);
      }
      assert.ok(tookBack > 0 || name === "a first release", "something was taken back in some of the cases");
    });

    it(`touches nothing after its lease was taken over, at any time that it asks for it during ${name}`, async () => {
      for (let asks = 0; ; asks += 1) {
        const mission = make();
        let [left, at] = [asks, null as number[] | null];
        const { result } = await perform(mission, () => {
          if (left-- > 0) return Promise.resolve();
          at ??= written(mission);
          return Promise.reject(new StaleLease("production", "one", 1, 2));
        });
        if (at === null) {
          assert.ok(asks > 20 && !(result instanceof Error));
          break;
        }
        assert.ok(result instanceof StaleLease, String(result));
        assert.deepEqual(written(mission), at);
      }
    });
  }

  it("touches nothing either when the disk is full and the lease is gone by then, and says so", async () => {
    const all = MemoryMission.of();
    await all.run();
    const raise = all.journal.lines().findIndex(({ kind, id }) => kind === "result" && id === "production/1/weight-10/bake");
    const other = MemoryMission.of();
    other.journal.fullAfter = raise;
    // The second refusal is that of the decision to go back; with it the process has nothing left but to take traffic back.
    let refused = 0;
    const append = other.journal.append.bind(other.journal);
    other.journal.append = (line) => {
      if (other.journal.lines().length >= raise) refused += 1;
      return append(line);
    };
    const later = await perform(other, () => (refused >= 2 ? Promise.reject(new StaleLease("production", "one", 1, 2)) : Promise.resolve()));
    assert.ok(later.result instanceof Error && /ENOSPC/.test(later.result.message));
    assert.match(later.said.join(), /could not be taken back: Mission "one" no longer has "production"/);
    assert.deepEqual(other.production.shifting(), ["web"]);
  });
});
