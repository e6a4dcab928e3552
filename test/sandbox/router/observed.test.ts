import { strict as assert } from "node:assert";
import fs from "node:fs";
import http, { type ServerResponse } from "node:http";
import os from "node:os";
import path from "node:path";
import { AccessLog, type AccessLine } from "../../../sandbox/router/access-log.js";
import { ask, backend, clean, freePorts, instance, onClean, RouterProcess, service, until } from "./harness.js";

describe("the router's metrics", () => {
  afterEach(clean);

  it("count every request once, by service, slot, release and class", async () => {
    const status = await backend("blue", (request, response) => response.writeHead(Number(request.url?.slice(1))).end());
    const web = await service([instance("b", status)], []);
    const router = await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    for (const code of [200, 201, 302, 404, 404, 500, 503]) await ask(web.ports.production, { path: `/${code}` });
    const labels = 'service="web",slot="blue",release="1.0.0"';
    for (const [code, count] of [["2xx", 2], ["3xx", 1], ["4xx", 2], ["5xx", 2], ["error", 0]] as const) {
      assert.equal(await router.metric(`mission_requests_total{${labels},code="${code}"}`), count, code);
    }
    assert.equal(await router.metric(`mission_request_duration_seconds_count{${labels}}`), 7);
    assert.equal(await router.metric(`mission_request_duration_seconds_bucket{le="30",${labels}}`), 7);
    assert.equal(await router.metric('mission_split_weight{service="web",slot="blue"}'), 100);
    assert.equal(await router.metric('mission_split_weight{service="web",slot="green"}'), 0);
  });

  it("are in the Prometheus text format, with those of the process", async () => {
    const web = await service([instance("b", await backend("blue"))], []);
    const router = await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    await ask(web.ports.production);
    const { headers, body } = await router.admin("GET", "/metrics");
    assert.ok(headers["content-type"]?.startsWith("text/plain; version=0.0.4"));
    for (const line of body.split("\n")) assert.match(line, /^(|# (HELP|TYPE) .*|[a-z0-9_]+(\{([a-z_]+="[^"]*",?)*\})? (-?[0-9.e+-]+|Nan|NaN|\+Inf))$/);
    assert.match(body, /^process_cpu_seconds_total /m);
  });

  it("measure the time to the end of a response, of an event stream to its headers", async () => {
    let stream: ServerResponse | undefined;
    const slow = await backend("blue", (request, response) => {
      response.writeHead(200, { "content-type": request.url === "/events" ? "text/event-stream" : "text/plain" }).flushHeaders();
      if (request.url === "/events") stream = response;
      else setTimeout(() => response.end(), 120);
    });
    const web = await service([instance("b", slow)], []);
    const router = await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    await ask(web.ports.production);
    const labels = 'service="web",slot="blue",release="1.0.0"';
    assert.equal(await router.metric(`mission_request_duration_seconds_bucket{le="0.1",${labels}}`), 0);
    const events = ask(web.ports.production, { path: "/events" });
    await until(async () => (await router.metric(`mission_request_duration_seconds_count{${labels}}`)) === 2);
    assert.equal(await router.metric('mission_requests_in_flight{service="web",slot="blue"}'), 1);
    stream?.end();
    await events;
    await until(async () => (await router.metric('mission_requests_in_flight{service="web",slot="blue"}')) === 0);
    assert.equal(await router.metric(`mission_request_duration_seconds_count{${labels}}`), 2);
  });

  it("count a client that left before a response began as an error of the slot that kept it waiting", async () => {
    const web = await service([instance("b", await backend("blue", () => undefined))], []);
    const router = await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    const request = http.get({ host: "127.0.0.1", port: web.ports.production, agent: false }).on("error", () => undefined);
    await until(async () => (await router.state()).inFlight["b"] === 1);
    request.destroy();
    await until(async () => (await router.metric('mission_requests_total{service="web",slot="blue",release="1.0.0",code="error"}')) === 1);
  });

  it("forget releases that are long gone", async () => {
    const web = await service([instance("b", await backend("blue"))], []);
    const router = await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    for (let release = 2; release <= 40; release++) {
      const slots = { ...web.slots, blue: { ...web.slots.blue, release: `${release}.0.0` } };
      await router.put({ generation: release, accessLog: false, services: { web: { ...web, slots } } });
    }
    const { body } = await router.admin("GET", "/metrics");
    const releases = new Set(body.match(/release="[^"]+"/g));
    assert.ok(releases.has('release="40.0.0"') && !releases.has('release="1.0.0"') && releases.size < 25, [...releases].join(" "));
  });
});

describe("requests in flight at an instance", () => {
  afterEach(clean);

  it("are told until they end, also when it left the configuration", async () => {
    const waiting: ServerResponse[] = [];
    const web = await service([instance("old", await backend("old", (_request, response) => waiting.push(response)))], []);
    const config = { generation: 1, accessLog: false, services: { web } };
    const router = await RouterProcess.start(config);
    const answers = [ask(web.ports.production), ask(web.ports.production), ask(web.ports.blue)];
    await until(() => waiting.length === 3);
    const slots = { ...web.slots, blue: { release: "2.0.0", instances: [instance("new", await backend("new"))] } };
    await router.put({ ...config, generation: 2, services: { web: { ...web, slots } } });
    assert.equal((await ask(web.ports.production)).body, "new");
    assert.deepEqual((await router.state()).inFlight, { old: 3 });
    for (const [ended, response] of waiting.entries()) {
      response.end("old");
      await until(async () => ((await router.state()).inFlight["old"] ?? 0) === 2 - ended);
    }
    for (const { body, headers } of await Promise.all(answers)) assert.deepEqual([body, headers["x-mission-release"]], ["old", "1.0.0"]);
  });
});

describe("the access log", () => {
  afterEach(clean);

  it("has a line per request, without the query, as soon as 100 ms later and at the end", async () => {
    const [dead] = (await freePorts(1)) as [number];
    const web = await service([instance("b", await backend("blue"))], [instance("g", dead)]);
    const router = await RouterProcess.start({ generation: 1, accessLog: true, services: { web } });
    await ask(web.ports.production, { method: "POST", path: "/pay?card=secret", body: "x", headers: { "x-request-id": "r-1" } });
    const file = path.join(router.directory, "router-access.log");
    await until(() => fs.existsSync(file) && lines(file).length === 1);
    await ask(web.ports.green);
    await router.stop("SIGTERM");
    const [first, second] = lines(file);
    const { time, ms, ...rest } = first!;
    assert.ok(!Number.isNaN(Date.parse(time)) && ms > 0 && ms < 60_000);
    assert.deepEqual(rest, { service: "web", slot: "blue", instance: "b", release: "1.0.0", method: "POST", path: "/pay", status: 200, id: "r-1" });
    assert.deepEqual([second?.slot, second?.instance, second?.status, second?.id], ["green", "g", 502, null]);
    assert.ok(second?.error?.startsWith("No instance of this service accepts connections. connect ECONNREFUSED"));
  });

  it("is off unless it is asked for", async () => {
    const web = await service([instance("b", await backend("blue"))], []);
    const router = await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    await ask(web.ports.production);
    await router.stop("SIGTERM");
    assert.equal(fs.existsSync(path.join(router.directory, "router-access.log")), false);
  });

  it("is put aside when it is full, and two old files are kept", async () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "mission-access-"));
    onClean(() => fs.rmSync(directory, { recursive: true }));
    const log = new AccessLog(directory, 1_000);
    for (let line = 0; line < 60; line++) {
      log.write({ time: "", service: "web", slot: "blue", instance: "b", release: "1", method: "GET", path: `/${line}`, status: 200, ms: 1, id: null });
      await log.flush();
    }
    assert.deepEqual(fs.readdirSync(directory).sort(), ["router-access.log", "router-access.log.1", "router-access.log.2"]);
    const kept = [".2", ".1", ""].flatMap((suffix) => lines(path.join(directory, `router-access.log${suffix}`)).map((line) => line.path));
    assert.deepEqual(kept, Array.from({ length: kept.length }, (_, at) => `/${60 - kept.length + at}`));
    for (const file of fs.readdirSync(directory)) assert.ok(fs.statSync(path.join(directory, file)).size < 1_200);
  });

  it("that cannot be written costs lines, not requests", async () => {
    const log = new AccessLog(path.join(os.tmpdir(), "mission-no-such-directory"));
    log.write({ time: "", service: "web", slot: "blue", instance: "b", release: "1", method: "GET", path: "/", status: 200, ms: 1, id: null });
    await log.flush();
  });
});

function lines(file: string): AccessLine[] {
  return fs.readFileSync(file, "utf8").split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as AccessLine);
}
