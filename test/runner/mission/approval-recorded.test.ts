import assert from "node:assert/strict";
import type { JournalLine } from "../../../runner/mission/journal-port.js";
import { newsOf } from "../../../runner/notify/mission-news.js";
import { statusOf } from "../../../runner/report/history.js";
import { journalOf, startLine, subjectOf } from "../../support/missions.js";
import { MemoryMission } from "./memory-mission.js";

const subject = subjectOf();
const waits = ({ kind, id }: JournalLine) => kind === "note" && id.endsWith("/approval");

describe("A mission whose steps a person approves", () => {
  it("records before production, and before each step but the first, that it waits, so that people are told and the status shows it", async () => {
    const mission = MemoryMission.of({}, { pause: true });
    await mission.run();
    const lines = mission.journal.lines();
    assert.deepEqual(lines.filter(waits).map(({ id }) => id), ["plan/approval", "production/1/weight-50/approval", "production/1/weight-100/approval"]);
    assert.deepEqual(lines.flatMap((line) => (newsOf(line, subject)?.event === "waiting-for-approval" ? [line.id] : [])).length, 3);
    for (const [id, words] of [["plan/approval", "a person who approves the plan"], ["production/1/weight-50/approval", "a person who approves 50 %"]] as const) {
      const upTo = lines.slice(0, lines.findIndex((line) => waits(line) && line.id === id) + 1);
      assert.equal(statusOf({ subject, lines: journalOf([startLine(subject), ...upTo]) }, Date.UTC(2026, 0, 2, 4)).waitsFor, words);
      const answered = lines.slice(0, upTo.length + 1);
      assert.deepEqual([answered.at(-1)?.kind, answered.at(-1)?.id], ["result", id]);
      assert.equal(statusOf({ subject, lines: journalOf([startLine(subject), ...answered]) }, Date.UTC(2026, 0, 2, 4)).waitsFor, null);
    }
  });

  it("records each wait once, however often it is killed while it waits", async () => {
    const undisturbed = MemoryMission.of({}, { pause: true });
    await undisturbed.run();
    const all = undisturbed.journal.lines();
    for (let killAt = 0; killAt < 2 * all.length; killAt += 1) {
      const mission = MemoryMission.of({}, { pause: true });
      await mission.run(killAt);
      await mission.run();
      assert.equal(mission.journal.lines().filter(waits).length, 3, `boundary ${killAt}`);
    }
  });
});
