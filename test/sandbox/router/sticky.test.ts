import { strict as assert } from "node:assert";
import type { RouterConfig } from "../../../sandbox/router/config.js";
import { ask, backend, clean, instance, RouterProcess, service, shifted } from "./harness.js";

describe("stickiness", () => {
  afterEach(clean);

  it("gives a new client a cookie that names its slot, with an end and out of reach of scripts", async () => {
    const { port } = await start();
    const first = await ask(port);
    assert.deepEqual(first.headers["set-cookie"], [`mission-slot-web=${first.body}; Max-Age=600; Path=/; HttpOnly; SameSite=Lax`]);
  });

  it("keeps a client on the slot that its cookie names, without a new cookie", async () => {
    const { port } = await start();
    for (const slot of ["blue", "green"]) {
      for (let turn = 0; turn < 10; turn++) {
        const { body, headers } = await ask(port, { headers: { cookie: `a=b; mission-slot-web=${slot}; c=d` } });
        assert.deepEqual([body, headers["set-cookie"]], [slot, undefined]);
      }
    }
  });

  it("shares new clients by weight, whatever clients with a cookie do", async () => {
    const { port } = await start();
    let green = 0;
    for (let turn = 0; turn < 40; turn++) {
      await ask(port, { headers: { cookie: "mission-slot-web=blue" } });
      if ((await ask(port)).body === "green") green++;
    }
    assert.equal(green, 20);
  });

  it("yields to weight 0 and moves the cookie", async () => {
    const { router, config, port } = await start();
    await router.put(shifted(config, 0));
    for (let turn = 0; turn < 10; turn++) {
      const { body, headers } = await ask(port, { headers: { cookie: "mission-slot-web=green" } });
      assert.deepEqual([body, headers["set-cookie"]?.[0]?.split(";")[0]], ["blue", "mission-slot-web=blue"]);
    }
  });

  it("yields when its slot has no ready instance", async () => {
    const { router, config, port } = await start();
    const web = config.services["web"]!;
    const green = { release: "1.1.0", instances: web.slots.green.instances.map((one) => ({ ...one, ready: false })) };
    await router.put({ ...config, generation: 2, services: { web: { ...web, slots: { ...web.slots, green } } } });
    assert.equal((await ask(port, { headers: { cookie: "mission-slot-web=green" } })).body, "blue");
  });

  it("ignores cookies of other services and values that are no slot", async () => {
    const { port } = await start();
    for (const cookie of ["mission-slot-api=green", "mission-slot-web=red", "xmission-slot-web=green", "mission-slot-web="]) {
      const bodies = [await ask(port, { headers: { cookie } }), await ask(port, { headers: { cookie } })].map(({ body }) => body);
      assert.deepEqual(bodies.sort(), ["blue", "green"]);
    }
  });

  it("does not reach the test ports, and is off unless it is asked for", async () => {
    const { router, config } = await start();
    const web = config.services["web"]!;
    const { body, headers } = await ask(web.ports.green, { headers: { cookie: "mission-slot-web=blue" } });
    assert.deepEqual([body, headers["set-cookie"]], ["green", undefined]);
    await router.put({ ...config, generation: 2, services: { web: { ...web, stickiness: null } } });
    const without = await ask(web.ports.production, { headers: { cookie: "mission-slot-web=green" } });
    assert.deepEqual([without.body, without.headers["set-cookie"]], ["blue", undefined]);
  });
});

async function start(): Promise<{ router: RouterProcess; config: RouterConfig; port: number }> {
  const over = { split: { blue: 50, green: 50 }, stickiness: { maxAgeSeconds: 600 } };
  const web = await service([instance("b", await backend("blue"))], [instance("g", await backend("green"))], over);
  const config = { generation: 1, accessLog: false, services: { web } };
  return { router: await RouterProcess.start(config), config, port: web.ports.production };
}
