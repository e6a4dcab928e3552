import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pg from "pg";
import { createSigner } from "../src/shop/receipt.mjs";
import { applyMigrations, rollBackMigrations } from "../src/storage/migrate.mjs";
import { migrationsOf } from "../src/storage/migrations.mjs";
import { createPostgresRepository } from "../src/storage/postgres.mjs";

const { DATABASE_URL } = process.env;
const FIRST = "0001-carts-and-orders";
const SECOND = "0002-shipping";

describe("the migrations of a version", () => {
  it("are those that it and the versions before it brought", () => {
    const names = (version) => migrationsOf(version).map(({ name }) => name);
    assert.deepEqual(names("1.0.0"), [FIRST]);
    assert.deepEqual(names("1.0.9-bad-errors"), [FIRST]);
    assert.deepEqual(names("1.1.0"), [FIRST, SECOND]);
    assert.deepEqual(names("1.1.0-bad-errors+build.7"), [FIRST, SECOND]);
    assert.deepEqual(names("1.10.0"), [FIRST, SECOND]);
    assert.deepEqual(names("10.0.0"), [FIRST, SECOND]);
  });
});

describe("the migration command", () => {
  const migrate = (args, env = {}) => promisify(execFile)(process.execPath, [fileURLToPath(new URL("../src/migrate.mjs", import.meta.url)), ...args], { env: { PATH: process.env.PATH, ...env } });

  it("refuses what it does not understand, and repeats no secret", async () => {
    await assert.rejects(migrate([]), { code: 64, stderr: /allowed is "up"/ });
    await assert.rejects(migrate(["up", "now"]), { code: 64 });
    await assert.rejects(migrate(["up"]), { code: 78, stderr: /^"DATABASE_URL" is missing/ });
    await assert.rejects(migrate(["up"], { DATABASE_URL: "memory:canary" }), (error) => error.code === 78 && !error.stderr.includes("canary"));
    await assert.rejects(migrate(["up"], { DATABASE_URL: "postgres://u:canary@127.0.0.1:1/none" }), (error) => error.code === 1 && /^The migrations failed: ./.test(error.stderr) && !error.stderr.includes("canary"));
  });
});

describe("migrations with a database", { skip: !DATABASE_URL && "DATABASE_URL is not set" }, () => {
  const schema = `shop_test_${randomBytes(6).toString("hex")}`;
  const url = DATABASE_URL && new URL(DATABASE_URL);
  url?.searchParams.set("options", `-c search_path=${schema}`);
  const connect = async (href) => {
    const client = new pg.Client({ connectionString: href });
    await client.connect();
    return client;
  };
  let client;
  const columns = async () => (await client.query("SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = 'orders'", [schema])).rows.map(({ column_name: name }) => name);

  before(async () => {
    client = await connect(url.href);
    await client.query(`CREATE SCHEMA ${schema}`);
  });
  after(async () => {
    await client?.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await client?.end();
  });

  it("are applied once, also when several start at once, and beside instances that start", async () => {
    const repository = createPostgresRepository(url.href, createSigner("test-key"));
    const others = await Promise.all([connect(url.href), connect(url.href), connect(url.href)]);
    const [, ...applied] = await Promise.all([repository.prepare(), ...others.map((other) => applyMigrations(other, "1.0.0"))]);
    assert.deepEqual(applied.flat(), [FIRST]);
    await Promise.all(others.map((other) => other.end()));
    assert.equal((await repository.products()).length, 6);
    await repository.close();
  });

  it("of a version take back what that version applied, and nothing else", async () => {
    assert.deepEqual(await applyMigrations(client, "1.1.0"), [SECOND]);
    assert.ok((await columns()).includes("shipped_at"));
    assert.deepEqual(await rollBackMigrations(client, "1.2.0"), []);
    assert.deepEqual(await rollBackMigrations(client, "1.1.0"), [SECOND]);
    assert.ok(!(await columns()).includes("shipped_at"));
    assert.deepEqual(await applyMigrations(client, "1.1.0"), [SECOND]);
    assert.deepEqual(await applyMigrations(client, "1.1.0"), []);
    assert.equal((await client.query("SELECT count(*)::int AS count FROM products")).rows[0].count, 6);
  });

  it("that are all of one version leave nothing but their record when they are taken back", async () => {
    assert.deepEqual(await rollBackMigrations(client, "1.1.0"), [SECOND]);
    assert.deepEqual(await rollBackMigrations(client, "1.0.0"), [FIRST]);
    assert.deepEqual(await applyMigrations(client, "1.1.0"), [FIRST, SECOND]);
    assert.deepEqual(await rollBackMigrations(client, "1.1.0"), [SECOND, FIRST]);
    const { rows } = await client.query("SELECT tablename FROM pg_tables WHERE schemaname = $1", [schema]);
    assert.deepEqual(rows, [{ tablename: "schema_migrations" }]);
  });
});
