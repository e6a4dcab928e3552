import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { shop } from "../src/app.mjs";
import { readSettings } from "../src/settings.mjs";

const KEY = "0123456789abcdef0123456789abcdef";
const MINUTE = 60_000;

/** A shop on a port that the system gives. */
async function open(environment, now) {
  const { settings } = readSettings({ QUOTE_KEY: KEY, ...environment });
  const server = createServer(shop(settings, now));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = `http://127.0.0.1:${server.address().port}`;
  const ask = async (method, path, body) => {
    const response = await fetch(`${at}${path}`, { method, ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }) });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  return { at, ask, close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) };
}

describe("the shop", () => {
  let clock = 1_000_000;
  let one;
  let other;
  before(async () => {
    one = await open({ MISSION_RELEASE: "1.0.0", MISSION_SLOT: "blue" }, () => clock);
    other = await open({ MISSION_RELEASE: "1.1.0", MISSION_SLOT: "green" }, () => clock);
  });
  after(() => Promise.all([one.close(), other.close()]));

  it("takes in one instance what was quoted by another", async () => {
    const { status, body } = await one.ask("POST", "/quotes", { product: "launch-mug", quantity: 3 });
    assert.deepEqual([status, body.total, body.currency], [201, 4200, "EUR"]);
    const ordered = await other.ask("POST", "/orders", { quote: body.quote });
    assert.deepEqual([ordered.status, ordered.body.product, ordered.body.total], [201, "launch-mug", 4200]);
    assert.equal((await one.ask("POST", "/orders", { quote: body.quote })).body.order, ordered.body.order);
  });

  it("says which release and which slot answers", async () => {
    const { headers } = await other.ask("GET", "/products");
    assert.deepEqual([headers.get("x-mission-release"), headers.get("x-mission-slot")], ["1.1.0", "green"]);
  });

  it("refuses a quote that was changed, or is none", async () => {
    const { body } = await one.ask("POST", "/quotes", { product: "launch-mug" });
    const [, signature] = body.quote.split(".");
    const cheaper = Buffer.from(JSON.stringify({ product: "launch-mug", quantity: 1, total: 1, expires: clock + MINUTE })).toString("base64url");
    for (const quote of [`${cheaper}.${signature}`, `${body.quote}.x`, [body.quote], "", null]) assert.equal((await one.ask("POST", "/orders", { quote })).status, 400);
  });

  it("refuses a quote that is over", async () => {
    const { body } = await one.ask("POST", "/quotes", { product: "launch-mug" });
    clock += 15 * MINUTE;
    assert.equal((await one.ask("POST", "/orders", { quote: body.quote })).status, 409);
  });

  it("goes on when a visitor leaves in the midst of a body", async () => {
    const socket = connect(new URL(one.at).port, "127.0.0.1");
    await once(socket, "connect");
    socket.write("POST /quotes HTTP/1.1\r\nhost: shop\r\ncontent-length: 100\r\n\r\n{");
    socket.destroy();
    await once(socket, "close");
    assert.equal((await one.ask("GET", "/healthz")).status, 200);
  });

  it("refuses what it does not sell, quantities that are none, bodies that are no JSON, and paths that lead nowhere", async () => {
    const statuses = await Promise.all([
      one.ask("POST", "/quotes", { product: "rocket" }),
      one.ask("POST", "/quotes", { product: "launch-mug", quantity: 0 }),
      one.ask("POST", "/quotes", { product: "launch-mug", quantity: 1.5 }),
      one.ask("POST", "/quotes", "{"),
      one.ask("POST", "/quotes", "[]"),
      one.ask("POST", "/quotes", JSON.stringify({ product: "x".repeat(20_000) })),
      one.ask("GET", "//"),
    ]);
    assert.deepEqual(statuses.map(({ status }) => status), [404, 400, 400, 400, 400, 400, 404]);
  });
});

describe("the settings", () => {
  it("say every mistake at once, and no secret", () => {
    const { mistakes } = readSettings({ QUOTE_KEY: "short", CURRENCY: "euro", QUOTE_MINUTES: "0", PORT: "http" });
    assert.equal(mistakes.length, 4);
    assert.ok(!mistakes.join().includes("short"));
  });
});
