import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { SEED_PRODUCTS } from "../src/shop/products.mjs";

/**
 * What every repository must do.
 * @param {string} name
 * @param {() => import("../src/storage/repository.mjs").Repository} get  prepared, called inside each test
 */
export function repositoryContract(name, get) {
  const filled = async () => {
    const cart = await get().createCart();
    await get().addItem(cart, "launch-mug", 2);
    await get().addItem(cart, "go-coin", 1);
    return cart;
  };

  describe(`${name} repository`, () => {
    it("offers the seed products in their order", async () => {
      assert.deepEqual(await get().products(), SEED_PRODUCTS);
    });

    it("can be prepared again, and by several at once", async () => {
      await Promise.all([get().prepare(), get().prepare(), get().prepare()]);
      assert.equal((await get().products()).length, SEED_PRODUCTS.length);
    });

    it("adds up the quantities of a product that is added twice", async () => {
      const id = await filled();
      const cart = await get().addItem(id, "launch-mug", 3);
      assert.deepEqual(cart.lines.map(({ product, quantity }) => [product, quantity]), [["launch-mug", 5], ["go-coin", 1]]);
      assert.equal(cart.total, 5 * 1400 + 800);
      assert.deepEqual(await get().cart(id), cart);
    });

    it("loses no addition when many come at once", async () => {
      const id = await get().createCart();
      await Promise.all(Array.from({ length: 20 }, () => get().addItem(id, "mission-patch", 2)));
      assert.equal((await get().cart(id)).lines[0]?.quantity, 40);
    });

    it("refuses more than 99 of a product and keeps what was there", async () => {
      const id = await filled();
      await assert.rejects(get().addItem(id, "launch-mug", 98), { status: 409 });
      assert.equal((await get().cart(id)).lines[0]?.quantity, 2);
    });

    it("orders a cart once, with lines, total and receipt", async () => {
      const id = await filled();
      const order = await get().placeOrder(id, "Somebody");
      assert.equal(order.total, 3600);
      assert.match(order.receipt, /^[0-9a-f]{64}$/);
      assert.deepEqual(await get().order(order.id), order);
      assert.equal((await get().cart(id)).order, order.id);
      await assert.rejects(get().placeOrder(id, ""), { status: 409, details: { order: order.id } });
      await assert.rejects(get().addItem(id, "go-coin", 1), { status: 409 });
    });

    it("orders a cart once when two try at the same time", async () => {
      const id = await filled();
      const results = await Promise.allSettled([get().placeOrder(id, "a"), get().placeOrder(id, "b"), get().placeOrder(id, "c")]);
      assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected", "rejected"]);
      assert.ok(results.every((result) => result.status === "fulfilled" || result.reason.status === 409));
    });

    it("refuses to order an empty cart", async () => {
      await assert.rejects(get().placeOrder(await get().createCart(), ""), { status: 409 });
    });

    it("knows nothing of carts, orders and products that do not exist", async () => {
      const cart = await get().createCart();
      for (const id of [randomUUID(), "nonsense"]) {
        await assert.rejects(get().cart(id), { status: 404 });
        await assert.rejects(get().order(id), { status: 404 });
        await assert.rejects(get().addItem(id, "go-coin", 1), { status: 404 });
        await assert.rejects(get().placeOrder(id, ""), { status: 404 });
      }
      await assert.rejects(get().addItem(cart, "nonsense", 1), { status: 404 });
    });

    it("answers a ping", async () => {
      await get().ping();
    });
  });
}
