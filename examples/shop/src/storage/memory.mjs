import { randomUUID } from "node:crypto";
import { MAX_QUANTITY, lineOf, refuse, totalOf } from "../shop/cart.mjs";
import { SEED_PRODUCTS } from "../shop/products.mjs";

/**
 * Keeps everything in this process and forgets it at exit: for tests, and for a look at the shop without a database.
 * @param {(order: { id: string, total: number }) => string} sign
 * @returns {import("./repository.mjs").Repository}
 */
export function createMemoryRepository(sign) {
  const products = new Map(SEED_PRODUCTS.map((product) => [product.id, product]));
  /** @type {Map<string, { quantities: Map<string, number>, order: string | null }>} */
  const carts = new Map();
  /** @type {Map<string, import("../shop/cart.mjs").Order>} */
  const orders = new Map();

  const stored = (id) => {
    const cart = carts.get(id);
    if (!cart) throw refuse.noCart(id);
    return cart;
  };
  const view = (id) => {
    const { quantities, order } = stored(id);
    const lines = [...products.values()].flatMap((product) => {
      const quantity = quantities.get(product.id);
      return quantity ? [lineOf(product, quantity)] : [];
    });
    return { id, lines, total: totalOf(lines), order };
  };

  return {
    async prepare() {},
    async ping() {},
    async products() {
      return [...products.values()];
    },
    async createCart() {
      const id = randomUUID();
      carts.set(id, { quantities: new Map(), order: null });
      return id;
    },
    async addItem(cartId, productId, quantity) {
      const { quantities, order } = stored(cartId);
      if (order) throw refuse.ordered(cartId, order);
      if (!products.has(productId)) throw refuse.noProduct(productId);
      const sum = (quantities.get(productId) ?? 0) + quantity;
      if (sum > MAX_QUANTITY) throw refuse.tooMany(productId);
      quantities.set(productId, sum);
      return view(cartId);
    },
    async cart(id) {
      return view(id);
    },
    async placeOrder(cartId, name) {
      const { lines, total, order: earlier } = view(cartId);
      if (earlier) throw refuse.ordered(cartId, earlier);
      if (lines.length === 0) throw refuse.empty(cartId);
      const id = randomUUID();
      const order = { id, cart: cartId, name, lines, total, receipt: sign({ id, total }) };
      orders.set(id, order);
      stored(cartId).order = id;
      return order;
    },
    async order(id) {
      const order = orders.get(id);
      if (!order) throw refuse.noOrder(id);
      return order;
    },
    async close() {},
  };
}
