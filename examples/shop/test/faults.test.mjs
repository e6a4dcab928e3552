import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { startShop } from "./helpers.mjs";

// 0.00, 0.01, ... 0.99, so that a share of 30 % is 30 requests of 100 exactly.
const evenly = () => {
  let n = 0;
  return () => (n++ % 100) / 100;
};
const failuresOf = async (shop, path) => {
  const statuses = [];
  for (let n = 0; n < 100; n += 1) statuses.push((await shop.get(path)).status);
  return statuses.filter((status) => status === 500).length;
};

describe("a bad build", () => {
  it("with errors fails 30 % of the shopping requests while its health is green", async (t) => {
    const shop = await startShop(t, { version: "1.2.0-bad-errors", random: evenly() });
    assert.equal(await failuresOf(shop, "/products"), 30);
    assert.equal(await failuresOf(shop, "/healthz"), 0);
    assert.equal(await failuresOf(shop, "/"), 0);
  });

  it("fails as often as FAULT_RATE says, on carts and orders too", async (t) => {
    const shop = await startShop(t, { version: "1.2.0-bad-errors", env: { FAULT_RATE: "1" } });
    assert.equal((await shop.post("/carts")).status, 500);
    assert.equal((await shop.postJson("/orders", {})).status, 500);
    assert.equal((await shop.get("/carts/x")).status, 500);
  });

  it("behaves in every environment but the one FAULT_ENVIRONMENT names", async (t) => {
    const env = { FAULT_RATE: "1", FAULT_ENVIRONMENT: "production" };
    const staging = await startShop(t, { version: "1.2.0-bad-errors", env: { ...env, MISSION_ENVIRONMENT: "staging" } });
    const production = await startShop(t, { version: "1.2.0-bad-errors", env: { ...env, MISSION_ENVIRONMENT: "production" } });
    assert.equal((await staging.get("/products")).status, 200);
    assert.equal((await production.get("/products")).status, 500);
  });

  it("is good until the file exists that FAULT_TRIGGER names", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "shop-trigger-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const trigger = join(folder, "now");
    const shop = await startShop(t, { version: "1.2.0-bad-errors", env: { FAULT_RATE: "1", FAULT_TRIGGER: trigger } });
    assert.equal((await shop.get("/products")).status, 200);
    writeFileSync(trigger, "");
    assert.equal((await shop.get("/products")).status, 500);
  });

  it("with latency answers late, and correctly", async (t) => {
    const shop = await startShop(t, { version: "1.2.0-bad-latency", env: { FAULT_RATE: "1" } });
    await (await shop.get("/products", { "x-request-id": "slow" })).text();
    await (await shop.get("/livez", { "x-request-id": "fast" })).text();
    assert.equal(shop.log[0].status, 200);
    assert.ok(shop.log[0].ms >= 399, `took ${shop.log[0].ms} ms`);
  });

  it("that is never ready says so and works otherwise", async (t) => {
    const shop = await startShop(t, { version: "1.2.0-never-ready" });
    assert.equal((await shop.get("/healthz")).status, 503);
    assert.equal((await shop.get("/livez")).status, 200);
    assert.equal((await shop.get("/products")).status, 200);
  });

  it("is no worse than a good one when its version has no fault, whatever the variables say", async (t) => {
    const shop = await startShop(t, { version: "1.2.0", env: { FAULT_RATE: "1" } });
    assert.equal(await failuresOf(shop, "/products"), 0);
  });
});
