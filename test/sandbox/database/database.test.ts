import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import pg from "pg";
import { stopSandbox } from "../../../sandbox/client.js";
import { storeApp } from "../support/app.js";
import { kill, TestSandbox, until } from "../support/test-sandbox.js";

/** Runs one statement on a connection of its own. */
async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows as Record<string, unknown>[];
  } finally {
    await client.end().catch(() => undefined);
  }
}

describe("The database of a sandbox", function () {
  this.timeout(60_000);
  let sandbox: TestSandbox;
  beforeEach(() => (sandbox = new TestSandbox()));
  afterEach(() => sandbox.remove());

  it("serves clients at the same time, survives the supervisor with their connections, and comes back after a stop", async () => {
    const client = await sandbox.client();
    const { database } = await client.putDatabase({ port: null });
    assert.deepEqual([database?.ready, typeof database?.pid], [true, "number"]);
    const { url } = await client.databaseAccess();
    const [one, two] = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })];
    for (const each of [one, two]) each.on("error", () => undefined);
    await Promise.all([one.connect(), two.connect()]);
    await one.query("CREATE TABLE words (word text)");
    await Promise.all([one.query("INSERT INTO words VALUES ('a')"), two.query("INSERT INTO words VALUES ('b')")]);

    await sandbox.killSupervisor();
    await one.query("INSERT INTO words VALUES ('c')");
    await sandbox.client();
    assert.equal((await until("it is ready", async () => (await sandbox.state()).database?.ready ? sandbox.state() : undefined)).database?.pid, database?.pid);
    assert.equal((await two.query("SELECT count(*)::int AS count FROM words")).rows[0].count, 3);
    await Promise.all([one.end(), two.end()]);

    await stopSandbox(sandbox.directory, { traffic: true });
    await assert.rejects(query(url, "SELECT 1"));
    assert.deepEqual(sandbox.processes(), []);
    assert.match(sandbox.read("logs", "postgres.log"), /database system is shut down/);
    await sandbox.client();
    await until("it is ready again", async () => (await sandbox.state()).database?.ready);
    assert.deepEqual(await query(url, "SELECT word FROM words ORDER BY word"), [{ word: "a" }, { word: "b" }, { word: "c" }]);
  });

  it("is started again when it is killed, and has what was committed", async () => {
    const client = await sandbox.client();
    await client.putDatabase({ port: null });
    const { url } = await client.databaseAccess();
    await query(url, "CREATE TABLE words AS SELECT 'kept' AS word");
    const before = (await sandbox.state()).database?.pid ?? 0;
    await kill(before);
    await until("another server is ready", async () => {
      const { database } = await sandbox.state();
      return database?.ready === true && database.pid !== before;
    }, 40_000);
    assert.deepEqual(await query(url, "SELECT word FROM words"), [{ word: "kept" }]);
  });

  it("keeps its passwords out of arguments, states and logs, and its files to its owner", async () => {
    const client = await sandbox.client();
    await client.putDatabase({ port: null });
    const { url } = await client.databaseAccess();
    const { password } = new URL(url);
    assert.match(password, /^[0-9a-f]{48}$/);
    await assert.rejects(query(url.replace(password, "wrong"), "SELECT 1"), /password authentication failed/);
    for (const { pid } of sandbox.processes()) assert.ok(!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(password));
    assert.ok(!JSON.stringify(await sandbox.state()).includes(password));
    for (const name of ["state.json", "processes.json", "secrets.json", "logs/supervisor.log", "logs/postgres.log"]) assert.ok(!sandbox.read(name).includes(password), name);
    assert.equal(statSync(sandbox.file("postgres")).mode & 0o777, 0o700);
    assert.ok(!readdirSync(sandbox.directory).some((name) => name.includes(".new")));
  });

  it("gives its application a role that is no superuser and may make a scratch database", async () => {
    const client = await sandbox.client();
    await client.putDatabase({ port: null });
    const { url } = await client.databaseAccess();
    assert.deepEqual(await query(url, "SELECT rolname, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"), [{ rolname: "app", rolsuper: false, rolcreatedb: true }]);
    await query(url, "CREATE DATABASE scratch");
    await query(url, "DROP DATABASE scratch");
    const settings = await query(url, "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'listen_addresses', 'max_connections', 'server_encoding') ORDER BY name");
    assert.deepEqual(settings.map(({ name, setting }) => [name, setting]), [["fsync", "on"], ["listen_addresses", "127.0.0.1"], ["max_connections", "100"], ["server_encoding", "UTF8"]]);
  });

  it("is the DATABASE_URL of the slots that ask for it, and cannot be removed while they do", async () => {
    const digest = await storeApp(sandbox.artifacts);
    const client = await sandbox.client();
    await assert.rejects(client.putSlot("web", "blue", await sandbox.request("1.0.0", { digest, database: true })), { code: "database", message: /needs a database and the sandbox has none/ });
    await client.putDatabase({ port: null });
    assert.equal((await sandbox.put("blue", "1.0.0", { digest, database: true })).phase, "ready");
    const [instance] = (await sandbox.service()).slots.blue.processes;
    const { DATABASE_URL: url } = (await (await fetch(`http://127.0.0.1:${instance?.port}/environment`)).json()) as Record<string, string>;
    assert.equal(url, (await client.databaseAccess()).url);
    await assert.rejects(client.deleteDatabase(), { code: "database", message: /is used by "web" blue/ });
    await client.deleteSlot("web", "blue");
    await client.deleteDatabase();
    assert.equal((await sandbox.state()).database, null);
    assert.equal(existsSync(sandbox.file("postgres")), false);
    await client.deleteDatabase();
  });

  it("comes back before the slots that need it", async () => {
    const client = await sandbox.client();
    await client.putDatabase({ port: null });
    await sandbox.put("blue", "1.0.0", { database: true });
    await stopSandbox(sandbox.directory, { traffic: true });
    await sandbox.client();
    await until("the slot is ready", async () => (await sandbox.service()).slots.blue.processes.some(({ ready }) => ready));
    assert.equal((await sandbox.state()).database?.ready, true);
  });

  it("is one server when the supervisor dies before it has recorded it", async () => {
    process.env["MISSION_FAILPOINT"] = "database-spawned";
    try {
      const client = await sandbox.client();
      await client.putDatabase({ port: null }).catch(() => undefined);
    } finally {
      delete process.env["MISSION_FAILPOINT"];
    }
    const client = await sandbox.client();
    const { database } = await client.putDatabase({ port: null });
    assert.equal(database?.ready, true);
    const servers = sandbox.processes().filter(({ role, leader }) => role === "database" && leader);
    assert.deepEqual(servers.map(({ pid }) => pid), [database?.pid]);
  });

  it("keeps its port, and refuses another and one that is in use", async () => {
    const client = await sandbox.client();
    const { database } = await client.putDatabase({ port: null });
    assert.equal((await client.putDatabase({ port: null })).database?.port, database?.port);
    await assert.rejects(client.putDatabase({ port: (database?.port ?? 0) + 1 }), { code: "port" });
    const { port } = JSON.parse(sandbox.read("supervisor.json")) as { port: number };
    const other = new TestSandbox();
    try {
      await assert.rejects((await other.client()).putDatabase({ port }), { code: "port", message: /is in use on 127\.0\.0\.1/ });
      assert.equal((await other.state()).database, null);
    } finally {
      await other.remove();
    }
  });
});
