import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";
import { startScratchDatabase } from "../../../sandbox/client.js";
import { allProcesses, eventually } from "../../support/process-table.js";

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows as unknown[];
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Its server and its guard, by the folder that both name in their arguments, and that folder. */
async function partsOf(url: string): Promise<{ readonly server: number; readonly guard: number; readonly folder: string }> {
  const port = new URL(url).port;
  const server = allProcesses().find(({ command }) => command.includes(`port=${port}`) && command.includes("mission-scratch-"));
  assert.ok(server);
  const folder = /-D (\S+)\/data/.exec(server.command)?.[1] ?? "";
  const guard = allProcesses().find(({ command }) => command.endsWith(`scratch-guard.js ${folder}`));
  assert.ok(guard);
  return { server: server.pid, guard: guard.pid, folder };
}

const runs = (pid: number) => allProcesses().some((each) => each.pid === pid);

describe("A scratch database", function () {
  this.timeout(60_000);

  it("is an empty PostgreSQL of its own with the role that an environment gives, and is gone when it is stopped", async () => {
    const [one, two] = await Promise.all([startScratchDatabase(), startScratchDatabase()]);
    try {
      assert.notEqual(one.url, two.url);
      await query(one.url, "CREATE TABLE words AS SELECT 'one' AS word");
      assert.deepEqual(await query(two.url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"), []);
      assert.deepEqual(await query(one.url, "SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user"), [{ rolname: "app", rolsuper: false }]);
      const { server, guard, folder } = await partsOf(one.url);
      for (const pid of [server, guard]) assert.ok(!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(new URL(one.url).password));
      await Promise.all([one.stop(), one.stop()]);
      assert.deepEqual([runs(server), runs(guard), existsSync(folder)], [false, false, false]);
      assert.deepEqual(await query(two.url, "SELECT 1 AS still"), [{ still: 1 }]);
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
  });

  it("ends with the process that started it, also when that is killed", async () => {
    const client = join(__dirname, "..", "..", "..", "sandbox", "client.js");
    const owner = spawn(process.execPath, ["-e", `require(${JSON.stringify(client)}).startScratchDatabase().then(({ url }) => { console.log(url); setInterval(() => undefined, 1000); })`], { stdio: ["ignore", "pipe", "inherit"] });
    const [url] = await new Promise<[string]>((resolve) => createInterface({ input: owner.stdout }).once("line", (line) => resolve([line])));
    const { server, guard, folder } = await partsOf(url);
    assert.deepEqual(await query(url, "SELECT 1 AS one"), [{ one: 1 }]);
    owner.kill("SIGKILL");
    await eventually("server, guard and folder are gone", () => !runs(server) && !runs(guard) && !existsSync(folder));
  });

  it("does not keep a program from ending that forgot to stop it", async () => {
    const client = join(__dirname, "..", "..", "..", "sandbox", "client.js");
    const owner = spawn(process.execPath, ["-e", `require(${JSON.stringify(client)}).startScratchDatabase().then(({ url }) => console.log(url))`], { stdio: ["ignore", "pipe", "inherit"] });
    let url = "";
    owner.stdout.setEncoding("utf8").on("data", (text: string) => (url += text));
    const code = await new Promise((resolve) => owner.once("close", resolve));
    assert.equal(code, 0);
    await eventually("the server is gone", () => !allProcesses().some(({ command }) => command.includes(`port=${new URL(url.trim()).port}`) && command.includes("mission-scratch-")));
  });

  it("is stopped and removed also when its guard was killed", async () => {
    const scratch = await startScratchDatabase();
    const { server, guard, folder } = await partsOf(scratch.url);
    process.kill(guard, "SIGKILL");
    await eventually("the guard is dead", () => !runs(guard));
    await scratch.stop();
    assert.deepEqual([runs(server), existsSync(folder)], [false, false]);
  });
});
