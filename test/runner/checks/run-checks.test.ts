import assert from "node:assert/strict";
import fc from "fast-check";
import { allPass, type Verdict } from "../../../model/verdict.js";
import type { CheckResult } from "../../../runner/checks/check-result.js";
import { gateOf } from "../../../runner/checks/gate.js";
import { runChecks } from "../../../runner/checks/run-checks.js";
import { applicationSchema } from "../../../model/application.js";
import { closeServers, http, optionsFor, withChecks } from "./misbehaving.js";
import "../../support/seed.js";

/** A service that answers `/<status>` with that status. */
const statuses = () => http((request, response) => void response.writeHead(Number(request.url?.slice(1)) || 200).end());
const test = (name: string, path: string) => ({ name, steps: [{ path }] });

describe("the checks of an application", () => {
  afterEach(closeServers);

  it("make a gate for each kind that is declared, in order, with a line for each check", async () => {
    const application = withChecks({ smoke: [test("a", "/200"), test("b", "/500"), test("c", "/404")], flows: [test("f", "/200")], integrations: [{ name: "i", database: true }] });
    const gates = await runChecks(optionsFor(application, await statuses()));
    assert.deepEqual(gates.map(({ gate, verdict }) => [gate, verdict]), [["smoke-tests", "FAIL"], ["user-flows", "PASS"], ["integrations-reachable", "ERROR"]]);
    const [smoke, flows, integrations] = gates;
    assert.match(smoke?.summary ?? "", /^2 of 3 smoke tests failed: "b", "c"\. Mend the service, or the test under checks\.smoke/);
    assert.deepEqual(smoke?.details.map((line) => line.replace(/\d+ ms/, "N ms")), ['"a": PASS, N ms.', '"b": FAIL, N ms; GET /500: answered 500, expected 200 to 299.', '"c": FAIL, N ms; GET /404: answered 404, expected 200 to 299.']);
    const { checks, passed, failed, errors } = smoke?.measured ?? {};
    assert.deepEqual([checks, passed, failed, errors], [3, 1, 2, 0]);
    assert.match(flows?.summary ?? "", /^The critical user flow passed, in \d+ ms\.$/);
    assert.match(integrations?.summary ?? "", /^The integration could not be asked: "i"\./);
  });

  it("leave out what is not declared, but never smoke tests", async () => {
    assert.deepEqual((await runChecks(optionsFor(withChecks({}), await statuses()))).map(({ gate }) => gate), ["smoke-tests"]);
  });

  for (const [readiness, status, verdict] of [
    [{ http: "/ready" }, 204, "PASS"],
    [{ http: "/ready" }, 302, "PASS"],
    [{ http: "/ready" }, 404, "FAIL"],
    [undefined, 404, "PASS"],
    [undefined, 302, "PASS"],
    [undefined, 500, "FAIL"],
  ] as const) {
    it(`without smoke tests are ${verdict} when ${readiness === undefined ? "/" : "the readiness path"} answers ${status}`, async () => {
      const url = await http((request, response) => void response.writeHead(request.url === (readiness?.http ?? "/") ? status : 418).end());
      const [gate] = await runChecks(optionsFor(withChecks({}, readiness === undefined ? {} : { readiness }), url));
      assert.equal(gate?.verdict, verdict, gate?.details.join());
    });
  }

  it("go to the service that they name, and are an error where its address is not known", async () => {
    const [web, api] = [await http((_, response) => void response.end("web")), await http((_, response) => void response.end("api"))];
    const application = applicationSchema.parse({
      name: "app",
      services: { web: { command: "x" }, api: { command: "x" } },
      checks: { smoke: [{ name: "w", steps: [{ path: "/", expect: { body: "web" } }] }, { name: "a", service: "api", steps: [{ path: "/", expect: { body: "api" } }] }] },
    });
    const all = optionsFor(application, web);
    assert.equal((await runChecks({ ...all, urls: { web, api } }))[0]?.verdict, "PASS");
    const [gate] = await runChecks({ ...all, urls: { web } });
    assert.equal(gate?.verdict, "ERROR");
    assert.match(gate?.details.join() ?? "", /no address of the service "api" is known/);
  });

  it("send flows at the same time, and the steps of each one after the other", async () => {
    const waiting = new Set<() => void>();
    // Answers only once the first steps of all three flows are there together.
    const url = await http((request, response) => {
      if (request.url !== "/meet") return void response.end();
      waiting.add(() => response.end());
      if (waiting.size === 3) for (const go of waiting) go();
    });
    const flows = [1, 2, 3].map((n) => ({ name: `flow ${n}`, steps: [{ path: "/meet" }, { path: "/after" }] }));
    const gates = await runChecks(optionsFor(withChecks({ flows }), url));
    assert.deepEqual(gates.map(({ verdict }) => verdict), ["PASS", "PASS"]);
  });

  it("use a new connection for each request", async () => {
    const ports = new Set<number | undefined>();
    const url = await http((request, response) => void (ports.add(request.socket.remotePort), response.end()));
    await runChecks(optionsFor(withChecks({ smoke: [{ name: "a", steps: [{ path: "/" }, { path: "/" }, { path: "/" }] }] }), url));
    assert.equal(ports.size, 3);
  });

  it("never turn from a no into a yes when one is added, and are a no when it fails", async () => {
    const url = await statuses();
    const kind = fc.constantFrom("smoke" as const, "flows" as const);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(kind, fc.constantFrom(200, 204, 302, 404, 500)), { maxLength: 6 }), kind, fc.constantFrom(200, 404, 503), fc.nat(6), async (some, addedKind, addedStatus, at) => {
        const checksOf = (list: readonly (readonly [string, number])[]) => {
          const of = (wanted: string) => list.filter(([name]) => name === wanted).map(([, status], index) => test(`${wanted} ${index}`, `/${status}`));
          // At least one smoke test each time: the first one that is declared takes the default's place.
          return withChecks({ smoke: [test("always", "/200"), ...of("smoke")], flows: of("flows") });
        };
        const before = allPass(await runChecks(optionsFor(checksOf(some), url)));
        const after = allPass(await runChecks(optionsFor(checksOf([...some.slice(0, at), [addedKind, addedStatus], ...some.slice(at)]), url)));
        assert.equal(before, some.every(([, status]) => status < 300));
        assert.equal(after, before && addedStatus === 200);
      }),
      { numRuns: 40 },
    );
  });
});

describe("the gate of some checks", () => {
  const result = (verdict: CheckResult["verdict"]): CheckResult => ({ name: "c", verdict, said: "said", milliseconds: 1, output: [] });
  const verdicts = fc.array(fc.constantFrom<CheckResult["verdict"]>("PASS", "FAIL", "ERROR"), { maxLength: 10 });

  it("passes only when there is one and each passes; a check that fails makes it FAIL wherever it stands", () => {
    fc.assert(
      fc.property(verdicts, fc.nat(10), (list, at) => {
        const gate = (all: readonly CheckResult["verdict"][]): Verdict => gateOf("smoke-tests", all.map(result), 1).verdict;
        assert.equal(gate(list) === "PASS", list.length > 0 && list.every((each) => each === "PASS"));
        assert.equal(gate([...list.slice(0, at), "FAIL", ...list.slice(at)]), "FAIL");
      }),
    );
  });

  it("counts every check once and has a line for each", () => {
    fc.assert(
      fc.property(verdicts, (list) => {
        const { measured, details, summary } = gateOf("user-flows", list.map(result), 5);
        assert.equal(Number(measured["passed"]) + Number(measured["failed"]) + Number(measured["errors"]), list.length);
        assert.equal(details.length, list.length);
        assert.match(summary, /^[A-Z0-9].*\.$/);
      }),
    );
  });
});
