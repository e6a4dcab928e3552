import { strict as assert } from "node:assert";
import net from "node:net";
import type { RouterConfig } from "../../../sandbox/router/config.js";
import { ask, backend, clean, freePorts, instance, listen, onClean, portOf, RouterProcess, service, shifted, until } from "./harness.js";

describe("the router's configuration", () => {
  afterEach(clean);

  it("is refused when its generation is lower than the one in force", async () => {
    const { router, config } = await start({ generation: 7 });
    const { status, body } = await router.admin("PUT", "/config", { ...shifted(config, 100), generation: 6 });
    const error = "Generation 6 is older than 7, which is in force; read the state again and send a higher one.";
    assert.deepEqual([status, JSON.parse(body)], [409, { error }]);
    assert.equal((await ask(config.services["web"]!.ports.production)).body, "blue");
  });

  it("is taken again without a change when it is the one in force", async () => {
    const { router, config } = await start();
    await router.put(config);
    await router.put(config);
    assert.equal((await router.state()).generation, config.generation);
  });

  it("leaves all as it was when a port is in use, and names the port", async () => {
    const { router, config } = await start();
    const taken = await listen(net.createServer());
    onClean(() => taken.close());
    const [free] = (await freePorts(1)) as [number];
    const before = await router.state();
    const web = config.services["web"]!;
    const ports = { production: web.ports.production, blue: free, green: portOf(taken) };
    const next: RouterConfig = { ...shifted(config, 100), services: { web: { ...web, ports, split: { blue: 0, green: 100 } } } };
    const { status, body } = await router.admin("PUT", "/config", next);
    const error = `Port ${portOf(taken)} on 127.0.0.1 is in use by another process; the configuration before stays in force. Free the port or choose another.`;
    assert.deepEqual([status, JSON.parse(body)], [409, { error, port: portOf(taken) }]);
    assert.deepEqual(await router.state(), before);
    assert.equal((await ask(web.ports.production)).body, "blue");
    await listen(net.createServer(), free).then((server) => server.close());
  });

  it("goes on being applied while a stranger holds a port that was lost during a restart, and the port comes back", async () => {
    const { router, config } = await start();
    const web = config.services["web"]!;
    await router.stop("SIGKILL");
    const stranger = await listen(net.createServer(), web.ports.blue);
    await router.start();
    await router.put(shifted(config, 100));
    assert.equal((await ask(web.ports.production)).body, "green");
    stranger.close();
    await until(async () => (await router.state()).services["web"]?.listening === true);
    assert.equal((await ask(web.ports.blue)).body, "blue");
  });

  it("is refused with every mistake in one answer", async () => {
    const { router, config } = await start();
    const web = config.services["web"]!;
    const wrong = { ...web, split: { blue: 60, green: 50 }, headers: "yes", ports: { ...web.ports, blue: 0 } };
    const { status, body } = await router.admin("PUT", "/config", { ...config, generation: 9, services: { web: wrong } });
    const { error } = JSON.parse(body) as { error: string };
    assert.equal(status, 400);
    for (const part of ['"services.web.headers"', '"services.web.ports.blue"', "The weights sum to 110; they must sum to 100."]) assert.ok(error.includes(part), error);
  });

  it("is refused when ports or instance ids are used twice", async () => {
    const { router, config } = await start();
    const web = config.services["web"]!;
    const { error } = JSON.parse((await router.admin("PUT", "/config", { ...config, generation: 9, services: { web, api: web } })).body) as { error: string };
    assert.ok(error.includes(`Port ${web.ports.green} is given to "web" green and "api" green; each route needs a port of its own.`), error);
    assert.ok(error.includes('Instance "b" is listed in "web" blue and "api" blue; an instance id must be unique.'), error);
  });

  it("that is not JSON is refused", async () => {
    const { router } = await start();
    const { status } = await router.admin("PUT", "/config");
    assert.equal(status, 400);
  });

  it("closes the ports of a service that left it, and lets a request in flight there end", async () => {
    let finish: () => void = () => undefined;
    const api = await service([instance("a", await backend("api", (_request, response) => (finish = () => response.end("late"))))], []);
    const { router, config } = await start();
    const both = { ...config, generation: 2, services: { ...config.services, api } };
    await router.put(both);
    const late = ask(api.ports.production);
    await until(async () => (await router.state()).inFlight["a"] === 1);
    await router.put({ ...config, generation: 3 });
    await assert.rejects(ask(api.ports.production), { code: "ECONNREFUSED" });
    assert.deepEqual((await router.state()).inFlight, { a: 1 });
    finish();
    const { body, headers } = await late;
    assert.deepEqual([body, headers.connection], ["late", "close"]);
    await until(async () => (await router.state()).inFlight["a"] === undefined);
  });

  it("can give a port another meaning without closing it", async () => {
    const { router, config } = await start();
    const web = config.services["web"]!;
    const ports = { production: web.ports.green, blue: web.ports.blue, green: web.ports.production };
    await router.put({ ...config, generation: 2, services: { web: { ...web, ports } } });
    assert.deepEqual([(await ask(ports.production)).body, (await ask(ports.green)).body], ["blue", "green"]);
  });

  it("is the same after SIGKILL and a restart", async () => {
    const { router, config } = await start();
    await router.put(shifted(config, 30));
    const before = await router.state();
    await router.stop("SIGKILL");
    await router.start();
    const after = await router.state();
    assert.notEqual(after.pid, before.pid);
    assert.deepEqual({ ...after, pid: 0 }, { ...before, pid: 0 });
    const slots: string[] = [];
    for (let turn = 0; turn < 100; turn++) slots.push((await ask(config.services["web"]!.ports.production)).body);
    assert.equal(slots.filter((slot) => slot === "green").length, 30);
  });

  it("is listened for as soon as a port that was taken at the start is free", async () => {
    const [green] = (await freePorts(1)) as [number];
    const taken = await listen(net.createServer(), green);
    const web = await service([instance("b", await backend("blue"))], [], {});
    const config = { generation: 1, accessLog: false, services: { web: { ...web, ports: { ...web.ports, green } } } };
    const router = await RouterProcess.start(config);
    assert.equal((await ask(web.ports.production)).body, "blue");
    assert.equal((await router.state()).services["web"]?.listening, false);
    taken.close();
    await until(async () => (await router.state()).services["web"]?.listening === true);
    assert.equal((await ask(green)).status, 503);
  });
});

describe("the router's admin API", () => {
  afterEach(clean);

  it("needs the token", async () => {
    const { router, config } = await start();
    for (const [method, url] of [["PUT", "/config"], ["GET", "/state"], ["GET", "/metrics"], ["GET", "/healthz"]] as const) {
      for (const token of ["", "Bearer", "Bearer wrong", router.token, `Basic ${router.token}`]) {
        assert.equal((await router.admin(method, url, method === "PUT" ? config : undefined, token)).status, 401);
      }
    }
    assert.deepEqual((await router.admin("GET", "/healthz")).body, "ok\n");
  });

  it("answers 404 elsewhere and says what there is", async () => {
    const { router } = await start();
    const { status, body } = await router.admin("POST", "/state");
    assert.equal(status, 404);
    assert.ok(body.includes("allowed are PUT /config"));
  });
});

async function start(over: Partial<RouterConfig> = {}): Promise<{ router: RouterProcess; config: RouterConfig }> {
  const web = await service([instance("b", await backend("blue"))], [instance("g", await backend("green"))]);
  const config = { generation: 1, accessLog: false, services: { web }, ...over };
  return { router: await RouterProcess.start(config), config };
}
