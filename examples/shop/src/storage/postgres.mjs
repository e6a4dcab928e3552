import { randomUUID } from "node:crypto";
import pg from "pg";
import { MAX_QUANTITY, isId, lineOf, refuse, totalOf } from "../shop/cart.mjs";
import { createSchema } from "./schema.mjs";

const CART_LINES = {
  name: "cart-lines",
  text: `SELECT p.id, p.name, p.price, i.quantity FROM cart_items i JOIN products p ON p.id = i.product_id
         WHERE i.cart_id = $1 ORDER BY p.position, p.id`,
};

/**
 * Keeps everything in PostgreSQL.
 * @param {string} connectionString  `postgres://user:password@host:port/database`
 * @param {(order: { id: string, total: number }) => string} sign
 * @returns {import("./repository.mjs").Repository}
 */
export function createPostgresRepository(connectionString, sign) {
  const pool = new pg.Pool({ connectionString, max: 10, connectionTimeoutMillis: 3000, statement_timeout: 5000, application_name: "shop" });
  // An idle connection that breaks is replaced by the pool; without a listener the event would end the process.
  pool.on("error", () => {});

  const transaction = async (work) => {
    const client = await pool.connect();
    let broken;
    try {
      await client.query("BEGIN");
      const result = await work(client);
      await client.query("COMMIT");
      return result;
    } catch (error) {
      await client.query("ROLLBACK").catch((reason) => {
        broken = reason;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  };

  // Locks the cart's row, so that adding and ordering at the same time take turns.
  const lockOpenCart = async (client, id) => {
    if (!isId(id)) throw refuse.noCart(id);
    const { rows } = await client.query({ name: "lock-cart", text: "SELECT order_id FROM carts WHERE id = $1 FOR UPDATE", values: [id] });
    if (rows.length === 0) throw refuse.noCart(id);
    if (rows[0].order_id) throw refuse.ordered(id, rows[0].order_id);
  };
  const linesOf = async (client, id) => {
    const { rows } = await client.query({ ...CART_LINES, values: [id] });
    return rows.map((row) => lineOf(row, row.quantity));
  };

  return {
    async prepare() {
      await transaction(createSchema);
    },
    async ping() {
      await pool.query("SELECT 1");
    },
    async products() {
      const { rows } = await pool.query({ name: "products", text: "SELECT id, name, description, price FROM products ORDER BY position, id" });
      return rows;
    },
    async createCart() {
      const id = randomUUID();
      await pool.query({ name: "create-cart", text: "INSERT INTO carts (id) VALUES ($1)", values: [id] });
      return id;
    },
    async addItem(cartId, productId, quantity) {
      return transaction(async (client) => {
        await lockOpenCart(client, cartId);
        const { rows } = await client.query({
          name: "add-item",
          text: `INSERT INTO cart_items AS i (cart_id, product_id, quantity) SELECT $1, p.id, $3 FROM products p WHERE p.id = $2
                 ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = i.quantity + EXCLUDED.quantity
                 WHERE i.quantity + EXCLUDED.quantity <= $4 RETURNING quantity`,
          values: [cartId, productId, quantity, MAX_QUANTITY],
        });
        if (rows.length === 0) {
          const known = await client.query({ name: "product", text: "SELECT 1 FROM products WHERE id = $1", values: [productId] });
          throw known.rows.length === 0 ? refuse.noProduct(productId) : refuse.tooMany(productId);
        }
        const lines = await linesOf(client, cartId);
        return { id: cartId, lines, total: totalOf(lines), order: null };
      });
    },
    async cart(id) {
      if (!isId(id)) throw refuse.noCart(id);
      const { rows } = await pool.query({ name: "cart", text: "SELECT order_id FROM carts WHERE id = $1", values: [id] });
      if (rows.length === 0) throw refuse.noCart(id);
      const lines = await linesOf(pool, id);
      return { id, lines, total: totalOf(lines), order: rows[0].order_id };
    },
    async placeOrder(cartId, name) {
      return transaction(async (client) => {
        await lockOpenCart(client, cartId);
        const lines = await linesOf(client, cartId);
        if (lines.length === 0) throw refuse.empty(cartId);
        const id = randomUUID();
        const total = totalOf(lines);
        const receipt = sign({ id, total });
        await client.query({
          name: "place-order",
          text: "INSERT INTO orders (id, cart_id, name, lines, total, receipt) VALUES ($1, $2, $3, $4, $5, $6)",
          values: [id, cartId, name, JSON.stringify(lines), total, receipt],
        });
        await client.query({ name: "close-cart", text: "UPDATE carts SET order_id = $2 WHERE id = $1", values: [cartId, id] });
        return { id, cart: cartId, name, lines, total, receipt };
      });
    },
    async order(id) {
      if (!isId(id)) throw refuse.noOrder(id);
      const { rows } = await pool.query({
        name: "order",
        text: "SELECT id, cart_id AS cart, name, lines, total, receipt FROM orders WHERE id = $1",
        values: [id],
      });
      if (rows.length === 0) throw refuse.noOrder(id);
      return rows[0];
    },
    async close() {
      await pool.end();
    },
  };
}
