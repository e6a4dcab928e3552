import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { TestSandbox, until } from "../support/test-sandbox.js";

describe("A database that is removed", function () {
  this.timeout(60_000);
  let sandbox: TestSandbox;
  beforeEach(() => (sandbox = new TestSandbox()));
  afterEach(async () => {
    delete process.env["MISSION_FAILPOINT"];
    await sandbox.remove();
  });

  it("is gone in the end, data and process, also when the supervisor dies meanwhile", async () => {
    await (await sandbox.client()).putDatabase({ port: null });
    await sandbox.killSupervisor();
    process.env["MISSION_FAILPOINT"] = "state-saved";
    await sandbox.client().then((failing) => failing.deleteDatabase()).catch(() => undefined);
    await until("the supervisor is dead", () => sandbox.supervisor === undefined);
    delete process.env["MISSION_FAILPOINT"];
    const client = await sandbox.client();
    await until("its server has ended", () => sandbox.processes().every(({ role }) => role !== "database"));
    assert.equal((await sandbox.state()).database, null);
    await client.deleteDatabase();
    assert.equal(existsSync(sandbox.file("postgres")), false);
    assert.equal((await client.putDatabase({ port: null })).database?.ready, true);
  });
});
