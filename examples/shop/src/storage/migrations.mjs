/**
 * One change of the schema that only adds, so that the release before works on beside it. Doing it again changes nothing.
 * @typedef {object} Migration
 * @property {string} name
 * @property {readonly [number, number, number]} since  the first version that brings it
 * @property {string} up
 * @property {string} down  takes back exactly what `up` added
 */

/** @type {readonly Migration[]} in the order of their `since` */
const MIGRATIONS = [
  {
    name: "0001-carts-and-orders",
    since: [0, 0, 0],
    up: `
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
      );`,
    down: "DROP TABLE orders, cart_items, carts, products;",
  },
  {
    // First the column, later the code that uses it: the release that runs meanwhile does not notice.
    name: "0002-shipping",
    since: [1, 1, 0],
    up: `
      ALTER TABLE orders ADD COLUMN IF NOT EXISTS shipped_at timestamptz;
      CREATE INDEX IF NOT EXISTS orders_to_ship ON orders (created_at) WHERE shipped_at IS NULL;`,
    down: "ALTER TABLE orders DROP COLUMN shipped_at;",
  },
];

/** What the shop cannot start without; its instances make it themselves where nobody has. */
export const TABLES = MIGRATIONS[0].up;

/**
 * The migrations that a version brings, oldest first. What follows the number, such as `-rc.1`, makes no difference.
 * @param {string} version  major.minor.patch with an optional suffix
 * @returns {readonly Migration[]}
 */
export function migrationsOf(version) {
  const numbers = version.split(/[-+]/, 1)[0].split(".").map(Number);
  return MIGRATIONS.filter(({ since }) => {
    const differs = since.findIndex((part, index) => part !== numbers[index]);
    return differs < 0 || since[differs] < numbers[differs];
  });
}
