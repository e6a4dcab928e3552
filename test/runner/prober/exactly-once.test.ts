import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { checkExactlyOnce } from "../../../runner/prober/exactly-once.js";

describe("exactly once", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "exactly-once-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const file = async (name: string, lines: readonly (object | string)[]) => {
    const path = join(folder, name);
    await writeFile(path, lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"));
    return path;
  };

  it("finds nothing to report when every id is in one of the logs", async () => {
    const client = await file("client", [{ id: "r-0", sent: 1 }, { id: "r-1", sent: 2 }]);
    const blue = await file("blue", [{ id: "r-1", status: 200 }]);
    const green = await file("green", [{ id: "r-0", status: 500 }]);
    assert.deepEqual(await checkExactlyOnce(client, [blue, green]), { sent: 2, missing: [], duplicated: [], foreign: [] });
  });

  it("names what is missing, duplicated and foreign, each once", async () => {
    const client = await file("client", [{ id: "r-0", sent: 1 }, { id: "r-1", sent: 2 }, { id: "r-2", sent: 3 }, { id: "r-3", sent: null }]);
    const blue = await file("blue", [{ id: "r-1" }, { id: "r-2" }, { id: "r-3" }, { id: "r-4" }, { id: "r-4" }]);
    const green = await file("green", [{ id: "r-1" }, { id: "r-1" }]);
    assert.deepEqual(await checkExactlyOnce(client, [blue, green]), { sent: 3, missing: ["r-0"], duplicated: ["r-1"], foreign: ["r-3", "r-4"] });
  });

  it("passes over the ids of other runs and of other clients", async () => {
    const client = await file("client", [{ id: "a-b-0", sent: 1 }]);
    const log = await file("log", [{ id: "a-b-0" }, { id: "a-1" }, { id: "a-bc-0" }, { id: "some-browser" }, { id: "" }]);
    assert.deepEqual(await checkExactlyOnce(client, [log]), { sent: 1, missing: [], duplicated: [], foreign: [] });
  });

  it("takes several clients together, and passes over what is no request", async () => {
    const one = await file("one", [{ id: "a-0", sent: 1 }]);
    const two = await file("two", [{ id: "b-0", sent: 1 }]);
    const log = await file("log", ["listening", { message: "ready" }, { id: "b-0" }, "", { id: "a-0" }, '{"id":"a-']);
    assert.deepEqual(await checkExactlyOnce([one, two], [log]), { sent: 2, missing: [], duplicated: [], foreign: [] });
  });
});
