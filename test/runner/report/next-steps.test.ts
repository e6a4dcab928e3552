import assert from "node:assert/strict";
import { reportOf } from "../../../runner/report/report.js";
import { journalOf, startLine, subjectOf } from "../../support/missions.js";
import { MemoryMission } from "../mission/memory-mission.js";

describe("What a report says is to be done", () => {
  const commands = async (mission: MemoryMission, lines = Infinity) => {
    await mission.run();
    const subject = subjectOf();
    return reportOf({ subject, lines: journalOf([startLine(subject), ...mission.journal.lines()].slice(0, lines)) }).nextSteps.map(({ command }) => command);
  };

  it("has after a success the way back, while the old slot is warm, and not once that has given up its capacity", async () => {
    assert.ok((await commands(MemoryMission.of())).includes("./mission rollback production"));
    assert.ok(!(await commands(MemoryMission.of({}, { retires: true }))).includes("./mission rollback production"));
  });

  it("is, where traffic did not come back, to look, to try that again by the platform's own interface, and last to end the freeze", async () => {
    const mission = MemoryMission.of({ production: { badFrom: 50 } });
    mission.production.refusesBack = 1_000;
    const all = await commands(mission);
    assert.deepEqual([all.at(0), all.at(1), all.at(-1)], ["./mission rollout show production", "./mission rollback production", './mission unfreeze production --reason "..."']);
  });

  it("is, for a mission that has not ended, to go on with it or to bring it back", async () => {
    const all = await commands(MemoryMission.of(), 30);
    for (const verb of ["resume", "rollback"]) assert.ok(all.includes(`./mission ${verb} ${subjectOf().id}`), all.join("\n"));
  });
});
