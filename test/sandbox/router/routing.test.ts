import { strict as assert } from "node:assert";
import http from "node:http";
import type { Instance, RouterConfig } from "../../../sandbox/router/config.js";
import { ask, backend, clean, instance, RouterProcess, service, shifted, until } from "./harness.js";

describe("routing", () => {
  afterEach(clean);

  it("gives each slot exactly its share: 90/10, 50/50, 0/100 and 100/0", async () => {
    const { router, config, port } = await twoSlots();
    for (const green of [10, 50, 100, 0]) {
      await router.put({ ...shifted(config, green), generation: 1000 + green + (green === 0 ? 1000 : 0) });
      const slots = await askTimes(port, 200);
      assert.equal(slots.filter((slot) => slot === "green").length, green * 2);
    }
  });

  it("keeps shares exact while instances change and the split stays", async () => {
    const { router, config, port } = await twoSlots({ green: 25 });
    const slots: string[] = [];
    for (let push = 1; push <= 20; push++) {
      slots.push(...(await askTimes(port, 5)));
      await router.put({ ...config, generation: config.generation + push });
    }
    assert.equal(slots.filter((slot) => slot === "green").length, 25);
  });

  it("spreads a slot's requests evenly over its ready instances", async () => {
    const servers = await Promise.all(["a", "b", "c"].map((name) => backend(name)));
    const instances = servers.map((server, at) => instance(`i${at}`, server, at !== 2));
    const web = await service(instances, []);
    await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    await askTimes(web.ports.production, 20);
    assert.deepEqual(servers.map(({ ids }) => ids.length), [10, 10, 0]);
  });

  it("prefers the instance with less in flight", async () => {
    const busy = await backend("busy", () => undefined);
    const free = await backend("free");
    const web = await service([instance("busy", busy), instance("free", free)], []);
    const router = await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    const waiting = http.get({ host: "127.0.0.1", port: web.ports.production, agent: false }).on("error", () => undefined);
    await until(async () => (await router.state()).inFlight["busy"] === 1);
    for (let turn = 0; turn < 10; turn++) assert.equal((await ask(web.ports.production)).body, "free");
    waiting.destroy();
  });

  it("leads the test ports to their slot whatever its weight", async () => {
    const { config } = await twoSlots();
    const { ports } = config.services["web"]!;
    assert.deepEqual([(await ask(ports.blue)).body, (await ask(ports.green)).body], ["blue", "green"]);
  });

  it("answers 503 on the test port of a slot without an instance", async () => {
    const web = await service([instance("b", await backend("blue"))], []);
    await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    const { status, body } = await ask(web.ports.green);
    assert.deepEqual([status, body], [503, "No instance of this service is running.\n"]);
  });

  it("gives the share of a slot without a ready instance to the other", async () => {
    const green = instance("g", await backend("green"), false);
    const { port } = await twoSlots({ green: 50, greenInstances: [green] });
    assert.deepEqual([...new Set(await askTimes(port, 20))], ["blue"]);
  });

  it("fails open to the live slot, says so, and stops when a slot is ready again", async () => {
    const blue = await backend("blue");
    const green = await backend("green");
    const web = await service([instance("b", blue, false)], [instance("g", green, true)]);
    const config = { generation: 1, accessLog: false, services: { web } };
    const router = await RouterProcess.start(config);
    assert.equal((await ask(web.ports.production)).body, "blue", "never to a slot with weight 0 that is not live");
    assert.equal((await router.state()).services["web"]?.failOpen, true);
    assert.equal(await router.metric('mission_fail_open{service="web"}'), 1);
    const ready = { ...web, slots: { ...web.slots, blue: { release: "1.0.0", instances: [instance("b", blue)] } } };
    await router.put({ ...config, generation: 2, services: { web: ready } });
    assert.equal((await router.state()).services["web"]?.failOpen, false);
    assert.equal(await router.metric('mission_fail_open{service="web"}'), 0);
  });

  it("goes to a live slot with weight 0 rather than nowhere", async () => {
    const web = await service([instance("b", await backend("blue"))], [instance("g", await backend("green"), false)], { split: { blue: 0, green: 100 } });
    const router = await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    assert.equal((await ask(web.ports.production)).body, "blue");
    assert.equal((await router.state()).services["web"]?.failOpen, true);
  });

  it("answers 503 in plain text when there is no instance at all", async () => {
    const web = await service([], []);
    const router = await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    const { status, headers, body } = await ask(web.ports.production);
    assert.deepEqual([status, headers["content-type"], body], [503, "text/plain; charset=utf-8", "No instance of this service is running.\n"]);
    assert.equal((await router.state()).services["web"]?.failOpen, false);
  });

  it("names slot and release in headers, or not, and lets no application claim another slot", async () => {
    const blue = await backend("blue", (_request, response) => response.setHeader("X-Mission-Slot", "green").end());
    const web = await service([instance("b", blue)], []);
    const config = { generation: 1, accessLog: false, services: { web } };
    const router = await RouterProcess.start(config);
    const { headers } = await ask(web.ports.production);
    assert.deepEqual([headers["x-mission-slot"], headers["x-mission-release"]], ["blue", "1.0.0"]);
    await router.put({ ...config, generation: 2, services: { web: { ...web, headers: false } } });
    assert.equal((await ask(web.ports.production)).headers["x-mission-release"], undefined);
  });

  it("routes several services side by side", async () => {
    const web = await service([instance("w", await backend("web"))], []);
    const api = await service([instance("a", await backend("api"))], []);
    await RouterProcess.start({ generation: 1, accessLog: false, services: { web, api } });
    assert.deepEqual([(await ask(web.ports.production)).body, (await ask(api.ports.production)).body], ["web", "api"]);
  });

  it("starts without a configuration and takes its first", async () => {
    const router = await RouterProcess.start();
    assert.equal((await router.state()).generation, 0);
    const web = await service([instance("b", await backend("blue"))], []);
    await router.put({ generation: 1, accessLog: false, services: { web } });
    assert.equal((await ask(web.ports.production)).body, "blue");
  });
});

async function twoSlots(over: { green?: number; greenInstances?: Instance[] } = {}): Promise<{ router: RouterProcess; config: RouterConfig; port: number }> {
  const green = over.green ?? 0;
  const greens = over.greenInstances ?? [instance("g", await backend("green"))];
  const web = await service([instance("b", await backend("blue"))], greens, { split: { blue: 100 - green, green } });
  const config = { generation: 1, accessLog: false, services: { web } };
  return { router: await RouterProcess.start(config), config, port: web.ports.production };
}

async function askTimes(port: number, times: number): Promise<string[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  const answers = await Promise.all(Array.from({ length: times }, () => ask(port, { agent })));
  agent.destroy();
  for (const { status } of answers) assert.equal(status, 200);
  return answers.map(({ headers }) => String(headers["x-mission-slot"]));
}

