import { SEED_PRODUCTS } from "../shop/products.mjs";

// Any number will do, as long as every instance of the shop takes the same one.
const LOCK = 7_467_726_001;

const TABLES = `
  CREATE TABLE IF NOT EXISTS products (
    id text PRIMARY KEY,
    name text NOT NULL,
    description text NOT NULL,
    price integer NOT NULL CHECK (price >= 0),
    position integer NOT NULL
  );
  CREATE TABLE IF NOT EXISTS carts (
    id uuid PRIMARY KEY,
    order_id uuid,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE IF NOT EXISTS cart_items (
    cart_id uuid NOT NULL REFERENCES carts (id),
    product_id text NOT NULL REFERENCES products (id),
    quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 99),
    PRIMARY KEY (cart_id, product_id)
  );
  CREATE TABLE IF NOT EXISTS orders (
    id uuid PRIMARY KEY,
    cart_id uuid NOT NULL UNIQUE REFERENCES carts (id),
    name text NOT NULL,
    lines jsonb NOT NULL,
    total integer NOT NULL,
    receipt text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  );`;

/**
 * Creates tables and products that are missing. Runs inside the caller's transaction; a lock lets instances that start
 * at the same time take turns, because CREATE TABLE IF NOT EXISTS alone fails when two run at once.
 * @param {import("pg").ClientBase} client
 */
export async function createSchema(client) {
  await client.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
  await client.query(TABLES);
  for (const [position, { id, name, description, price }] of SEED_PRODUCTS.entries()) {
    await client.query(
      "INSERT INTO products (id, name, description, price, position) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
      [id, name, description, price, position],
    );
  }
}
