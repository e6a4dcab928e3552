import { Refusal } from "../refusal.mjs";
import { MAX_QUANTITY, isId } from "../shop/cart.mjs";
import { pictureOf, style, styleHash } from "./assets.mjs";
import { basketOf } from "./basket-cookie.mjs";
import { html, raw } from "./html.mjs";

// The style is part of the page: while two versions answer side by side, a page must not fetch the other version's style.
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": `default-src 'none'; style-src '${styleHash}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  "referrer-policy": "same-origin",
};

/**
 * Renders the shop's page for one visitor and sends it.
 * @param {import("../app.mjs").App} app
 * @param {import("../http/router.mjs").Context} context
 * @param {Refusal} [refusal]  why the form that was sent before was not accepted
 */
export async function sendHome({ repository, settings, build }, { request, response, url }, refusal) {
  const [products, basket, order] = await Promise.all([
    repository.products(),
    basketOf(request, repository),
    orderOf(url.searchParams.get("order"), repository),
  ]);
  const page = Buffer.from(String(render({ settings, build, products, basket, order, refusal })));
  response.writeHead(refusal?.status ?? 200, { ...HEADERS, "content-length": page.length });
  response.end(page);
}

async function orderOf(id, repository) {
  if (!isId(id)) return null;
  try {
    return await repository.order(id);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

function render({ settings, build, products, basket, order, refusal }) {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="Good things for people who ship.">
<title>Apogee Supply</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Ccircle cx='16' cy='16' r='16' fill='%2318324b'/%3E%3Ccircle cx='16' cy='18' r='6' fill='%23f4b942'/%3E%3Cpath d='M5 20a12 12 0 0 1 22 0' fill='none' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E">
<style>${raw(style)}</style>
</head>
<body>
<header class="top">
<a class="brand" href="/">Apogee&nbsp;Supply</a>
<a class="to-basket" href="#basket">Basket <b>${pieces(basket)}</b></a>
</header>
<main>
<section class="hero">
<h1>${settings.greeting}</h1>
<p>Good things for people who ship. Packed by hand, sent the same day.</p>
</section>
${refusal && html`<p class="notice" role="alert">${refusal.message}</p>`}
${order && thanks(order)}
<div class="columns">
<section aria-labelledby="products"><h2 id="products">Products</h2><ul class="products">${products.map(card)}</ul></section>
<section class="basket" id="basket" aria-labelledby="basket-title"><h2 id="basket-title">Your basket</h2>${basketPanel(basket)}</section>
</div>
</main>
<footer>
<span>Apogee Supply is a small example service.</span>
<span class="build">version ${build.version}${settings.environment && html` · ${settings.environment}`}${slotPill(settings.slot)}</span>
</footer>
</body>
</html>
`;
}

function card({ id, name, description, price }) {
  return html`<li class="card">
<div class="picture" aria-hidden="true">${pictureOf(id)}</div>
<h3>${name}</h3>
<p>${description}</p>
<form method="post" action="/basket/items">
<span class="price">${euros(price)}</span>
<input type="hidden" name="product" value="${id}">
<input type="number" name="quantity" value="1" min="1" max="${MAX_QUANTITY}" aria-label="Quantity of ${name}">
<button>Add</button>
</form>
</li>
`;
}

function basketPanel(basket) {
  if (!basket || basket.lines.length === 0) return html`<p class="empty">Nothing in it yet. The mug is a good start.</p>`;
  return html`<table>
<tbody>${basket.lines.map((line) => html`<tr><td>${line.quantity} × ${line.name}</td><td>${euros(line.amount)}</td></tr>`)}</tbody>
<tfoot><tr><th scope="row">Total</th><td>${euros(basket.total)}</td></tr></tfoot>
</table>
<form class="order" method="post" action="/basket/order">
<label for="name">Name on the parcel</label>
<input id="name" name="name" maxlength="80" autocomplete="name" required>
<button>Place order</button>
</form>`;
}

function thanks(order) {
  return html`<section class="thanks" id="thanks" role="status">
<h2>Thank you${order.name && html`, ${order.name}`}.</h2>
<p>Your order over <b>${euros(order.total)}</b> is on its way. Receipt <code>${order.receipt.slice(0, 16)}</code></p>
</section>`;
}

function slotPill(slot) {
  const known = slot === "blue" || slot === "green" ? slot : "other";
  return slot && html` <span class="slot ${known}">${slot}</span>`;
}

function pieces(basket) {
  return basket ? basket.lines.reduce((sum, line) => sum + line.quantity, 0) : 0;
}

const EUROS = new Intl.NumberFormat("en-IE", { style: "currency", currency: "EUR" });

function euros(cents) {
  return EUROS.format(cents / 100);
}
