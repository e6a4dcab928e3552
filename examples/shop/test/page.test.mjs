import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { startShop } from "./helpers.mjs";

const cookieOf = (answer) => answer.headers.get("set-cookie").split(";", 1)[0];

describe("the page", () => {
  it("shows the greeting, every product, version, environment and slot", async (t) => {
    const shop = await startShop(t, { version: "1.4.0", env: { GREETING: "Good morning", MISSION_SLOT: "blue", MISSION_ENVIRONMENT: "production" } });
    const page = await (await shop.get("/")).text();
    for (const part of ["<h1>Good morning</h1>", "Launch mug", "Rollback blanket", "€45.00", "version 1.4.0", "production", 'class="slot blue"']) {
      assert.ok(page.includes(part), part);
    }
    assert.equal(page.match(/<svg xmlns/g).length, 6);
  });

  it("sells without scripts: a form fills the basket, another orders it", async (t) => {
    const shop = await startShop(t);
    const added = await shop.postForm("/basket/items", { product: "launch-mug", quantity: "2" });
    assert.equal(added.status, 303);
    assert.equal(added.headers.get("location"), "/#basket");
    const cookie = cookieOf(added);
    assert.match(await (await shop.get("/", { cookie })).text(), /2 × Launch mug<\/td><td>€28\.00/);

    const ordered = await shop.postForm("/basket/order", { name: "<b>Somebody</b>" }, { cookie });
    assert.equal(ordered.status, 303);
    const page = await (await shop.get(ordered.headers.get("location"), { cookie })).text();
    assert.match(page, /Thank you, &lt;b&gt;Somebody&lt;\/b&gt;\./);
    assert.match(page, /Nothing in it yet/);
    assert.match(ordered.headers.get("set-cookie"), /^basket=;.*Max-Age=0/);
  });

  it("shows why a form was not accepted", async (t) => {
    const shop = await startShop(t);
    const refused = await shop.postForm("/basket/items", { product: "launch-mug", quantity: "0" });
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /role="alert">&quot;quantity&quot; must be/);
    assert.equal((await shop.postForm("/basket/order", { name: "" })).status, 409);
  });

  it("starts a new basket when the remembered one is gone", async (t) => {
    const shop = await startShop(t);
    const cookie = "basket=7f1d2f3e-0000-4000-8000-000000000000";
    assert.equal((await shop.get("/", { cookie })).status, 200);
    const added = await shop.postForm("/basket/items", { product: "go-coin", quantity: "1" }, { cookie });
    assert.equal(added.status, 303);
    assert.notEqual(cookieOf(added), cookie);
  });

  it("allows its own style only, and no scripts", async (t) => {
    const shop = await startShop(t);
    const answer = await shop.get("/");
    const style = /<style>([^]*?)<\/style>/.exec(await answer.text())[1];
    const hash = createHash("sha256").update(style).digest("base64");
    assert.ok(answer.headers.get("content-security-policy").startsWith(`default-src 'none'; style-src 'sha256-${hash}'`));
  });
});
