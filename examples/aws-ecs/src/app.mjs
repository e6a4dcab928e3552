import { createHash } from "node:crypto";
import { jsonOf } from "./body.mjs";
import { PRODUCTS, productOf } from "./products.mjs";
import { readQuote, signQuote } from "./quote.mjs";

/** Pieces of one product that can be bought at once. */
const MOST = 100;

/** Answers requests. @param now milliseconds since 1970; another clock for tests */
export function shop({ key, currency, quoteMs, release, slot }, now = Date.now) {
  const routes = {
    "GET /": () => [200, { name: "aws-shop", release, products: "/products" }],
    "GET /healthz": () => [200, { status: "ok" }],
    "GET /products": () => [200, { currency, products: PRODUCTS }],
    "POST /quotes": ({ product: id, quantity = 1 }) => {
      const product = productOf(id);
      if (product === undefined) return [404, { error: `Product ${JSON.stringify(id ?? null)} is not sold; GET /products says what is.` }];
      if (!Number.isInteger(quantity) || quantity < 1 || quantity > MOST) return [400, { error: `"quantity" is ${JSON.stringify(quantity)}; allowed is a whole number from 1 to ${MOST}.` }];
      const quote = { product: product.id, quantity, total: product.price * quantity, expires: now() + quoteMs };
      return [201, { quote: signQuote(quote, key), currency, total: quote.total }];
    },
    "POST /orders": ({ quote: text }) => {
      const quote = readQuote(text, key);
      if (quote === null) return [400, { error: 'The "quote" is none of this shop; ask for one by POST /quotes.' }];
      if (quote.expires <= now()) return [409, { error: "The quote is over; ask for a new one by POST /quotes." }];
      // The same quote is the same order, so a request that is sent once more buys nothing twice.
      const order = createHash("sha256").update(text).digest("hex").slice(0, 12);
      return [201, { order, product: quote.product, quantity: quote.quantity, total: quote.total, currency }];
    },
  };
  // Which release answers is how a mission sees that a weight is applied: a load balancer of AWS says nothing of the kind.
  const from = { ...(release === null ? {} : { "x-mission-release": release }), ...(slot === null ? {} : { "x-mission-slot": slot }) };

  return async (request, response) => {
    const [status, answer] = await answerTo(request, routes).catch((error) => failure(request, error));
    response.writeHead(status, { "content-type": "application/json", ...from }).end(request.method === "HEAD" ? undefined : `${JSON.stringify(answer)}\n`);
  };
}

/** The log gets what went wrong; visitors hear only that it was not their fault. One who has left in the midst of a request is no failure of ours. */
function failure({ method, url, destroyed }, error) {
  if (destroyed) return [400, { error: "The request was broken off." }];
  console.error(JSON.stringify({ method, url, error: String(error) }));
  return [500, { error: "Something is wrong here; try again later." }];
}

async function answerTo(request, routes) {
  const [path] = request.url.split("?");
  const method = request.method === "HEAD" ? "GET" : request.method;
  const route = Object.hasOwn(routes, `${method} ${path}`) ? routes[`${method} ${path}`] : undefined;
  if (route === undefined) return [404, { error: `There is nothing at ${method} ${path}.` }];
  if (method === "GET") return route();
  const body = await jsonOf(request);
  return body === null ? [400, { error: "The body is no JSON object of at most 16 KiB." }] : route(body);
}
