import assert from "node:assert/strict";
import { historyOf, historyText, statusOf, statusText } from "../../../runner/report/history.js";
import type { MissionRecord } from "../../../runner/mission/mission-record.js";
import { journalOf, subjectOf } from "../../support/missions.js";
import { MemoryMission } from "../mission/memory-mission.js";
import { recordOf } from "./example-missions.js";

/** A record up to the first line of a kind and a name, that included. */
function until(record: MissionRecord, kind: string, id: string): MissionRecord {
  const index = record.lines.findIndex(({ line }) => line.kind === kind && line.id === id);
  assert.ok(index >= 0, `${kind} ${id}`);
  return { ...record, lines: record.lines.slice(0, index + 1) };
}

const NOW = Date.UTC(2026, 0, 2, 4);

describe("The status of a mission", () => {
  it("names phase, step, weight and since when, and the commands to go on", async () => {
    const status = statusOf(until(await recordOf(MemoryMission.of()), "intent", "production/1/weight-50"), NOW);
    assert.deepEqual([status.state, status.phase, status.step, status.weight, status.waitsFor], ["unfinished", "production", "Candidate gets 50 %", 50, null]);
    assert.equal(status.sinceMs, NOW - Date.parse(status.since ?? ""));
    assert.match(statusText(status), /phase {6}production\nstep {7}Candidate gets 50 %\nweight {5}50 % of production's traffic\nlast line {2}55 min 1\d s ago \(2026-01-02 03:04:4\d UTC\)\n[\s\S]*\.\/mission resume shop-1\.1\.0/);
  });

  it("says what it waits for: a person who approves, or who goes on with one that was stopped", async () => {
    const record = until(await recordOf(MemoryMission.of()), "result", "production/1/weight-10/checks");
    const more = (...ids: readonly string[]) => ({ ...record, lines: journalOf([...record.lines.map(({ line }) => line), ...ids.map((id) => ({ kind: "note" as const, id, detail: null }))]) });
    const waiting = statusOf(more("production/1/weight-50/approval"), NOW);
    assert.deepEqual([waiting.waitsFor, waiting.nextSteps.map(({ command }) => command)], ["a person who approves 50 %", [`./mission approve ${waiting.mission}`, `./mission rollback ${waiting.mission}`]]);
    assert.equal(statusOf(more("production/parked", "production/probed"), NOW).waitsFor, "a person who goes on with it: it was stopped");
    assert.equal(statusOf(record, NOW).waitsFor, null);
  });

  it("gives a candidate no weight that was taken back", async () => {
    const record = await recordOf(MemoryMission.of({ production: { badFrom: 50 } }));
    assert.equal(statusOf(until(record, "intent", "production/roll-back/traffic"), NOW).weight, 50);
    const ended = statusOf(record, NOW);
    assert.deepEqual([ended.weight, ended.state, ended.waitsFor], [null, "rolled-back", null]);
    assert.match(ended.reason ?? "", /Gate "error-rate"/);
  });

  it("of a mission without a line says so", () => {
    const status = statusOf({ subject: subjectOf(), lines: [] }, NOW);
    assert.deepEqual([status.state, status.phase, status.step, status.since, status.sinceMs], ["unfinished", null, null, null, null]);
  });
});

describe("The history of missions", () => {
  it("is a table with the newest first, aligned for a terminal", async () => {
    const old = await recordOf(MemoryMission.of());
    const later = { ...old, subject: subjectOf({ id: "shop-1.2.0-later", version: "1.2.0", hotfix: { reason: "r", by: "b" } }), lines: old.lines.slice(0, 3).map((line) => ({ ...line, at: line.at.replace("2026", "2027") })) };
    const entries = historyOf([old, later]);
    assert.deepEqual(entries.map(({ mission, state, stacks }) => [mission, state, stacks]), [["shop-1.2.0-later", "unfinished", ["production"]], [old.subject.id, "succeeded", ["staging", "production"]]]);
    const [head = "", first = ""] = historyText(entries).split("\n");
    assert.match(head, /^mission +application +version +stacks +began +took +state$/);
    assert.equal(first.indexOf("unfinished"), head.indexOf("state"));
    assert.equal(historyText([]), "There was no mission yet.");
  });
});
