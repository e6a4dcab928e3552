import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../../runner/errors.js";
import { holdLeases } from "../../../runner/mission/hold-leases.js";
import { directoryStore } from "../../../runner/store/directory-store.js";

describe("the environments of a mission", () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "mission-leases-"))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("are taken all or none, and who is refused hears which mission has one since when", async () => {
    const store = directoryStore(root);
    const first = await holdLeases(store, ["production"], "one", 60_000);
    await assert.rejects(holdLeases(store, ["staging", "production"], "two", 60_000), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.exitCode, 7);
      assert.match(error.message, /Stack "production" is in the hands of mission "one" since \d{4}-.*\.\/mission rollback one/);
      return true;
    });
    const staging = await holdLeases(store, ["staging"], "three", 60_000);
    await first.guard();
    for (const held of [first, staging]) await held.release();
  });

  it("go to exactly one of several that ask at the same moment", async () => {
    const store = directoryStore(root);
    const asked = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => holdLeases(store, ["staging", "production"], `m${index}`, 60_000)));
    const held = asked.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    assert.equal(held.length, 1);
    await held[0]?.release();
  });

  it("stay with a mission that lives longer than its lease, because it is renewed", async () => {
    const store = directoryStore(root);
    const held = await holdLeases(store, ["staging"], "one", 1_000);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await held.guard();
    await assert.rejects(holdLeases(store, ["staging"], "two", 1_000), /in the hands of mission "one"/);
    await held.release();
  });
});
