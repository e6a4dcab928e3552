import { Refusal } from "../refusal.mjs";

/** The most pieces of one product in a cart. */
export const MAX_QUANTITY = 99;

/**
 * @typedef {{ product: string, name: string, quantity: number, price: number, amount: number }} Line  price and amount in cents
 * @typedef {{ id: string, lines: Line[], total: number, order: string | null }} Cart  order: its id once the cart is ordered
 * @typedef {{ id: string, cart: string, name: string, lines: Line[], total: number, receipt: string }} Order
 */

/**
 * A line of a cart or an order.
 * @param {import("./products.mjs").Product} product
 * @param {number} quantity
 * @returns {Line}
 */
export function lineOf(product, quantity) {
  return { product: product.id, name: product.name, quantity, price: product.price, amount: product.price * quantity };
}

/**
 * What some lines cost together, in cents.
 * @param {Line[]} lines
 */
export function totalOf(lines) {
  return lines.reduce((sum, line) => sum + line.amount, 0);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text has the form of a cart's or an order's id. */
export function isId(text) {
  return typeof text === "string" && UUID.test(text);
}

/** Refusals that every repository words in the same way. */
export const refuse = {
  noProduct: (id) => new Refusal(404, `Product "${id}" does not exist.`),
  noCart: (id) => new Refusal(404, `Cart "${id}" does not exist.`),
  noOrder: (id) => new Refusal(404, `Order "${id}" does not exist.`),
  ordered: (id, order) => new Refusal(409, `Cart "${id}" is already ordered.`, { order }),
  empty: (id) => new Refusal(409, `Cart "${id}" is empty; add a product before ordering.`),
  tooMany: (id) => new Refusal(409, `Product "${id}" would be in the cart more than ${MAX_QUANTITY} times.`),
};
