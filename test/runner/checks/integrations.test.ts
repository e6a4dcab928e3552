import assert from "node:assert/strict";
import { environmentVariables } from "../../../runner/checks/variables.js";
import { runChecks, type ChecksOptions } from "../../../runner/checks/run-checks.js";
import { TestSandbox } from "../../sandbox/support/test-sandbox.js";
import { codebase, removeCodebases } from "../../support/codebases.js";
import { closedPort, closeServers, http, optionsFor, raw, withChecks } from "./misbehaving.js";

async function look(integration: object, more: Partial<ChecksOptions> = {}, variables: readonly string[] = []) {
  const service = { variables: Object.fromEntries(variables.map((name) => [name, {}])) };
  const gates = await runChecks(optionsFor(withChecks({ smoke: [{ name: "s", command: "true" }], integrations: [{ name: "i", ...integration }] }, service), "http://127.0.0.1:1", { codebase: await codebase({}), tries: { limitMs: 5_000, pauseMs: 20 }, ...more }));
  const gate = gates.find((each) => each.gate === "integrations-reachable");
  if (gate === undefined) throw new Error("There is no gate.");
  return gate;
}

describe("an integration", () => {
  afterEach(async () => {
    await closeServers();
    await removeCodebases();
  });

  for (const [status, verdict] of [[200, "PASS"], [302, "PASS"], [404, "FAIL"], [503, "FAIL"]] as const) {
    it(`over HTTP that answers ${status} is ${verdict}`, async () => {
      const url = await http((_, response) => void response.writeHead(status, { location: "/elsewhere" }).end());
      const gate = await look({ http: `${url}/status?key=abc` });
      assert.equal(gate.verdict, verdict);
      if (verdict === "FAIL") assert.match(gate.details.join(), new RegExp(`${url}/status: answered ${status}, expected 200 to 399, tried twice`));
    });
  }

  it("is asked where the environment's variables say, and no login or query is shown", async () => {
    let asked = "";
    const url = await http((request, response) => void ((asked = `${request.headers.authorization} ${request.url}`), response.writeHead(500).end()));
    const gate = await look({ http: "http://someone:${WORD}@${PLACE}/a?key=${WORD}#b" }, { variables: { WORD: "hush:1", PLACE: new URL(url).host } }, ["WORD", "PLACE"]);
    assert.equal(asked, `Basic ${Buffer.from("someone:hush:1").toString("base64")} /a?key=hush:1`);
    assert.match(gate.details.join(), /http:\/\/\$\{PLACE\}\/a: answered 500/);
    assert.doesNotMatch(JSON.stringify(gate), /hush|someone|key=/);
  });

  it("is an error when a variable has no value or the address is none", async () => {
    const missing = await look({ tcp: "${HOST_A}:${PORT_A}" }, { variables: { HOST_A: "x" } }, ["HOST_A", "PORT_A"]);
    assert.equal(missing.verdict, "ERROR");
    assert.match(missing.details.join(), /"PORT_A" has no value in this environment, .*set it under mission:variables/);
    for (const [integration, said] of [[{ tcp: "nowhere" }, /no host:port/], [{ tcp: "h:0" }, /no host:port/], [{ http: "ftp://h/" }, /begins with http/], [{ http: "//" }, /begins with http/]] as const) {
      const gate = await look(integration);
      assert.equal(gate.verdict, "ERROR");
      assert.match(gate.details.join(), said);
    }
  });

  it("over TCP passes when a connection is accepted and fails when none is", async () => {
    const open = new URL(await raw(() => undefined));
    assert.equal((await look({ tcp: "${H}" }, { variables: { H: open.host } }, ["H"])).verdict, "PASS");
    const gate = await look({ tcp: `127.0.0.1:${await closedPort()}` });
    assert.equal(gate.verdict, "FAIL");
    assert.match(gate.details.join(), /127\.0\.0\.1:\d+: no connection was accepted, tried twice/);
  });

  it("that answers only at the second try passes, and the details tell it", async () => {
    let asked = 0;
    const url = await http((request, response) => void ((asked += 1) === 1 ? request.socket.resetAndDestroy() : response.end()));
    const gate = await look({ http: url });
    assert.equal(gate.verdict, "PASS");
    assert.equal(asked, 2);
    assert.match(gate.details.join(), /"i": PASS, \d+ ms; answered at the second try; the first one: .*the connection was closed before an answer began/);
  });

  it("that accepts and never answers fails within its time limit, twice", async () => {
    const gate = await look({ http: await raw(() => undefined) }, { tries: { limitMs: 200, pauseMs: 20 } });
    assert.equal(gate.verdict, "FAIL");
    assert.match(gate.details.join(), /no answer came within 200ms, tried twice/);
  });

  it("by a command sees the environment's variables and no address", async () => {
    assert.equal((await look({ command: '[ "$WORD" = here ] && [ -z "$MISSION_URL" ]' }, { variables: { WORD: "here" } })).verdict, "PASS");
    const gate = await look({ command: "echo no answer from the bank; exit 1" });
    assert.equal(gate.verdict, "FAIL");
    assert.match(gate.details.join("\n"), /ended with exit code 1.*\n"i" printed: no answer from the bank/);
    assert.equal((await look({ command: "true" }, { codebase: null })).verdict, "ERROR");
  });

  it("stops at once when the checks are interrupted", async () => {
    const stop = new AbortController();
    const running = look({ http: await raw((socket) => void socket.once("data", () => stop.abort())) }, { signal: stop.signal });
    await assert.rejects(running, /interrupted/);
  });

  describe("that is the database", () => {
    it("is an error when no database is known or its address is not understood", async () => {
      assert.equal((await look({ database: true })).verdict, "ERROR");
      const gate = await look({ database: true }, { databaseUrl: "postgres://user:hush@:port/" });
      assert.deepEqual([gate.verdict, /hush/.test(JSON.stringify(gate))], ["ERROR", false]);
    });

    it("fails when nothing listens, when it hangs up and when it never answers", async () => {
      for (const [port, limitMs, said] of [
        [await closedPort(), 5_000, /no connection was accepted/],
        [new URL(await raw((socket) => void socket.once("data", () => socket.end()))).port, 5_000, /the database closed the connection/],
        [new URL(await raw(() => undefined)).port, 200, /the database did not answer within 200ms/],
      ] as const) {
        const gate = await look({ database: true }, { databaseUrl: `postgres://user:hush@127.0.0.1:${port}/app`, tries: { limitMs, pauseMs: 20 } });
        assert.equal(gate.verdict, "FAIL");
        assert.match(gate.details.join(), said);
        assert.doesNotMatch(JSON.stringify(gate), /hush/);
      }
    });

    it("passes on a real PostgreSQL, and fails with the wrong password or database", async function () {
      this.timeout(120_000);
      const sandbox = new TestSandbox();
      try {
        const client = await sandbox.client();
        await client.putDatabase({ port: null });
        const { url } = await client.databaseAccess();
        const passing = await look({ database: true }, { databaseUrl: url });
        assert.equal(passing.verdict, "PASS", passing.details.join());
        const wrong = new URL(url);
        wrong.password = "hush";
        assert.match((await look({ database: true }, { databaseUrl: wrong.href })).details.join(), /it refuses the login/);
        const absent = new URL(url);
        absent.pathname = "/absent";
        assert.match((await look({ database: true }, { databaseUrl: absent.href })).details.join(), /it has no database of that name/);
      } finally {
        await sandbox.remove();
      }
    });
  });
});

describe("the variables of an environment", () => {
  it("are what it sets, else the default where services agree on one", () => {
    const services = { web: { variables: { A: "web", B: "same", C: null, D: "d" } }, api: { variables: { A: "api", B: "same", D: null, E: "e" } } };
    assert.deepEqual(environmentVariables(services, { E: "set" }), { B: "same", E: "set" });
    assert.deepEqual(environmentVariables(services, { A: "one", C: "" }), { A: "one", B: "same", C: "", E: "e" });
  });
});
