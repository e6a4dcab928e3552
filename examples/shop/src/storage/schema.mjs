import { SEED_PRODUCTS } from "../shop/products.mjs";
import { TABLES } from "./migrations.mjs";

// Any number will do, as long as every instance of the shop and its migrations take the same one.
const LOCK = 7_467_726_001;

/**
 * Lets instances and migrations that start at the same time take turns, until the transaction ends: CREATE TABLE IF NOT EXISTS
 * alone fails when two run at once.
 * @param {import("pg").ClientBase} client
 */
export async function takeTurns(client) {
  await client.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
}

/**
 * Creates tables and products that are missing. Runs inside the caller's transaction.
 * @param {import("pg").ClientBase} client
 */
export async function createSchema(client) {
  await takeTurns(client);
  await client.query(TABLES);
  for (const [position, { id, name, description, price }] of SEED_PRODUCTS.entries()) {
    await client.query(
      "INSERT INTO products (id, name, description, price, position) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
      [id, name, description, price, position],
    );
  }
}
