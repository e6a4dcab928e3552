import { strict as assert } from "node:assert";
import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import net from "node:net";
import { answerTo, ask, backend, clean, instance, listen, onClean, raw, RouterProcess, service } from "./harness.js";

describe("HTTP through the router", () => {
  afterEach(clean);

  it("keeps Host, strips hop-by-hop headers and those that Connection names, and says whom it forwards for", async () => {
    const { port } = await start((request, response) => response.end(JSON.stringify(request.headers)));
    const headers = {
      host: "shop.example", connection: "keep-alive, X-Private", "x-private": "1", "keep-alive": "timeout=9", te: "trailers",
      "proxy-authorization": "x", "x-forwarded-for": "10.0.0.9", "x-kept": "2",
    };
    const seen = JSON.parse((await ask(port, { headers })).body) as Record<string, string>;
    assert.deepEqual(seen, {
      host: "shop.example", connection: "keep-alive", "x-kept": "2",
      "x-forwarded-for": "10.0.0.9, 127.0.0.1", "x-forwarded-proto": "http", "x-forwarded-host": "shop.example",
    });
  });

  it("strips hop-by-hop headers from responses and keeps repeated ones apart", async () => {
    const { port } = await start((_request, response) => {
      response.writeHead(200, [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"], ["Connection", "X-Private"], ["X-Private", "1"], ["X-Kept", "2"]].flat());
      response.end();
    });
    const { headers } = await ask(port);
    assert.deepEqual([headers["set-cookie"], headers["x-private"], headers["x-kept"]], [["a=1", "b=2"], undefined, "2"]);
  });

  it("answers HEAD, 204 and 304 without a body on a connection that stays", async () => {
    const { port } = await start((request, response) => {
      const status = Number(request.url?.slice(1));
      response.writeHead(status, status === 204 ? {} : { "content-length": 5, etag: '"e"' }).end(status === 200 ? "hello" : undefined);
    });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const answers = [
      await ask(port, { agent, method: "HEAD", path: "/200" }),
      await ask(port, { agent, path: "/204" }),
      await ask(port, { agent, path: "/304" }),
      await ask(port, { agent, path: "/200" }),
    ];
    agent.destroy();
    assert.deepEqual(answers.map(({ status, body }) => [status, body]), [[200, ""], [204, ""], [304, ""], [200, "hello"]]);
    assert.equal(answers[0]?.headers["content-length"], "5");
  });

  it("passes trailers of responses on", async () => {
    const { port } = await start((_request, response) => {
      response.writeHead(200, { trailer: "x-sum" });
      response.write("body");
      response.addTrailers({ "x-sum": "42" });
      response.end();
    });
    const { body, trailers } = await ask(port);
    assert.deepEqual([body, trailers["x-sum"]], ["body", "42"]);
  });

  it("answers Expect: 100-continue when an instance is there to take the body, and 503 when there is none", async () => {
    const { port } = await start((request, response) => void request.pipe(response));
    const request = http.request({ host: "127.0.0.1", port, method: "POST", agent: false, headers: { expect: "100-continue", "content-length": 4 } });
    request.flushHeaders();
    await once(request, "continue");
    request.end("body");
    const [response] = (await once(request, "response")) as [IncomingMessage];
    assert.equal(String(await once(response, "data")), "body");
    const none = await service([], []);
    await RouterProcess.start({ generation: 1, accessLog: false, services: { web: none } });
    const text = await raw(none.ports.production, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    assert.ok(text.startsWith("HTTP/1.1 503"), text);
  });

  it("passes early hints on", async () => {
    const { port } = await start((_request, response) => response.writeEarlyHints({ link: "</a.css>; rel=preload" }, () => response.end("page")));
    const request = http.get({ host: "127.0.0.1", port, agent: false });
    const hinted = once(request, "information") as Promise<[{ statusCode: number; headers: Record<string, string> }]>;
    assert.equal((await answerTo(request)).body, "page");
    const [hints] = await hinted;
    assert.deepEqual([hints.statusCode, hints.headers["link"]], [103, "</a.css>; rel=preload"]);
  });

  it("reads the host of an absolute request target, and HTTP/1.0", async () => {
    const { port } = await start((request, response) => response.end(`${request.headers.host} ${request.url}`));
    const text = await raw(port, "GET http://other.example/a?b=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert.ok(text.includes("other.example /a?b=1"), text);
    const old = await raw(port, "GET /old HTTP/1.0\r\nHost: x\r\n\r\n");
    assert.ok(old.includes("x /old"), old);
  });

  it("answers pipelined requests in their order", async () => {
    const { port } = await start((request, response) => setTimeout(() => response.end(`<${request.url}>`), request.url === "/1" ? 50 : 0));
    const text = await raw(port, [1, 2, 3].map((n) => `GET /${n} HTTP/1.1\r\nHost: x\r\n${n === 3 ? "Connection: close\r\n" : ""}\r\n`).join(""));
    assert.deepEqual(text.match(/<\/\d>/g), ["</1>", "</2>", "</3>"]);
  });

  it("refuses what two readers could understand in two ways, and none of it reaches an instance", async () => {
    let reached = 0;
    const { port } = await start((_request, response) => (reached++, response.end()));
    const attempts = {
      "length and coding": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
      "coding and length": "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
      "two lengths": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
      "two codings": "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
      "an unknown coding": "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      "two hosts": "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n",
      "no host": "GET / HTTP/1.1\r\n\r\n",
      "a space before the colon": "GET / HTTP/1.1\r\nHost: x\r\nContent-Length : 4\r\n\r\nabcd",
      "a folded header": "GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n Transfer-Encoding: chunked\r\n\r\n",
      "a bare line feed": "GET / HTTP/1.1\nHost: x\n\n",
      "a signed length": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd",
      "a target without a slash": "GET x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    };
    for (const [what, bytes] of Object.entries(attempts)) {
      const text = await raw(port, bytes);
      assert.ok(text.startsWith("HTTP/1.1 400"), `${what}: ${JSON.stringify(text.slice(0, 80))}`);
      assert.equal(text.match(/HTTP\/1\.1 /g)?.length, 1, `${what}: one answer`);
    }
    assert.equal(reached, 0);
  });

  it("reads a response that ends with its connection, and one of an HTTP/1.0 server", async () => {
    for (const version of ["1.1", "1.0"]) {
      const server = await listen(net.createServer((socket) => {
        socket.once("data", () => socket.end(`HTTP/${version} 200 OK\r\nContent-Type: text/plain\r\n\r\nto the end`));
      }));
      onClean(() => server.close());
      const web = await service([instance("b", server)], []);
      await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      for (let turn = 0; turn < 3; turn++) assert.equal((await ask(web.ports.production, { agent })).body, "to the end");
      agent.destroy();
    }
  });

  it("answers 502 to an instance that does not speak HTTP", async () => {
    const { port } = await start((request) => request.socket.end("SSH-2.0-no\r\n"));
    const { status, body } = await ask(port);
    assert.deepEqual([status, body], [502, "The instance ended the connection before it answered.\n"]);
  });
});

async function start(handler: http.RequestListener): Promise<{ port: number }> {
  const web = await service([instance("b", await backend("blue", handler))], [], { headers: false });
  await RouterProcess.start({ generation: 1, accessLog: false, services: { web } });
  return { port: web.ports.production };
}
