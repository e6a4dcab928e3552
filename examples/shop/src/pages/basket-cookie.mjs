import { Refusal } from "../refusal.mjs";

const NAME = "basket";
const DAY_S = 86_400;

/**
 * The open cart that a visitor's cookie names, if there is one.
 * @param {import("node:http").IncomingMessage} request
 * @param {import("../storage/repository.mjs").Repository} repository
 * @returns {Promise<import("../shop/cart.mjs").Cart | null>}
 */
export async function basketOf(request, repository) {
  const id = /(?:^|;\s*)basket=([^;\s]+)/.exec(request.headers.cookie ?? "")?.[1];
  if (!id) return null;
  try {
    const cart = await repository.cart(id);
    return cart.order ? null : cart;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/**
 * Remembers a visitor's cart for a day, or forgets it.
 * @param {import("node:http").ServerResponse} response
 * @param {string | null} cart
 */
export function setBasketCookie(response, cart) {
  response.setHeader("set-cookie", `${NAME}=${cart ?? ""}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${cart ? DAY_S : 0}`);
}
