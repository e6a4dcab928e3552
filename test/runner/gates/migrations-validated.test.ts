import assert from "node:assert/strict";
import { join } from "node:path";
import { ArtifactStore } from "../../../artifacts/store.js";
import type { Release } from "../../../model/release.js";
import { migrationsResultSchema, type MigrationsResult } from "../../../evidence/predicates.js";
import { migrationsValidated, type MigrationsValidatedInput } from "../../../runner/gates/migrations-validated.js";
import { migrationsOf } from "../../../runner/migrate/run-migration.js";
import { emptyFolder, projectRoot, removeCodebases } from "../../support/codebases.js";
import { allProcesses } from "../../support/process-table.js";
import { releaseOf } from "../../support/specs.js";
import { releaseWithFiles, releaseWithSql, type Sql } from "../migrate/migrating-artifact.js";

const FIRST: Sql = { apply: "CREATE TABLE IF NOT EXISTS orders (id integer PRIMARY KEY)", rollback: "DROP TABLE orders" };
const NOTE: Sql = { apply: "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text", rollback: "ALTER TABLE orders DROP COLUMN note" };

describe("the gate migrations-validated", function () {
  this.timeout(120_000);
  let artifacts: ArtifactStore;
  before(async () => {
    artifacts = new ArtifactStore(join(await emptyFolder("artifacts"), "store"));
  });
  after(removeCodebases);

  const gate = async (candidate: Sql | Release, live: Sql | Release | null = null, more: { signal?: AbortSignal; limitMs?: number; record?: MigrationsValidatedInput["record"] } = {}) => {
    const made = async (version: string, given: Sql | Release) => ("services" in given ? given : releaseWithSql(artifacts, version, given));
    const result = await migrationsValidated({ release: await made("1.1.0", candidate), live: live && migrationsOf(await made("1.0.0", live)), artifacts, record: null, ...more });
    assert.doesNotMatch(JSON.stringify(result), /postgres:\/\/|(?<![0-9a-f])[0-9a-f]{48}(?![0-9a-f])/, "no address and no password");
    return result;
  };

  it("passes a release without migrations and says so", async () => {
    const { verdict, summary } = await gate(releaseOf("1.1.0"));
    assert.deepEqual([verdict, summary], ["PASS", "shop 1.1.0 declares no migrations, so there is nothing to validate."]);
  });

  it("passes what is applied, rolled back, applied again and applied once more, on an empty database", async () => {
    const { verdict, summary, measured, details } = await gate(FIRST);
    assert.equal(verdict, "PASS", summary);
    assert.deepEqual(details, ['Table "public.orders" was added.']);
    assert.deepEqual([measured["changes"], measured["notExpand"], measured["class"], measured["live"]], [1, 0, "expand", null]);
    assert.match(String(measured["schemaAfter"]), /^sha256:/);
  });

  it("applies those of the live release first, from its own artifact, and judges what comes on top", async () => {
    const { verdict, summary, details } = await gate(NOTE, FIRST);
    assert.equal(verdict, "PASS", summary);
    assert.match(summary, /after those of the live release 1\.0\.0; the one change only adds\.$/);
    assert.deepEqual(details, ['Column "public.orders.note" (text) was added.']);
    assert.equal((await gate(NOTE)).verdict, "FAIL", "alone they cannot be applied");
  });

  it("passes migrations that add nothing to the live release's, and takes nothing back then", async () => {
    const { verdict, summary, measured } = await gate({ apply: FIRST.apply, rollback: "DROP TABLE orders" }, FIRST);
    assert.equal(verdict, "PASS", summary);
    assert.equal(measured["rollbackMs"], null);
  });

  it("signs what was tried: of those that only add, that change nothing, that fail, and of none where there are none", async () => {
    const signed: MigrationsResult[] = [];
    const record = (result: MigrationsResult) => {
      signed.push(migrationsResultSchema.parse(result));
      return Promise.resolve({ type: "x", sha256: "0".repeat(64) });
    };
    const all = { class: "expand", service: "web", result: "PASSED", applied: true, rolledBack: true, reapplied: true } as const;
    assert.equal((await gate(FIRST, null, { record })).evidence?.length, 1);
    await gate({ apply: FIRST.apply, rollback: "DROP TABLE orders" }, FIRST, { record });
    await gate({ apply: "CREATE TABLE orders (id nonsense)", rollback: "" }, null, { record });
    await gate({ ...FIRST, rollback: "SELECT 1" }, null, { record });
    assert.deepEqual(signed, [all, { ...all, class: "none", rolledBack: false }, { ...all, result: "FAILED", applied: false, rolledBack: false, reapplied: false }, { ...all, result: "FAILED", reapplied: false }]);
    assert.equal((await gate(releaseOf("1.1.0"), null, { record })).evidence, undefined);
    assert.equal(signed.length, 4);
    const failed = await gate(FIRST, null, { record: () => Promise.reject(new Error("ENOSPC")) });
    assert.deepEqual([failed.verdict, /that could not be recorded: ENOSPC/.test(failed.summary)], ["ERROR", true]);
  });

  it("fails where the command does, with its last lines", async () => {
    const { verdict, summary } = await gate({ apply: "CREATE TABLE orders (id nonsense)", rollback: "" });
    assert.equal(verdict, "FAIL");
    assert.match(summary, /^The migrations of shop 1\.1\.0 cannot be applied: the command failed with exit code 3\. Its last lines:\ntype "nonsense" does not exist$/);
  });

  it("fails where a rollback fails, or leaves something, or takes away too much", async () => {
    assert.match((await gate({ ...FIRST, rollback: "DROP TABLE nothing" })).summary, /cannot be rolled back: the command failed with exit code 3\. Its last lines:\ntable "nothing" does not exist/);
    const left = await gate({ apply: `${NOTE.apply}; CREATE INDEX IF NOT EXISTS by_note ON orders (note); CREATE TABLE IF NOT EXISTS more ()`, rollback: NOTE.rollback }, FIRST);
    assert.equal(left.verdict, "FAIL");
    assert.match(left.summary, /^After the rollback of shop 1\.1\.0 the schema is not what it was before: Table "public\.more" was added\./);
    const much = await gate({ ...NOTE, rollback: "DROP TABLE orders" }, FIRST);
    assert.match(much.summary, /Table "public\.orders" was removed/);
  });

  it("fails where a second apply leads elsewhere", async () => {
    const apply = "DO $$ BEGIN IF to_regclass('been') IS NULL THEN CREATE TABLE IF NOT EXISTS orders (id integer); ELSE CREATE TABLE IF NOT EXISTS orders (id bigint); END IF; END $$; CREATE SCHEMA IF NOT EXISTS kept; CREATE TABLE IF NOT EXISTS schema_migrations ()";
    const { verdict, summary } = await gate({ apply: apply.replaceAll("been", "schema_migrations"), rollback: "DROP TABLE orders" });
    assert.equal(verdict, "FAIL");
    assert.match(summary, /^Applied again after their rollback, .*another schema than the first time: Column "public\.orders\.id" was integer and is bigint/);
  });

  it("fails where a further apply changes rows", async () => {
    const { verdict, summary } = await gate({ apply: `CREATE TABLE IF NOT EXISTS orders (id serial); INSERT INTO orders DEFAULT VALUES`, rollback: "DROP TABLE orders" });
    assert.equal(verdict, "FAIL");
    assert.match(summary, /^Applied once more with nothing to apply, .* The rows of table "public\.orders" were changed\.$/);
  });

  it("fails an expand that is none, naming each change", async () => {
    const { verdict, summary, measured, details } = await gate({ apply: "ALTER TABLE orders ADD a text NOT NULL, ADD b text, ALTER id TYPE bigint", rollback: "" }, FIRST);
    assert.equal(verdict, "FAIL");
    assert.match(summary, /are declared as expand, but 2 changes do not only add: Column "public\.orders\.a"/);
    assert.deepEqual([details.length, measured["notExpand"], measured["changes"]], [2, 2, 3]);
  });

  for (const kind of ["contract", "irreversible"] as const) {
    it(`refuses ${kind} migrations and says what this version deploys`, async () => {
      const { verdict, summary } = await gate(await releaseWithSql(artifacts, "1.1.0", FIRST, { class: kind }));
      assert.equal(verdict, "FAIL");
      assert.match(summary, new RegExp(`are of class "${kind}"; this version deploys only expand migrations`));
    });
  }

  it("accepts the tables that a tool for migrations keeps: node-pg-migrate as it is", async () => {
    const files = { "migrations/1_first.sql": "-- Up Migration\nCREATE TABLE orders (id integer PRIMARY KEY);\n-- Down Migration\nDROP TABLE orders;\n" };
    const command = (direction: "up" | "down") => [process.execPath, join(projectRoot(), "node_modules", "node-pg-migrate", "bin", "node-pg-migrate.js"), direction] as [string, ...string[]];
    const { verdict, summary, details } = await gate(await releaseWithFiles(artifacts, "1.1.0", files, { apply: command("up"), rollback: command("down") }));
    assert.equal(verdict, "PASS", summary);
    assert.ok(details.includes('Table "public.orders" was added.'));
  });

  it("hides the database's address and password in what a command says", async () => {
    const say = ["/bin/sh", "-c", 'echo "$DATABASE_URL"; node -p "new URL(process.env.DATABASE_URL).password"; exit 1'] as [string, ...string[]];
    const { summary } = await gate(await releaseWithFiles(artifacts, "1.1.0", { "a.txt": "a" }, { apply: say, rollback: say }));
    assert.match(summary, /Its last lines:\n\[secret\]\n\[secret\]$/);
  });

  it("fails a command that does not end, and ends what it started", async () => {
    const marker = `sleep 98765.${process.pid}`;
    const { verdict, summary } = await gate(await releaseWithFiles(artifacts, "1.1.0", { "a.txt": "a" }, { apply: ["/bin/sh", "-c", `echo waiting; ${marker} & ${marker}`], rollback: ["true"] }), null, { limitMs: 500 });
    assert.equal(verdict, "FAIL");
    assert.match(summary, /failed with no end within 500ms\. Its last lines:\nwaiting$/);
    assert.deepEqual(allProcesses().filter(({ command }) => command.includes(marker)), []);
  });

  it("is an error where nothing could be tried: an artifact that is missing, a live release whose migrations fail", async () => {
    const release = await releaseWithSql(artifacts, "1.1.0", FIRST);
    await artifacts.remove(release.services["web"]?.digest ?? "");
    const missing = await gate(release);
    assert.equal(missing.verdict, "ERROR");
    assert.match(missing.summary, /could not be tried: Artifact "sha256:[0-9a-f]{64}" is missing/);
    const broken = await gate(NOTE, { apply: "SELECT nothing", rollback: "" });
    assert.equal(broken.verdict, "ERROR");
    assert.match(broken.summary, /^The migrations of the live release 1\.0\.0, which those of shop 1\.1\.0 come after, cannot be repeated/);
  });

  it("stops when it is interrupted, and leaves no server behind", async () => {
    const slow = await releaseWithSql(artifacts, "1.1.0", { apply: "SELECT pg_sleep(60)", rollback: "" });
    await assert.rejects(gate(slow, null, { signal: AbortSignal.timeout(3_000) }), { exitCode: 130 });
    assert.deepEqual(allProcesses().filter(({ command, parent }) => command.includes("scratch-guard.js") && parent === process.pid), []);
  });
});
