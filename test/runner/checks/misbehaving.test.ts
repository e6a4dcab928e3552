import assert from "node:assert/strict";
import { closedPort, closeServers, http, raw, smoke } from "./misbehaving.js";

const OK = "HTTP/1.1 200 OK\r\n";

describe("a smoke test of a service that misbehaves", () => {
  afterEach(closeServers);

  for (const [name, talk, said] of [
    ["resets the connection", (socket) => socket.once("data", () => socket.resetAndDestroy()), /the connection was closed before an answer began/],
    ["hangs up without a word", (socket) => socket.once("data", () => socket.end()), /the connection was closed before an answer began/],
    ["accepts and never answers", () => undefined, /no answer came within 1050ms/],
    ["begins and never ends", (socket) => socket.once("data", () => socket.write(`${OK}content-length: 5\r\n\r\nab`)), /the answer began, but was not complete after 1050ms/],
    ["sends less than it announced", (socket) => socket.once("data", () => socket.end(`${OK}content-length: 5\r\n\r\nab`)), /the answer broke off before its end/],
    ["breaks a chunked body off", (socket) => socket.once("data", () => socket.end(`${OK}transfer-encoding: chunked\r\n\r\n5\r\nab`)), /the answer broke off before its end/],
    ["speaks no HTTP", (socket) => socket.once("data", () => socket.end("220 mail.example ESMTP\r\n")), /what came was not HTTP/],
  ] as const satisfies readonly (readonly [string, Parameters<typeof raw>[0], RegExp])[]) {
    it(`fails when it ${name}, and says so`, async () => {
      const gate = await smoke(await raw(talk), [{ path: "/x", expect: { within: "50ms" } }]);
      assert.equal(gate.verdict, "FAIL");
      assert.match(gate.details[0] ?? "", /^"t": FAIL, \d+ ms; GET \/x: /);
      assert.match(gate.details[0] ?? "", said);
    });
  }

  it("fails when nothing listens", async () => {
    const gate = await smoke(`http://127.0.0.1:${await closedPort()}`, [{ path: "/" }]);
    assert.equal(gate.verdict, "FAIL");
    assert.match(gate.details.join(), /no connection was accepted/);
    assert.match(gate.summary, /^The smoke test failed: "t"\. Mend the service/);
  });

  it("fails when an answer is right but later than `within`, and says how late", async () => {
    const url = await http((_, response) => void setTimeout(() => response.end("ok"), 150));
    const gate = await smoke(url, [{ path: "/", expect: { within: "20ms" } }]);
    assert.equal(gate.verdict, "FAIL");
    assert.match(gate.details.join(), /the answer took \d+ ms, allowed is 20ms/);
  });

  it("does not follow redirects, a loop of them included", async () => {
    let requests = 0;
    const url = await http((_, response) => void ((requests += 1), response.writeHead(302, { location: "/" }).end()));
    const gate = await smoke(url, [{ path: "/" }]);
    assert.match(gate.details.join(), /answered 302 \(redirects are not followed\), expected 200 to 299/);
    assert.equal(requests, 1);
    assert.equal((await smoke(url, [{ path: "/", expect: { status: [301, 302], headers: { Location: "/" } } }])).verdict, "PASS");
  });

  for (const [body, said] of [
    ["<html>", /the body is not JSON/],
    ["", /the body is empty, expected is JSON/],
    ['{"status":"bad"}', /\$\.status is another text of 3 characters, expected "ok"/],
    ['{"status":null}', /\$\.status is null, expected "ok"/],
    ['{"state":"ok"}', /there is nothing at \$\.status, expected "ok"/],
    ['["ok"]', /there is nothing at \$\.status/],
  ] as const) {
    it(`fails on the body ${body || "''"} where {status: ok} is expected`, async () => {
      const gate = await smoke(await http((_, response) => void response.end(body)), [{ path: "/", expect: { json: { "$.status": "ok" } } }]);
      assert.equal(gate.verdict, "FAIL");
      assert.match(gate.details.join(), said);
    });
  }

  it("fails on JSON that is nested deeper than can be looked through, without ending the program", async () => {
    const url = await http((_, response) => void response.end(`{"a":${"[".repeat(5_000)}${"]".repeat(5_000)}}`));
    const gate = await smoke(url, [{ path: "/", expect: { json: { "$..status": "ok" } } }]);
    assert.equal(gate.verdict, "FAIL");
  });

  describe("whose body is huge or endless", () => {
    const endless = () =>
      http((request, response) => {
        const piece = Buffer.alloc(65_536, "x");
        const more = () => {
          while (!response.destroyed && response.write(piece));
        };
        response.on("drain", more).on("error", () => undefined);
        request.on("error", () => undefined);
        response.write('"start');
        more();
      });

    it("reads 1 MiB of it and no more", async () => {
      const url = await endless();
      assert.equal((await smoke(url, [{ path: "/" }])).verdict, "PASS");
      assert.equal((await smoke(url, [{ path: "/", expect: { body: "start" } }])).verdict, "PASS");
      assert.match((await smoke(url, [{ path: "/", expect: { body: "finish" } }])).details.join(), /the first 1 MiB of the body does not contain "finish"/);
      assert.match((await smoke(url, [{ path: "/", expect: { json: { $: 1 } } }])).details.join(), /larger than 1 MiB, too large to be read as JSON/);
      assert.match((await smoke(url, [{ path: "/", capture: { id: "$.id" } }])).details.join(), /larger than 1 MiB/);
    });
  });

  it("fails when another release answers than the one that is checked, whatever it answers", async () => {
    const url = await http((_, response) => void response.setHeader("x-mission-release", "1.0.0").end("ok"));
    const gate = await smoke(url, [{ path: "/" }], { expectRelease: "1.1.0" });
    assert.equal(gate.verdict, "FAIL");
    assert.match(gate.details.join(), /release "1\.0\.0" answered, expected "1\.1\.0"/);
    assert.equal((await smoke(url, [{ path: "/" }], { expectRelease: "1.0.0" })).verdict, "PASS");
    assert.equal((await smoke(url, [{ path: "/" }], { expectRelease: null })).verdict, "PASS");
  });

  it("passes where no answer says which release it is from", async () => {
    assert.equal((await smoke(await http((_, response) => void response.end("ok")), [{ path: "/" }], { expectRelease: "1.1.0" })).verdict, "PASS");
  });

  it("reports everything that is wrong with one answer", async () => {
    const url = await http((_, response) => void response.end("{}"));
    const gate = await smoke(url, [{ path: "/", expect: { headers: { etag: "W/" }, body: ["one", "two"], json: { "$.a": 1 } } }]);
    assert.match(gate.details.join(), /no header "etag".*does not contain "one".*does not contain "two".*nothing at \$\.a/);
  });
});
