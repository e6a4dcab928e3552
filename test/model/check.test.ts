import assert from "node:assert/strict";
import { applicationSchema } from "../../model/application.js";
import { diagnose } from "../../model/diagnostic.js";

function mistakes(checks: unknown, service: object = {}): string[] {
  const input = { name: "app", services: { web: { command: "x", ...service } }, checks };
  const parsed = applicationSchema.safeParse(input);
  return parsed.success ? [] : diagnose(parsed.error, input).map(({ path, message }) => `"${path}" ${message}`);
}

const flow = (...steps: object[]) => ({ flows: [{ name: "f", steps }] });

describe("checks in mission.yaml", () => {
  it("refuse a name that no earlier step captures, wherever it is used", () => {
    assert.deepEqual(
      mistakes(
        flow(
          { path: "/${a}", capture: { a: "$.id" } },
          { method: "POST", path: "/${a}", headers: { x: "${b}" }, json: { list: ["${a}", "${c}"] }, expect: { body: ["${a}", "${d}"], headers: { y: "${e}" }, json: { "$.x": { z: "${f}" } } } },
          { path: "/", body: "${}${g h}" },
        ),
      ),
      [
        '"checks.flows[0].steps[0].path" uses "a", which no earlier step captures; no earlier step captures anything.',
        '"checks.flows[0].steps[1].headers.x" uses "b", which no earlier step captures; earlier steps capture "a".',
        '"checks.flows[0].steps[1].json.list[1]" uses "c", which no earlier step captures; earlier steps capture "a".',
        '"checks.flows[0].steps[1].expect.headers.y" uses "e", which no earlier step captures; earlier steps capture "a".',
        '"checks.flows[0].steps[1].expect.body[1]" uses "d", which no earlier step captures; earlier steps capture "a".',
        '"checks.flows[0].steps[1].expect.json.$.x.z" uses "f", which no earlier step captures; earlier steps capture "a".',
        '"checks.flows[0].steps[2].body" uses "", which no earlier step captures; earlier steps capture "a".',
        '"checks.flows[0].steps[2].body" uses "g h", which no earlier step captures; earlier steps capture "a".',
      ],
    );
  });

  it("take a path that begins with a captured location", () => assert.deepEqual(mistakes(flow({ path: "/", capture: { l: { header: "location" } } }, { path: "${l}/items" })), []));

  it("tell a mistake inside a step at its own place", () => {
    assert.deepEqual(mistakes(flow({ path: "x", method: "GETS", expect: { json: { "$.[": 1, id: 2 } }, capture: { id: "$[?]" } })), [
      '"checks.flows[0].steps[0].method" is "GETS"; allowed is "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE".',
      '"checks.flows[0].steps[0].path" is "x"; allowed is a path that begins with / or with ${name}, in printable ASCII without spaces.',
      '"checks.flows[0].steps[0].expect.json.$.[" is not an allowed name; allowed is a JSONPath (RFC 9535), such as $.items[0].id or $.items[?@.id == \'a\'].price.',
      '"checks.flows[0].steps[0].expect.json.id" is not an allowed name; allowed is a JSONPath (RFC 9535) that begins with $, such as $.items[0].id.',
      '"checks.flows[0].steps[0].capture.id" is "$[?]"; allowed is a JSONPath (RFC 9535), such as $.items[0].id or $.items[?@.id == \'a\'].price.',
    ]);
  });

  for (const [name, step, said] of [
    ["two bodies", { method: "POST", path: "/", json: 1, body: "1" }, /steps\[0\]\.body" stands beside json/],
    ["looking at the body of a HEAD request", { method: "HEAD", path: "/", expect: { body: "a" } }, /steps\[0\]\.method" is "HEAD", whose answer has no body/],
    ["a header of the connection", { path: "/", headers: { "Content-Length": "3" } }, /headers\.Content-Length" is a header that the client sets itself/],
    ["a header of two lines", { path: "/", headers: { a: "b\nc" } }, /headers\.a" has characters that no header can carry/],
    ["a header that is not Latin-1", { path: "/", headers: { a: "→" } }, /headers\.a" has characters that no header can carry/],
  ] as const) {
    it(`refuse ${name}`, () => assert.match(mistakes(flow(step)).join(), said));
  }

  it("refuse a form that is none of the two", () => {
    assert.match(mistakes({ smoke: [{ name: "a" }] }).join(), /smoke\[0\]" is .*allowed is \{name, steps: \[\.\.\.\]\} or \{name, command\}/);
    assert.match(mistakes({ smoke: [{ name: "a", command: "x", steps: [{ path: "/" }] }] }).join(), /allowed is \{name, steps: \[\.\.\.\]\} or \{name, command\}/);
  });

  it("refuse an integration whose address needs a variable that no service names", () => {
    const checks = { integrations: [{ name: "mail", tcp: "${MAIL_HOST}:25" }, { name: "pay", http: "https://${PAY_HOST}/" }] };
    assert.deepEqual(mistakes(checks, { variables: { MAIL_HOST: {} } }), ['"checks.integrations[1].http" uses "PAY_HOST", which is a variable of no service; name it under a service\'s variables.']);
  });
});
