import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import path from "node:path";
import { ask, backend, clean, instance, refuses, RouterProcess, service, until } from "./harness.js";

describe("the router's process", () => {
  afterEach(clean);

  it("stops listening at SIGTERM, lets what is in flight end, and exits with 0", async () => {
    const waiting: ServerResponse[] = [];
    const { router, port } = await start((_request, response) => waiting.push(response));
    const agent = new http.Agent({ keepAlive: true });
    const late = ask(port, { agent });
    await until(() => waiting.length === 1);
    const stopped = router.stop("SIGTERM");
    await until(() => refuses(port));
    waiting[0]?.end("late");
    const { body, headers } = await late;
    assert.deepEqual([body, headers.connection], ["late", "close"]);
    assert.equal(await stopped, 0);
    agent.destroy();
  });

  it("closes idle keep-alive connections at SIGTERM", async () => {
    const { router, port } = await start((_request, response) => response.end());
    const agent = new http.Agent({ keepAlive: true });
    await ask(port, { agent });
    assert.equal(await router.stop("SIGTERM"), 0);
    agent.destroy();
  });

  it("exits at once at a second SIGTERM", async () => {
    const { router, port } = await start((_request, response) => response.write("begun"));
    const request = http.get({ host: "127.0.0.1", port, agent: false }).on("error", () => undefined);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.on("error", () => undefined).resume();
    const stopped = router.stop("SIGTERM");
    await until(() => refuses(port));
    router.child?.kill("SIGTERM");
    assert.equal(await stopped, 0);
  });

  it("survives SIGHUP and SIGINT: the end of a terminal ends no traffic", async () => {
    const { router, port } = await start((_request, response) => response.end("still here"));
    for (const signal of ["SIGHUP", "SIGINT"] as const) router.child?.kill(signal);
    for (let turn = 0; turn < 10; turn++) assert.equal((await ask(port)).body, "still here");
  });

  it("leaves no temporary file and keeps its address to itself", async () => {
    const { router } = await start((_request, response) => response.end());
    assert.deepEqual(fs.readdirSync(router.directory).sort(), ["router-admin.json", "router.json", "token"]);
    const file = path.join(router.directory, "router-admin.json");
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    const { pid, port, startedAt } = JSON.parse(fs.readFileSync(file, "utf8")) as { pid: number; port: number; startedAt: string };
    assert.deepEqual([pid, port > 0, Number.isNaN(Date.parse(startedAt))], [router.child?.pid, true, false]);
  });

  it("starts on a file that it cannot route by, says so, and takes a configuration", async () => {
    for (const content of ["{", '{"generation":4,"services":{"web":{}}}']) {
      const { router, config } = await start((_request, response) => response.end("ok"));
      await router.stop("SIGKILL");
      fs.writeFileSync(path.join(router.directory, "router.json"), content);
      await router.start();
      assert.match(router.said, /router\.json" cannot be routed by: .+ The router serves nothing until it gets a configuration\.\n$/);
      assert.equal((await router.state()).generation, 0);
      await router.put(config);
      assert.equal((await ask(config.services["web"]!.ports.production)).body, "ok");
    }
  });

  it("says how it is used when it is told nothing", async () => {
    const child = spawn(process.execPath, [path.join(__dirname, "../../../sandbox/router/main.js")], { stdio: ["ignore", "ignore", "pipe"] });
    const [[chunk], [code]] = (await Promise.all([once(child.stderr, "data"), once(child, "exit")])) as [[Buffer], [number]];
    assert.deepEqual([chunk.toString(), code], ["Usage: node main.js <directory>, where the directory holds router.json and token.\n", 2]);
  });
});

async function start(handler: http.RequestListener) {
  const web = await service([instance("b", await backend("blue", handler))], []);
  const config = { generation: 1, accessLog: false, services: { web } };
  return { router: await RouterProcess.start(config), config, port: web.ports.production };
}
