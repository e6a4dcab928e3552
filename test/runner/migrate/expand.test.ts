import assert from "node:assert/strict";
import { join } from "node:path";
import pg from "pg";
import { ArtifactStore } from "../../../artifacts/store.js";
import { UserError } from "../../../runner/errors.js";
import { applyExpand } from "../../../runner/migrate/expand.js";
import { maskUrl } from "../../../runner/migrate/mask-url.js";
import { startScratchDatabase, type ScratchDatabase } from "../../../sandbox/client.js";
import { emptyFolder, removeCodebases } from "../../support/codebases.js";
import { releaseOf } from "../../support/specs.js";
import { releaseWithSql, type Sql } from "./migrating-artifact.js";

describe("applying an expand to an environment's database", function () {
  this.timeout(60_000);
  let database: ScratchDatabase;
  let artifacts: ArtifactStore;
  let asked = 0;
  const adapter = { database: async () => ((asked += 1), database.url) };

  before(async () => {
    database = await startScratchDatabase();
    artifacts = new ArtifactStore(join(await emptyFolder("artifacts"), "store"));
  });
  after(async () => {
    await database.stop();
    await removeCodebases();
  });
  beforeEach(async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE orders (id integer PRIMARY KEY)");
    await client.end();
  });

  const applied = async (sql: Sql, more = {}) => applyExpand({ release: await releaseWithSql(artifacts, "1.1.0", sql, more), adapter, artifacts });

  it("does nothing, and asks for no database, for a release without migrations", async () => {
    asked = 0;
    assert.equal(await applyExpand({ release: releaseOf("1.1.0"), adapter, artifacts }), null);
    assert.equal(asked, 0);
  });

  it("says what changed, and nothing when it is done again", async () => {
    const sql = { apply: "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text", rollback: "" };
    const first = (await applied(sql)) as { changes: string[]; schemaBefore: string; schemaAfter: string; version: string };
    assert.deepEqual([first.version, first.changes], ["1.1.0", ['Column "public.orders.note" (text) was added.']]);
    const again = (await applied(sql)) as typeof first;
    assert.deepEqual([again.changes, again.schemaBefore, again.schemaAfter], [[], first.schemaAfter, first.schemaAfter]);
    assert.doesNotMatch(JSON.stringify([first, again]), /postgres:/);
  });

  it("fails with the command's last lines, as an error of the deployment", async () => {
    await assert.rejects(applied({ apply: "ALTER TABLE nothing ADD note text", rollback: "" }), (error: unknown) => error instanceof UserError && error.exitCode === 6 && /cannot be applied to the environment's database: the command failed with exit code 3\. Its last lines:\nrelation "nothing" does not exist/.test(error.message));
  });

  it("refuses other classes, and a platform without a database", async () => {
    await assert.rejects(applied({ apply: "", rollback: "" }, { class: "contract" }), { exitCode: 5, message: /only expand migrations/ });
    const release = await releaseWithSql(artifacts, "1.1.0", { apply: "SELECT 1", rollback: "" });
    await assert.rejects(applyExpand({ release, adapter: { database: async () => null }, artifacts }), { exitCode: 5, message: /has no database/ });
  });

  it("stops the mission when what was done is no expand here", async () => {
    await assert.rejects(applied({ apply: "ALTER TABLE orders ALTER id TYPE bigint", rollback: "" }), { exitCode: 6, message: /were no expand on the environment's database.* Column "public\.orders\.id" was integer and is bigint/ });
  });
});

describe("the mask of a database's address", () => {
  it("hides it and its password as it stands, decoded, and in JSON", () => {
    const url = 'postgres://u:p%40ss"word@127.0.0.1:5432/app';
    const mask = maskUrl(url);
    for (const text of [url, 'p@ss"word', JSON.stringify('p@ss"word'), "p%40ss%22word"]) assert.doesNotMatch(mask(`x ${text} y`), /word/);
    assert.equal(maskUrl("postgres://nobody@127.0.0.1/app")("a password"), "a password");
    assert.equal(maskUrl("nonsense")("other"), "other");
  });
});
