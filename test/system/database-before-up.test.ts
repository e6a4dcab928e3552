import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import pg from "pg";
import { sandboxAdapter } from "../../runner/platforms/sandbox.js";
import { MissionProject } from "../support/mission-project.js";
import { tinyApp } from "../support/tiny-app.js";

/** An expand goes before the first `up`: the database is there before the engine knows of it. */
describe("a database that a migration made before the first up", function () {
  this.timeout(180_000);
  const project = MissionProject.create();
  const codebase = tinyApp("early", (yaml) => `${yaml}    database: true\n`);
  const stack = "early-staging";

  before(() => {
    process.env["MISSION_HOME"] = project.home;
  });
  after(async () => {
    delete process.env["MISSION_HOME"];
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
  });

  const query = async (url: string, text: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return (await client.query(text).finally(() => client.end())).rows as unknown[];
  };

  it("is taken over by that up with all that is in it, and by every later one", async () => {
    await project.must("release", codebase, "--version", "1.0.0");
    const adapter = sandboxAdapter(stack);
    assert.deepEqual(await adapter.describe(), {});
    const url = (await adapter.database()) ?? "";
    await query(url, "CREATE TABLE kept AS SELECT 'kept' AS word");
    assert.deepEqual(await adapter.describe(), {}, "a database alone is no deployment");

    const first = await project.up(stack);
    assert.equal(first.code, 0, first.all);
    assert.match(first.all, /sandbox:index:Database\S* .*created/);
    assert.equal(await adapter.database(), url);
    assert.deepEqual(await query(url, "SELECT word FROM kept"), [{ word: "kept" }]);
    const { services, database } = await project.sandbox(stack);
    assert.equal(database?.port, Number(new URL(url).port));
    assert.equal(services["web"]?.live, "blue");

    const again = await project.up(stack);
    assert.equal(again.code, 0, again.all);
    assert.doesNotMatch(again.all, /Database\S* .*(created|updated|replaced|deleted)/);
    assert.deepEqual(await query(url, "SELECT word FROM kept"), [{ word: "kept" }]);
  });
});
