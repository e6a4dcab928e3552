import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { readProberOptions } from "../../../runner/prober/options.js";

const url = "http://127.0.0.1:8080";
const mistakesOf = (options: object): string[] => {
  try {
    readProberOptions(options);
    return [];
  } catch (error) {
    assert.ok(error instanceof RangeError);
    return error.message.split("\n");
  }
};

describe("a prober's options", () => {
  it("need nothing but an address", () => {
    const { run, ...rest } = readProberOptions({ url });
    assert.match(run, /^[0-9a-f]{8}$/);
    assert.deepEqual(rest, {
      url,
      requests: [{ method: "GET", path: "/", headers: {}, weight: 1 }],
      rate: 100,
      arrivals: "even",
      mode: "keep-alive",
      connections: 64,
      timeoutMs: 5000,
      startTimeoutMs: 10_000,
    });
  });

  it("name a run of their own each time", () => {
    assert.notEqual(readProberOptions({ url }).run, readProberOptions({ url }).run);
  });

  it("are refused where a request could never be sent, so that no mistake here looks like a failure there", () => {
    const headers = { "x y": "1", good: "1", bad: "a\nb", "X-Request-Id": "1", Connection: "close", expect: "100-continue", upgrade: "h2c" };
    assert.deepEqual(
      mistakesOf({ url, requests: [{ path: "/a b" }, { path: "/ä" }, { path: "/#a" }, { path: "/", headers }] }).map((line) => line.split(":")[0]),
      [
        'Prober option "requests.0.path"',
        'Prober option "requests.1.path"',
        'Prober option "requests.2.path"',
        ...["x y", "bad", "X-Request-Id", "Connection", "expect", "upgrade"].map((name) => `Prober option "requests.3.headers.${name}"`),
      ],
    );
  });

  it("refuse an address of which a part would be passed over", () => {
    for (const part of ["http://me:secret@127.0.0.1", `${url}/?q=1`, `${url}/#a`]) assert.equal(mistakesOf({ url: part }).length, 1, part);
    assert.deepEqual(mistakesOf({ url: `${url}/base/` }), []);
    assert.deepEqual(mistakesOf({ url: "no address" }), ['Prober option "url": allowed is an http or https address.']);
  });

  it("take paths with a query", () => {
    assert.deepEqual(mistakesOf({ url, requests: [{ path: "/stream?seconds=3&interval=100" }, { path: "/a%20b" }] }), []);
  });
});
