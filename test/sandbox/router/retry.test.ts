import { strict as assert } from "node:assert";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { answerTo, ask, backend, clean, freePorts, instance, listen, onClean, portOf, RouterProcess, service, until } from "./harness.js";

const BODY = "x".repeat(300_000);

describe("an instance that cannot be reached", () => {
  afterEach(clean);

  it("costs no request: another instance of the slot answers, a POST with its body intact", async () => {
    const echo = await backend("echo", (request, response) => void request.pipe(response));
    const [dead] = (await freePorts(1)) as [number];
    const web = await service([instance("dead", dead), instance("echo", echo)], []);
    const router = await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    for (let turn = 1; turn <= 4; turn++) {
      await router.put({ generation: 1 + turn, accessLog: false, services: { web } });
      const { status, body } = await ask(web.ports.production, { method: "POST", body: BODY });
      assert.deepEqual([status, body === BODY], [200, true]);
    }
    assert.equal(await router.metric('mission_connect_failures_total{service="web",slot="blue",release="1.0.0"}'), 4);
    assert.equal(await router.metric('mission_requests_total{service="web",slot="blue",release="1.0.0",code="2xx"}'), 4);
  });

  it("costs no request when the slot has no other: the other slot with weight answers, a chunked POST too", async () => {
    const echo = await backend("echo", (request, response) => void request.pipe(response));
    const [dead] = (await freePorts(1)) as [number];
    const web = await service([instance("dead", dead)], [instance("echo", echo)], { split: { blue: 90, green: 10 } });
    const router = await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    const request = http.request({ host: "127.0.0.1", port: web.ports.production, method: "POST", agent: false });
    for (let piece = 0; piece < 10; piece++) request.write(BODY);
    request.end();
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) bytes += chunk.length;
    assert.deepEqual([response.headers["x-mission-slot"], bytes], ["green", 10 * BODY.length]);
    assert.deepEqual((await router.state()).inFlight, {});
  });

  it("answers 502 when there is no other that may be asked, and counts an error", async () => {
    const [dead] = (await freePorts(1)) as [number];
    const web = await service([instance("dead", dead)], [instance("g", await backend("green"))]);
    const router = await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    const { status, body, headers } = await ask(web.ports.production, { method: "POST", body: BODY });
    assert.deepEqual([status, body], [502, "No instance of this service accepts connections.\n"]);
    assert.equal(headers["x-mission-slot"], "blue");
    assert.equal(await router.metric('mission_requests_total{service="web",slot="blue",release="1.0.0",code="error"}'), 1);
    assert.equal((await router.state()).services["web"]?.failOpen, true);
  });

  it("gets requests again when it accepts connections again", async () => {
    const [port] = (await freePorts(1)) as [number];
    const web = await service([instance("b", port)], [instance("g", await backend("green"))], { split: { blue: 50, green: 50 } });
    await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    for (let turn = 0; turn < 4; turn++) assert.equal((await ask(web.ports.production)).body, "green");
    const late = await listen(http.createServer((_request, response) => response.end("blue")), port);
    onClean(() => late.close());
    await until(async () => (await ask(web.ports.production)).body === "blue");
  });
});

describe("a keep-alive connection that the instance closed", () => {
  afterEach(clean);

  for (const { what, timeout, announced, pauses } of [
    { what: "announces its time-out", timeout: 3_000, announced: true, pauses: [900, 3_100] },
    { what: "closes without having said when", timeout: 1_200, announced: false, pauses: [800, 1_400] },
  ]) {
    it(`fails no POST when the instance ${what}`, async () => {
      const echo = await backend("echo", (request, response) => {
        if (!announced) response.setHeader("connection", "keep-alive");
        request.pipe(response);
      });
      echo.keepAliveTimeout = timeout;
      Object.assign(echo, { keepAliveTimeoutBuffer: 0 });
      const web = await service([instance("b", echo)], []);
      await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
      const [shortest, longest] = pauses as [number, number];
      const clients = Array.from({ length: 60 }, async (_, at) => {
        for (const pause of [shortest + ((longest - shortest) * at) / 60, 0]) {
          const { status, body } = await ask(web.ports.production, { method: "POST", body: "abc" });
          assert.deepEqual([status, body], [200, "abc"]);
          await sleep(pause);
        }
      });
      await Promise.all(clients);
    });
  }

  it("fails no POST whose body begins late", async () => {
    const echo = await backend("echo", (request, response) => {
      response.setHeader("connection", "keep-alive");
      request.pipe(response);
    });
    echo.keepAliveTimeout = 500;
    Object.assign(echo, { keepAliveTimeoutBuffer: 0 });
    const web = await service([instance("b", echo)], []);
    await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    await ask(web.ports.production, { method: "POST", body: "abc" });
    const late = http.request({ host: "127.0.0.1", port: web.ports.production, method: "POST", agent: false });
    const answer = answerTo(late);
    late.flushHeaders();
    await sleep(600);
    late.end("late");
    assert.equal((await answer).body, "late");
  });

  it("fails no POST when the router's process stood still meanwhile", async () => {
    const echo = await backend("echo", (request, response) => {
      response.setHeader("connection", "keep-alive");
      request.pipe(response);
    });
    echo.keepAliveTimeout = 1_200;
    Object.assign(echo, { keepAliveTimeoutBuffer: 0 });
    const web = await service([instance("b", echo)], []);
    const router = await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    const agent = new http.Agent({ keepAlive: true });
    onClean(() => agent.destroy());
    const posts = (): Promise<string>[] => Array.from({ length: 40 }, async () => (await ask(web.ports.production, { method: "POST", body: "abc", agent })).body);
    await Promise.all(posts());
    router.child?.kill("SIGSTOP");
    await sleep(1_300);
    const waiting = posts();
    router.child?.kill("SIGCONT");
    assert.deepEqual([...new Set(await Promise.all(waiting))], ["abc"]);
  });

  it("is not noticed by a request without a body that may be sent twice", async () => {
    // Answers the first request of a connection and resets the connection at the second.
    const server = await listen(net.createServer((socket) => {
      let requests = 0;
      socket.on("error", () => undefined);
      socket.on("data", () => {
        if (++requests > 1) socket.resetAndDestroy();
        else socket.write("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=60\r\nContent-Length: 2\r\n\r\nok");
      });
    }));
    onClean(() => server.close());
    const web = await service([instance("b", server)], []);
    const router = await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    for (let turn = 0; turn < 6; turn++) assert.deepEqual(await statusOf(web.ports.production, "GET"), 200);
    assert.equal(await statusOf(web.ports.production, "POST"), 502, "a POST that may have been processed is not sent twice");
    assert.equal(await router.metric('mission_requests_total{service="web",slot="blue",release="1.0.0",code="2xx"}'), 6);
  });

  it("is told apart from a first request that the instance cannot bear, which is not sent twice", async () => {
    let requests = 0;
    const server = await listen(net.createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", () => (requests++, socket.resetAndDestroy()));
    }));
    onClean(() => server.close());
    const web = await service([instance("b", portOf(server))], []);
    await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    assert.equal(await statusOf(web.ports.production, "GET"), 502);
    assert.equal(requests, 1);
  });
});

async function statusOf(port: number, method: string): Promise<number> {
  return (await ask(port, { method })).status;
}
