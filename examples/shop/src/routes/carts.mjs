import { readJson } from "../http/body.mjs";
import { sendJson } from "../http/respond.mjs";
import { Refusal } from "../refusal.mjs";
import { MAX_QUANTITY } from "../shop/cart.mjs";

/**
 * Products and carts as JSON; prices are in cents.
 * @param {import("../app.mjs").App} app
 * @returns {import("../http/router.mjs").Route[]}
 */
export function cartRoutes({ repository }) {
  return [
    {
      method: "GET",
      path: "/products",
      handle: async ({ response }) => sendJson(response, 200, { products: await repository.products() }),
    },
    {
      method: "POST",
      path: "/carts",
      async handle({ response }) {
        const id = await repository.createCart();
        sendJson(response, 201, { id }, { location: `/carts/${id}` });
      },
    },
    {
      method: "GET",
      path: "/carts/:id",
      handle: async ({ response, params }) => sendJson(response, 200, await repository.cart(params.id)),
    },
    {
      method: "POST",
      path: "/carts/:id/items",
      async handle({ request, response, params }) {
        const { product, quantity = 1 } = await readJson(request);
        sendJson(response, 200, await repository.addItem(params.id, ...checkItem(product, quantity)));
      },
    },
  ];
}

/**
 * A product's id and a quantity as they came from outside, checked.
 * @param {unknown} product
 * @param {unknown} quantity
 * @returns {[string, number]}
 * @throws {Refusal} 400, saying everything that is wrong
 */
export function checkItem(product, quantity) {
  const mistakes = [];
  if (typeof product !== "string" || product === "") mistakes.push('"product" must be the id of a product.');
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > MAX_QUANTITY) {
    mistakes.push(`"quantity" must be a whole number from 1 to ${MAX_QUANTITY}.`);
  }
  if (mistakes.length > 0) throw new Refusal(400, mistakes.join(" "));
  return [product, quantity];
}
