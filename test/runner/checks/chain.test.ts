import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { fillStep } from "../../../runner/checks/fill-step.js";
import type { HttpStep } from "../../../model/check.js";
import { closeServers, http, smoke } from "./misbehaving.js";
import "../../support/seed.js";

interface Seen {
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

const stepOf = (step: Partial<HttpStep>): HttpStep => ({ method: "GET", path: "/", headers: {}, expect: { headers: {}, json: {} }, capture: {}, ...step });

describe("a chain of requests", () => {
  const seen: Seen[] = [];
  let first: { readonly body: string; readonly headers?: Record<string, string> };
  const start = () =>
    http(async (request, response) => {
      seen.push({ url: request.url, headers: request.headers, body: await text(request) });
      response.writeHead(200, seen.length === 1 ? first.headers : {}).end(seen.length === 1 ? first.body : '{"id": 7}');
    });
  beforeEach(() => seen.splice(0));
  afterEach(closeServers);

  it("puts captured values into path, headers, JSON and text", async () => {
    first = { body: JSON.stringify({ id: "a b/c?ü", count: 3, open: true }), headers: { etag: '"v1"' } };
    const gate = await smoke(await start(), [
      { path: "/", capture: { id: "$.id", count: "$.count", open: "$.open", tag: { header: "ETag" } } },
      { path: "/things/${id}?n=${count}", headers: { "if-match": "${tag}", "x-n": "n=${count}" } },
      { method: "POST", path: "/", json: { all: ["${id}", { n: "${count}", open: "${open}", both: "${id}-${count}", plain: 1 }] } },
      { method: "PUT", path: "/", body: "id=${id}&n=${count}" },
    ]);
    assert.equal(gate.verdict, "PASS", gate.details.join());
    assert.equal(seen[1]?.url, "/things/a%20b%2Fc%3F%C3%BC?n=3");
    assert.deepEqual([seen[1]?.headers["if-match"], seen[1]?.headers["x-n"]], ['"v1"', "n=3"]);
    assert.equal(seen[2]?.headers["content-type"], "application/json");
    assert.deepEqual(JSON.parse(seen[2]?.body ?? ""), { all: ["a b/c?ü", { n: 3, open: true, both: "a b/c?ü-3", plain: 1 }] });
    assert.equal(seen[3]?.body, "id=a b/c?ü&n=3");
  });

  it("compares with captured values, and takes what was captured last", async () => {
    first = { body: '{"id": 1, "list": [7, 7]}' };
    const url = await start();
    const steps = (expected: string) => [
      { path: "/", capture: { id: "$.id", other: "$.list[0]" } },
      { path: "/", capture: { id: "$.id" } },
      { path: "/${id}", expect: { json: { "$.id": expected } } },
    ];
    assert.equal((await smoke(url, steps("${other}"))).verdict, "PASS");
    assert.equal(seen[2]?.url, "/7");
    seen.splice(0);
    const gate = await smoke(url, steps("no ${other}"));
    assert.match(gate.details.join(), /step 3 of 3, GET \/\$\{id\}: \$\.id is 7, expected "no \$\{other\}"/);
  });

  it("does not put a captured `${name}` in a second time", async () => {
    first = { body: JSON.stringify({ a: "${b}", b: "secret" }) };
    await smoke(await start(), [{ path: "/", capture: { a: "$.a", b: "$.b" } }, { method: "POST", path: "/", body: "${a}" }]);
    assert.equal(seen[1]?.body, "${b}");
  });

  it("ends at the first step that fails, and shows neither captured values nor bodies", async () => {
    first = { body: '{"token": "TOP-SECRET", "deep": {"key": "TOP-SECRET"}}', headers: { "x-token": "TOP-SECRET" } };
    const gate = await smoke(await start(), [
      { path: "/", capture: { token: "$.token" } },
      { method: "POST", path: "/${token}", headers: { authorization: "${token}" }, json: "${token}", expect: { status: 201, json: { "$.id": "${token}" } } },
      { path: "/never" },
    ]);
    assert.equal(gate.verdict, "FAIL");
    assert.match(gate.details.join(), /step 2 of 3, POST \/\$\{token\}: answered 200, expected 201/);
    assert.equal(seen.length, 2);
    seen.splice(0);
    const wrong = await smoke(await start(), [{ path: "/", expect: { headers: { "x-token": "abc" }, body: "abc", json: { "$.token": "abc", "$.deep": {} } }, capture: { d: "$.deep" } }]);
    assert.equal(wrong.verdict, "FAIL");
    assert.doesNotMatch(JSON.stringify([gate, wrong]), /TOP-SECRET/);
  });

  for (const [body, said] of [
    ['{"other": 1}', /there is nothing at \$\.id to capture as "id"/],
    ['{"id": ""}', /there is nothing at \$\.id to capture as "id"/],
    ['{"id": null}', /\$\.id is null, but only a text, a number, true or false can be captured/],
    ['{"id": {"a": 1}}', /\$\.id is an object, but only/],
    ["no", /the body is not JSON/],
  ] as const) {
    it(`ends when there is nothing to capture in ${body}`, async () => {
      first = { body };
      const gate = await smoke(await start(), [{ path: "/", capture: { id: "$.id" } }, { path: "/${id}" }]);
      assert.equal(gate.verdict, "FAIL");
      assert.match(gate.details.join(), said);
      assert.equal(seen.length, 1);
    });
  }

  it("follows a captured location on the same service only", async () => {
    for (const [location, asked] of [["/carts/1?x=a%20b", "/carts/1?x=a%20b"], ["/ä b", "/%C3%A4%20b"], ["//other.example/x", null], ["https://other.example/x", null], ["carts/1", null]] as const) {
      seen.splice(0);
      first = { body: "{}", headers: { location: Buffer.from(location).toString("latin1") } };
      if (location.includes("ä")) first = { body: JSON.stringify({ l: location }) };
      const gate = await smoke(await start(), [{ path: "/", capture: { to: location.includes("ä") ? "$.l" : { header: "location" } } }, { path: "${to}" }]);
      assert.equal(seen[1]?.url ?? null, asked);
      assert.equal(gate.verdict, asked === null ? "FAIL" : "PASS", gate.details.join());
      if (asked === null) assert.match(gate.details.join(), /is no path of this service/);
    }
  });

  it("says when a captured value cannot be a header", async () => {
    first = { body: JSON.stringify({ id: "a\r\nx-evil: 1" }) };
    const gate = await smoke(await start(), [{ path: "/", capture: { id: "$.id" } }, { path: "/", headers: { "x-id": "${id}" } }]);
    assert.equal(gate.verdict, "FAIL");
    assert.match(gate.details.join(), /a captured value cannot be sent in the header "x-id"/);
    assert.equal(seen.length, 1);
  });

  it("keeps what is put into a path inside its segment, whatever the value is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "grapheme", minLength: 1 }), fc.string({ unit: "binary", minLength: 1 }), fc.double(), fc.boolean()), (value) => {
        const filled = fillStep(stepOf({ path: "/a/${v}/b?q=${v}" }), "http://h/base", new Map([["v", value]]));
        assert.ok(filled.ok);
        assert.match(filled.request.path, /^\/base\/a\/[!-~]*\/b\?q=[!-~]*$/);
        assert.deepEqual([filled.request.path.split("/").length, filled.request.path.split("?").length], [5, 2]);
        assert.equal(new URLSearchParams(filled.request.path.split("?")[1]).get("q"), String(value).toWellFormed());
      }),
    );
  });
});
