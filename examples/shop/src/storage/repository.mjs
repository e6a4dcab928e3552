import { createSigner } from "../shop/receipt.mjs";
import { createMemoryRepository } from "./memory.mjs";
import { createPostgresRepository } from "./postgres.mjs";

/**
 * Where the shop keeps its things. Every method but `prepare`, `ping` and `close` refuses with 404 or 409 (see `refuse`);
 * anything else it throws means that the database failed.
 * @typedef {object} Repository
 * @property {() => Promise<void>} prepare  creates what is missing; may run in several processes at once
 * @property {() => Promise<void>} ping  rejects when the database cannot be reached
 * @property {() => Promise<import("../shop/products.mjs").Product[]>} products
 * @property {() => Promise<string>} createCart  the new cart's id
 * @property {(cart: string, product: string, quantity: number) => Promise<import("../shop/cart.mjs").Cart>} addItem
 * @property {(id: string) => Promise<import("../shop/cart.mjs").Cart>} cart
 * @property {(cart: string, name: string) => Promise<import("../shop/cart.mjs").Order>} placeOrder  at most once per cart
 * @property {(id: string) => Promise<import("../shop/cart.mjs").Order>} order
 * @property {() => Promise<void>} close
 */

/**
 * The repository that the settings ask for.
 * @param {import("../settings.mjs").Settings} settings
 * @returns {Repository}
 */
export function createRepository(settings) {
  const sign = createSigner(settings.paymentKey);
  return settings.databaseUrl === "memory:" ? createMemoryRepository(sign) : createPostgresRepository(settings.databaseUrl, sign);
}
