import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { startShop } from "./helpers.mjs";

describe("the shop over HTTP", () => {
  it("sells: products, cart, items, order, receipt", async (t) => {
    const shop = await startShop(t);
    const { products } = await (await shop.get("/products")).json();
    const created = await shop.post("/carts");
    const { id } = await created.json();
    assert.equal(created.status, 201);
    const added = await shop.postJson(`/carts/${id}/items`, { product: products[0].id, quantity: 3 });
    assert.equal(added.status, 200);
    const cart = await (await shop.get(`/carts/${id}`)).json();
    assert.equal(cart.total, 3 * products[0].price);

    const ordered = await shop.postJson("/orders", { cart: id });
    assert.equal(ordered.status, 201);
    const { id: order, total } = await ordered.json();
    assert.equal(total, cart.total);
    const { receipt, lines } = await (await shop.get(`/orders/${order}`)).json();
    assert.equal(receipt, createHmac("sha256", "test-key").update(`${order}:${total}`).digest("hex"));
    assert.equal(lines[0].quantity, 3);
    assert.equal((await shop.postJson("/orders", { cart: id })).status, 409);
  });

  it("refuses bad input with the status that says why", async (t) => {
    const shop = await startShop(t);
    const { id } = await (await shop.post("/carts")).json();
    const items = `/carts/${id}/items`;
    const json = { "content-type": "application/json" };
    const statusOf = async (answer) => (await answer).status;

    assert.equal(await statusOf(shop.postJson(items, { product: "go-coin", quantity: 0 })), 400);
    assert.equal(await statusOf(shop.postJson(items, { product: "go-coin", quantity: 1.5 })), 400);
    assert.equal(await statusOf(shop.postJson(items, { product: 7 })), 400);
    assert.equal(await statusOf(shop.postJson(items, [])), 400);
    assert.equal(await statusOf(shop.post(items, "{", json)), 400);
    assert.equal(await statusOf(shop.postJson("/orders", {})), 400);
    assert.equal(await statusOf(shop.postJson("/orders", { cart: id, name: "x".repeat(81) })), 400);
    assert.equal(await statusOf(shop.get("/stream?seconds=nonsense")), 400);
    assert.equal(await statusOf(shop.postJson(items, { product: "nothing" })), 404);
    assert.equal(await statusOf(shop.get(`/carts/${randomUUID()}`)), 404);
    assert.equal(await statusOf(shop.get("/orders/nonsense")), 404);
    assert.equal(await statusOf(shop.get("/nowhere")), 404);
    assert.equal(await statusOf(shop.postJson("/orders", { cart: id })), 409);
    assert.equal(await statusOf(shop.post(items, JSON.stringify({ product: "x".repeat(20_000) }), json)), 413);
    assert.equal(await statusOf(shop.post(items, "product=go-coin", { "content-type": "text/plain" })), 415);
    const wrongMethod = await shop.post("/products");
    assert.equal(wrongMethod.status, 405);
    assert.equal(wrongMethod.headers.get("allow"), "GET");
  });

  it("refuses a body that grows past the limit without saying so beforehand", async (t) => {
    const shop = await startShop(t);
    const { id } = await (await shop.post("/carts")).json();
    const body = new Blob(["x".repeat(200_000)]).stream();
    const answer = await fetch(`${shop.url}/carts/${id}/items`, { method: "POST", body, duplex: "half", headers: { "content-type": "application/json" } });
    assert.equal(answer.status, 413);
  });

  it("says all that is wrong with an item at once", async (t) => {
    const shop = await startShop(t);
    const { id } = await (await shop.post("/carts")).json();
    const { error } = await (await shop.postJson(`/carts/${id}/items`, { quantity: "many" })).json();
    assert.match(error, /"product".*"quantity"/);
  });

  it("answers HEAD without a body", async (t) => {
    const shop = await startShop(t);
    const answer = await fetch(`${shop.url}/products`, { method: "HEAD" });
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), "");
  });

  it("says who it is", async (t) => {
    const shop = await startShop(t, { version: "1.2.3", env: { MISSION_SLOT: "green", MISSION_ENVIRONMENT: "staging" } });
    assert.deepEqual(await (await shop.get("/version")).json(), { version: "1.2.3", commit: null, slot: "green", environment: "staging" });
    assert.deepEqual(await (await shop.get("/healthz")).json(), { status: "ok", version: "1.2.3" });
    assert.equal((await shop.get("/livez")).status, 200);
  });

  it("is alive but not ready while the database does not answer, and answers 503", async (t) => {
    const gone = () => Promise.reject(Object.assign(new Error("refused"), { code: "ECONNREFUSED" }));
    const shop = await startShop(t, { repository: { ping: gone, products: gone } });
    assert.equal((await shop.get("/livez")).status, 200);
    assert.equal((await shop.get("/healthz")).status, 503);
    const answer = await shop.get("/products");
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get("retry-after"), "1");
    assert.equal((await shop.get("/")).status, 503);
    assert.deepEqual(shop.warnings.map(({ message }) => message), ["the database does not answer"]);
  });

  it("answers 500 to a failure of its own, and tells nobody outside why", async (t) => {
    const shop = await startShop(t, { repository: { products: () => Promise.reject(new Error("inner secret")) } });
    const answer = await shop.get("/products", { "x-request-id": "r-1" });
    assert.equal(answer.status, 500);
    assert.doesNotMatch(await answer.text(), /inner/);
    assert.equal(shop.warnings[0]?.id, "r-1");
  });

  it("logs a request that carries an id once, and no other, without its query", async (t) => {
    const shop = await startShop(t);
    await (await shop.get("/nowhere?token=1", { "x-request-id": "r-1" })).text();
    await (await shop.get("/products")).text();
    await (await shop.get("/products", { "x-request-id": "r-2" })).text();
    assert.deepEqual(shop.log.map(({ id, method, path, status }) => [id, method, path, status]), [
      ["r-1", "GET", "/nowhere", 404],
      ["r-2", "GET", "/products", 200],
    ]);
    assert.deepEqual(Object.keys(shop.log[0]), ["time", "id", "method", "path", "status", "ms"]);
  });

  it("logs 499 for a client that leaves in the middle", async (t) => {
    const shop = await startShop(t);
    const leave = new AbortController();
    const answer = await fetch(`${shop.url}/events`, { headers: { "x-request-id": "r-9" }, signal: leave.signal });
    assert.equal(answer.status, 200);
    leave.abort();
    while (shop.log.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(shop.log[0].status, 499);
  });

  it("answers 400 to a target that is not a path", async (t) => {
    const shop = await startShop(t);
    const socket = connect(shop.server.address().port, "127.0.0.1");
    socket.end("GET shop://[ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert.match(await text(socket), /^HTTP\/1.1 400 /);
  });

  it("echoes a large body unchanged", async (t) => {
    const shop = await startShop(t);
    const body = Buffer.alloc(3_000_000, "echo ");
    const answer = await shop.post("/echo", body, { "content-type": "text/html" });
    assert.equal(answer.headers.get("content-type"), "application/octet-stream");
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(body));
  });

  it("streams one line per tick and ends properly", async (t) => {
    const shop = await startShop(t);
    assert.equal(await (await shop.get("/stream?seconds=0.1&interval=20")).text(), "tick 1 of 5\ntick 2 of 5\ntick 3 of 5\ntick 4 of 5\ntick 5 of 5\nend\n");
    assert.equal(await (await shop.get("/stream?seconds=0")).text(), "end\n");
  });

  it("sends events until it stops, and then ends them properly", async (t) => {
    const shop = await startShop(t, { version: "2.0.0" });
    const answer = await shop.get("/events");
    assert.equal(answer.headers.get("content-type"), "text/event-stream");
    const whole = answer.text();
    setImmediate(() => shop.stopping.abort());
    assert.match(await whole, /^retry: 1000\n\n(id: 1\nevent: tick\ndata: \{"version":"2.0.0","slot":null\}\n\n)?$/);
  });
});
