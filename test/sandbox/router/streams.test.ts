import { strict as assert } from "node:assert";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket, WebSocketServer } from "ws";
import { answerTo, ask, backend, clean, instance, listen, onClean, raw, RouterProcess, service, shifted, until } from "./harness.js";

const PIECE = randomBytes(1024 * 1024);

describe("streams through the router", () => {
  afterEach(clean);

  it("pass each server-sent event on before the next is sent, and the headers before the first", async () => {
    let stream: ServerResponse | undefined;
    const { port } = await start((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      stream = response;
    });
    const request = http.get({ host: "127.0.0.1", port, agent: false });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    for (let event = 0; event < 20; event++) {
      stream?.write(`data: ${event}\n\n`);
      const [chunk] = (await once(response, "data")) as [Buffer];
      assert.equal(chunk.toString(), `data: ${event}\n\n`);
    }
    stream?.end();
    await once(response, "end");
  });

  it("hold an upload back while the instance does not read, and deliver every byte of it", async () => {
    const hash = createHash("sha256");
    let incoming: IncomingMessage | undefined;
    const { port } = await start((request, response) => {
      incoming = request;
      request.on("end", () => response.end(hash.digest("hex")));
    });
    const request = http.request({ host: "127.0.0.1", port, method: "POST", agent: false });
    const pieces = 64;
    let taken = 0;
    const sent = createHash("sha256");
    const upload = (async () => {
      for (; taken < pieces; taken++) {
        sent.update(PIECE);
        if (!request.write(PIECE)) await once(request, "drain");
      }
      request.end();
    })();
    await until(() => incoming !== undefined);
    const atRest = await settled(() => taken);
    assert.ok(atRest < pieces / 2, `${atRest} of ${pieces} MiB were taken although nobody reads them`);
    incoming?.on("data", (chunk: Buffer) => hash.update(chunk));
    await upload;
    assert.equal((await answerTo(request)).body, sent.digest("hex"));
  });

  it("hold a download back while the client does not read, and deliver every byte of it", async () => {
    const pieces = 64;
    let written = 0;
    const { port } = await start(async (_request, response) => {
      for (; written < pieces; written++) if (!response.write(PIECE)) await once(response, "drain");
      response.end();
    });
    const request = http.get({ host: "127.0.0.1", port, agent: false });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const atRest = await settled(() => written);
    assert.ok(atRest < pieces / 2, `${atRest} of ${pieces} MiB were written although nobody reads them`);
    const hash = createHash("sha256");
    for await (const chunk of response as AsyncIterable<Buffer>) hash.update(chunk);
    const expected = createHash("sha256");
    for (let piece = 0; piece < pieces; piece++) expected.update(PIECE);
    assert.equal(hash.digest("hex"), expected.digest("hex"));
  });

  it("end at the instance when the client leaves, before a response and within one", async () => {
    for (const begun of [false, true]) {
      let left = false;
      const { port, router } = await start((_request, response) => {
        response.on("close", () => (left = true));
        if (begun) response.write("a piece");
      });
      const request = http.get({ host: "127.0.0.1", port, agent: false }).on("error", () => undefined);
      if (begun) await once(request, "response");
      else await until(async () => (await router.state()).inFlight["b"] === 1);
      request.destroy();
      await until(() => left);
      await until(async () => (await router.state()).inFlight["b"] === undefined);
    }
  });

  it("end at the instance when a client leaves that sent a second request before it had the first answer", async () => {
    const { port, router } = await start(() => undefined);
    const socket = net.connect(port, "127.0.0.1");
    socket.write("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(async () => (await router.state()).inFlight["b"] === 2);
    socket.destroy();
    await until(async () => (await router.state()).inFlight["b"] === undefined);
  });

  it("end at the instance when the client leaves within an upload", async () => {
    let left = false;
    const { port } = await start((request) => request.on("aborted", () => (left = true)).resume());
    const request = http.request({ host: "127.0.0.1", port, method: "POST", agent: false }).on("error", () => undefined);
    request.write(PIECE);
    await sleep(50);
    request.destroy();
    await until(() => left);
  });

  it("break off at the client when the instance breaks off, and count as an error", async () => {
    const { port, router } = await start((_request, response) => {
      response.writeHead(200, { "content-length": 100 }).write("a piece", () => setImmediate(() => response.destroy()));
    });
    await assert.rejects(ask(port), { code: "ECONNRESET" });
    assert.equal(await router.metric('mission_requests_total{service="web",slot="blue",release="1.0.0",code="error"}'), 1);
  });

  it("let a client read an answer that came before its upload was read, also when the connection ends with it", async () => {
    const { port } = await start((_request, response) => response.writeHead(413).end("too large"));
    for (const keepAlive of [true, false]) {
      const agent = new http.Agent({ keepAlive });
      onClean(() => agent.destroy());
      const request = http.request({ host: "127.0.0.1", port, method: "POST", agent, headers: { "content-length": 8 * PIECE.length } });
      for (let piece = 0; piece < 8; piece++) request.write(PIECE);
      request.end();
      const { status, body } = await answerTo(request);
      assert.deepEqual([status, body], [413, "too large"]);
      if (!request.writableFinished) await once(request, "finish");
    }
  });
});

describe("WebSockets through the router", () => {
  afterEach(clean);

  it("echo through a switch of all traffic, and stay with their instance until they end", async () => {
    const blue = await echoServer("blue");
    const green = await echoServer("green");
    const web = await service([instance("b", blue)], [instance("g", green)]);
    const config = { generation: 1, accessLog: false, services: { web } };
    const router = await RouterProcess.start(config);
    const old = await open(web.ports.production);
    assert.equal(await echo(old, "one"), "blue one");
    await router.put(shifted(config, 100));
    const young = await open(web.ports.production);
    assert.equal(await echo(young, "two"), "green two");
    const large = "x".repeat(200_000);
    assert.equal(await echo(old, large), `blue ${large}`);
    assert.deepEqual((await router.state()).inFlight, { b: 1, g: 1 });
    old.close();
    young.terminate();
    await until(async () => Object.keys((await router.state()).inFlight).length === 0);
    assert.equal(await router.metric('mission_requests_total{service="web",slot="blue",release="1.0.0",code="2xx"}'), 1);
  });

  it("are closed at the client when the instance goes", async () => {
    const server = await echoServer("blue");
    const web = await service([instance("b", server)], []);
    await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    const socket = await open(web.ports.production);
    for (const client of server.clients) client.terminate();
    await once(socket, "close");
  });

  it("are retried on another instance when one refuses the connection", async () => {
    const dead = await listen(net.createServer());
    const web = await service([instance("dead", dead), instance("b", await echoServer("blue"))], []);
    dead.close();
    await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    const socket = await open(web.ports.production);
    assert.equal(await echo(socket, "one"), "blue one");
    socket.terminate();
  });

  it("get the instance's answer when it declines", async () => {
    const { port } = await start((_request, response) => response.end("never"));
    const declining = await backend("declining");
    declining.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno"));
    const web = await service([instance("d", declining)], []);
    await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    const text = await raw(web.ports.production, UPGRADE);
    assert.ok(text.startsWith("HTTP/1.1 401 Unauthorized\r\n") && text.endsWith("\r\n\r\nno"), text);
    const plain = await raw(port, UPGRADE);
    assert.ok(plain.startsWith("HTTP/1.1 200 OK\r\n") && plain.includes("never"), plain);
  });

  it("get 503 when there is no instance", async () => {
    const web = await service([], []);
    await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
    assert.ok((await raw(web.ports.production, UPGRADE)).startsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  });

  it("are told apart from an offer of HTTP/2, which is answered as if it had not been made", async () => {
    const { port } = await start((request, response) => void request.pipe(response));
    const offer = "POST / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\nContent-Length: 4\r\n\r\nbody";
    const text = await raw(port, offer);
    assert.ok(text.startsWith("HTTP/1.1 200 OK\r\n") && text.includes("body"), text);
  });
});

const UPGRADE = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n\r\n";

async function start(handler: http.RequestListener): Promise<{ port: number; router: RouterProcess }> {
  const web = await service([instance("b", await backend("blue", handler))], []);
  const router = await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
  return { port: web.ports.production, router };
}

async function echoServer(name: string): Promise<http.Server & { clients: Set<WebSocket> }> {
  const server = await listen(http.createServer());
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => socket.on("message", (message) => socket.send(`${name} ${String(message)}`)));
  onClean(() => {
    for (const socket of sockets.clients) socket.terminate();
    return new Promise((resolve) => server.close(resolve));
  });
  return Object.assign(server, { clients: sockets.clients });
}

async function open(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  socket.on("error", () => undefined);
  await once(socket, "open");
  return socket;
}

async function echo(socket: WebSocket, text: string): Promise<string> {
  socket.send(text);
  const [message] = (await once(socket, "message")) as [Buffer];
  return message.toString();
}

/** The value once it has not changed for 300 ms. */
async function settled(value: () => number): Promise<number> {
  for (;;) {
    const before = value();
    await sleep(300);
    if (value() === before && before > 0) return before;
  }
}
