import assert from "node:assert/strict";
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { runChecks } from "../../../runner/checks/run-checks.js";
import { readApplication } from "../../../runner/release/read-application.js";
import { emptyFolder, projectRoot, removeCodebases } from "../../support/codebases.js";
import { closedPort, closeServers, optionsFor } from "./misbehaving.js";

const SHOP = join(projectRoot(), "examples", "shop");
const KEY = "key-of-the-test";

describe("the shop's own checks", function () {
  this.timeout(60_000);
  const running: ChildProcess[] = [];
  afterEach(async () => {
    await Promise.all(
      running.splice(0).map(async (child) => {
        child.kill("SIGKILL");
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      }),
    );
    await closeServers();
    await removeCodebases();
  });

  /** Builds a version, runs it and gives its address. */
  async function shop(version: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const folder = join(await emptyFolder("shop"), "build");
    await promisify(execFile)(process.execPath, [join(SHOP, "scripts", "build.mjs"), folder], { env: { PATH: process.env["PATH"], MISSION_VERSION: version } });
    const child = spawn(process.execPath, ["server.mjs"], { cwd: folder, env: { PORT: "0", PAYMENT_KEY: KEY, DATABASE_URL: "memory:", ...env }, stdio: ["ignore", "ignore", "pipe"] });
    running.push(child);
    let said = "";
    return new Promise((resolve, reject) => {
      child.once("exit", () => reject(new Error(`The shop ended: ${said}`)));
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        const port = /"listening".*"port":(\d+)/.exec((said += text))?.[1];
        if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
      });
    });
  }

  async function checks(url: string) {
    const { application, diagnostics } = await readApplication(SHOP);
    if (application === null) throw new Error(JSON.stringify(diagnostics));
    return runChecks(optionsFor(application, url, { databaseUrl: `postgres://app:${KEY}@127.0.0.1:${await closedPort()}/app` }));
  }

  it("pass on a good version, with a flow through cart and order", async () => {
    const [smoke, flows, integrations] = await checks(await shop("1.2.0"));
    assert.deepEqual([smoke?.gate, smoke?.verdict, smoke?.measured["checks"]], ["smoke-tests", "PASS", 3], smoke?.details.join("\n"));
    assert.deepEqual([flows?.gate, flows?.verdict, flows?.measured["checks"]], ["user-flows", "PASS", 1], flows?.details.join("\n"));
    // This shop keeps everything in memory, and no database runs for the test.
    assert.deepEqual([integrations?.gate, integrations?.verdict], ["integrations-reachable", "FAIL"]);
  });

  it("fail on 1.2.0-bad-errors, whose health stays green", async () => {
    const gates = await checks(await shop("1.2.0-bad-errors", { FAULT_RATE: "1" }));
    const lines = gates.flatMap(({ details }) => details).map((line) => line.replace(/\d+ ms/, "N ms"));
    assert.deepEqual(gates.slice(0, 2).map(({ verdict }) => verdict), ["FAIL", "FAIL"]);
    assert.ok(lines.includes('"products": FAIL, N ms; GET /products: answered 500, expected 200 to 299.'), lines.join("\n"));
    assert.ok(lines.includes('"health": PASS, N ms.'));
    assert.ok(lines.includes('"buying": FAIL, N ms; step 1 of 6, GET /products: answered 500, expected 200 to 299.'));
    assert.doesNotMatch(JSON.stringify(gates), new RegExp(KEY));
  });

  it("fail on a version that never becomes ready", async () => {
    const [smoke] = await checks(await shop("1.2.0-never-ready"));
    assert.match(smoke?.summary ?? "", /^1 of 3 smoke tests failed: "health"\./);
  });
});
