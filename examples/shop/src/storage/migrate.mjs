import { migrationsOf } from "./migrations.mjs";
import { takeTurns } from "./schema.mjs";

// Nobody waits long for a table that is in use: requests of the running shop would queue up behind the migration.
const LOCK_TIMEOUT = "5s";

const RECORD = `
  CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    version text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`;

/**
 * Applies every migration of a version that is not applied yet, all or none.
 * @param {import("pg").ClientBase} client
 * @param {string} version
 * @returns {Promise<string[]>} the names of those applied now
 */
export async function applyMigrations(client, version) {
  return transaction(client, async () => {
    const known = new Set((await client.query("SELECT name FROM schema_migrations")).rows.map(({ name }) => name));
    const missing = migrationsOf(version).filter(({ name }) => !known.has(name));
    for (const { name, up } of missing) {
      await client.query(up);
      await client.query("INSERT INTO schema_migrations (name, version) VALUES ($1, $2)", [name, version]);
    }
    return missing.map(({ name }) => name);
  });
}

/**
 * Takes back what this version applied, newest first, and nothing that another version did; all or none.
 * @param {import("pg").ClientBase} client
 * @param {string} version
 * @returns {Promise<string[]>} the names of those taken back now
 */
export async function rollBackMigrations(client, version) {
  return transaction(client, async () => {
    const own = new Set((await client.query("SELECT name FROM schema_migrations WHERE version = $1", [version])).rows.map(({ name }) => name));
    const applied = migrationsOf(version).filter(({ name }) => own.has(name)).reverse();
    for (const { name, down } of applied) {
      await client.query(down);
      await client.query("DELETE FROM schema_migrations WHERE name = $1", [name]);
    }
    return applied.map(({ name }) => name);
  });
}

async function transaction(client, work) {
  await client.query("BEGIN");
  try {
    await takeTurns(client);
    await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
    // PostgreSQL tells that something is there already; that is what is wanted.
    await client.query("SET LOCAL client_min_messages = warning");
    await client.query(RECORD);
    const result = await work();
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  }
}
