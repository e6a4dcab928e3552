import { readJson } from "../http/body.mjs";
import { sendJson } from "../http/respond.mjs";
import { Refusal } from "../refusal.mjs";

const MAX_NAME = 80;

/**
 * Orders as JSON; totals are in cents.
 * @param {import("../app.mjs").App} app
 * @returns {import("../http/router.mjs").Route[]}
 */
export function orderRoutes({ repository }) {
  return [
    {
      method: "POST",
      path: "/orders",
      async handle({ request, response }) {
        const { cart, name = "" } = await readJson(request);
        if (typeof cart !== "string") throw new Refusal(400, '"cart" must be the id of a cart.');
        const { id, total, receipt } = await repository.placeOrder(cart, checkName(name));
        sendJson(response, 201, { id, total, receipt }, { location: `/orders/${id}` });
      },
    },
    {
      method: "GET",
      path: "/orders/:id",
      handle: async ({ response, params }) => sendJson(response, 200, await repository.order(params.id)),
    },
  ];
}

/**
 * The name on the parcel, without white space around it; it may be empty.
 * @param {unknown} name
 * @returns {string}
 * @throws {Refusal} 400
 */
export function checkName(name) {
  // PostgreSQL cannot store the character NUL.
  if (typeof name !== "string" || name.length > MAX_NAME || name.includes("\0")) {
    throw new Refusal(400, `"name" must be a text of at most ${MAX_NAME} characters.`);
  }
  return name.trim();
}
