import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MissionFolder, missionIds } from "../../../runner/store/mission-folder.js";
import { subjectOf } from "../../support/missions.js";

describe("a mission's folder", () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "mission-store-"))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const created = async (id: string) => {
    const { folder, journal } = await MissionFolder.create(subjectOf({ id }), root);
    for (const phase of ["validate", "plan"]) {
      await journal.append({ kind: "phase", id: phase });
      const head = journal.head();
      assert.ok(head);
      await folder.saveHead(head);
    }
    await journal.close();
    return folder;
  };

  it("is read back as it was written, and its journal goes on", async () => {
    await created("shop-1.1.0-a");
    const folder = await MissionFolder.open("shop-1.1.0-a", root);
    assert.deepEqual(folder.subject, subjectOf({ id: "shop-1.1.0-a" }));
    const journal = await folder.openJournal();
    await journal.append({ kind: "terminal", id: "succeeded", reason: "" });
    await journal.close();
    assert.deepEqual((await folder.record()).lines.map(({ line }) => line.id), ["shop-1.1.0-a", "validate", "plan", "succeeded"]);
  });

  it("lists missions in the order they began", async () => {
    for (const id of ["shop-1.1.0-c", "shop-1.1.0-a", "shop-1.1.0-b"]) await created(id);
    assert.deepEqual(await missionIds(root), ["shop-1.1.0-c", "shop-1.1.0-a", "shop-1.1.0-b"]);
    assert.deepEqual(await missionIds(join(root, "none")), []);
  });

  it("refuses a journal that lacks a line which had been acknowledged, though what is left is a whole chain", async () => {
    const folder = await created("shop-1.1.0-a");
    const file = folder.path("journal.jsonl");
    writeFileSync(file, readFileSync(file, "utf8").split("\n").slice(0, 2).join("\n") + "\n");
    await assert.rejects(folder.openJournal(), /line 3 is missing or not the one that was acknowledged: the journal was cut or replaced/);
  });

  it("refuses a subject that was changed after the mission began", async () => {
    const folder = await created("shop-1.1.0-a");
    const file = folder.path("subject.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"version":"1.1.0"', '"version":"6.6.6"'));
    await assert.rejects(MissionFolder.open("shop-1.1.0-a", root), /belongs to another subject.json/);
  });

  it("says that there is no such mission, also for a name that leads elsewhere", async () => {
    for (const id of ["nobody", "../secrets", ""]) await assert.rejects(MissionFolder.open(id, root), /There is no mission ".*"; \.\/mission history lists/);
  });
});
