import { readForm } from "../http/body.mjs";
import { basketOf, setBasketCookie } from "../pages/basket-cookie.mjs";
import { sendHome } from "../pages/home.mjs";
import { Refusal } from "../refusal.mjs";
import { checkItem } from "./carts.mjs";
import { checkName } from "./orders.mjs";

/**
 * Where the page's forms go; a cookie remembers the visitor's cart.
 * @param {import("../app.mjs").App} app
 * @returns {import("../http/router.mjs").Route[]}
 */
export function basketRoutes(app) {
  const { repository } = app;
  return [
    form("/basket/items", async (fields, { request, response }) => {
      const item = checkItem(fields.get("product"), Number(fields.get("quantity")));
      const cart = (await basketOf(request, repository))?.id ?? (await repository.createCart());
      setBasketCookie(response, cart);
      await repository.addItem(cart, ...item);
      return "/#basket";
    }),
    form("/basket/order", async (fields, { request, response }) => {
      const cart = await basketOf(request, repository);
      if (!cart) throw new Refusal(409, "Your basket is empty.");
      const { id } = await repository.placeOrder(cart.id, checkName(fields.get("name") ?? ""));
      setBasketCookie(response, null);
      return `/?order=${id}#thanks`;
    }),
  ];

  /** A form that leads to another page when it succeeds, and shows the page with the reason when it does not. */
  function form(path, submit) {
    return {
      method: "POST",
      path,
      async handle(context) {
        try {
          const location = await submit(await readForm(context.request), context);
          context.response.writeHead(303, { location, "content-length": 0 }).end();
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          await sendHome(app, context, error);
        }
      },
    };
  }
}
