import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ENV, client, spawnShop } from "./helpers.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const run = promisify(execFile);

const folder = async (t) => {
  const path = await mkdtemp(join(tmpdir(), "shop-test-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
};
const build = (output, env = {}, from = root) =>
  run(process.execPath, [join(from, "scripts/build.mjs"), output], { env: { PATH: process.env.PATH, ...env } });
const filesOf = async (path) => {
  const names = (await readdir(path, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return Object.fromEntries(await Promise.all(names.map(async ({ parentPath, name }) => {
    const file = join(parentPath, name);
    return [file.slice(path.length), await readFile(file, "utf8")];
  })));
};

describe("the process", { concurrency: true }, () => {
  it("exits with 78 and one sentence when the payment key is missing", async (t) => {
    const shop = spawnShop(t, { env: { ...ENV, PAYMENT_KEY: "" } });
    assert.equal(await shop.exited, 78);
    assert.equal(shop.output.stderr, '"PAYMENT_KEY" is missing; set it to the secret that signs order receipts.\n');
  });

  it("finishes the requests in flight after SIGTERM, takes no new ones, and exits with 0", async (t) => {
    const shop = spawnShop(t, { env: ENV });
    const url = await shop.listening;
    const { get } = client(url);
    const stream = await get("/stream?seconds=0.5&interval=100", { "x-request-id": "in-flight" });
    shop.child.kill("SIGTERM");
    assert.match(await stream.text(), /tick 5 of 5\nend\n$/);
    assert.equal(await shop.exited, 0);
    await assert.rejects(get("/livez"));
    assert.match(shop.output.stdout, /"id":"in-flight".*"status":200/);
  });

  it("keeps selling when whoever reads its log is gone", async (t) => {
    const shop = spawnShop(t, { env: ENV });
    const { get } = client(await shop.listening);
    shop.child.stdout.destroy();
    for (let n = 0; n < 3; n += 1) assert.equal((await get("/products", { "x-request-id": `r-${n}` })).status, 200);
    assert.equal(shop.child.exitCode, null);
  });

  it("is alive, but not ready, without its database", async (t) => {
    const shop = spawnShop(t, { env: { ...ENV, DATABASE_URL: "postgres://u:canary-password@127.0.0.1:1/none" } });
    const { get } = client(await shop.listening);
    assert.equal((await get("/livez")).status, 200);
    assert.equal((await get("/healthz")).status, 503);
    assert.equal((await get("/products")).status, 503);
    shop.child.kill("SIGTERM");
    assert.equal(await shop.exited, 0);
    assert.doesNotMatch(shop.output.stdout + shop.output.stderr, /canary-password|test-key/);
  });
});

describe("the build", { concurrency: true }, () => {
  it("leaves the same bytes for the same sources and version, wherever they and their packages lie", async (t) => {
    const path = await folder(t);
    const elsewhere = join(path, "elsewhere/deeper");
    await cp(join(root, "src"), join(elsewhere, "src"), { recursive: true });
    await cp(join(root, "scripts"), join(elsewhere, "scripts"), { recursive: true });
    await cp(join(root, "package.json"), join(elsewhere, "package.json"));
    await mkdir(join(elsewhere, "node_modules"));
    for (const name of ["pg", "esbuild"]) {
      await symlink(dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`))), join(elsewhere, "node_modules", name));
    }
    const env = { MISSION_VERSION: "3.1.0", MISSION_COMMIT: "abc1234" };
    await Promise.all([build(join(path, "one"), env), build(join(path, "two"), env, elsewhere)]);
    const one = await filesOf(join(path, "one"));
    assert.deepEqual(await filesOf(join(path, "two")), one);
    assert.deepEqual(JSON.parse(one["/build-info.json"]), { version: "3.1.0", commit: "abc1234", fault: null });
  });

  it("runs on its own, as the version that was built", async (t) => {
    const path = await folder(t);
    await build(join(path, "build"), { MISSION_VERSION: "9.9.9" });
    const shop = spawnShop(t, { env: ENV, script: join(path, "build/server.mjs") });
    const { get } = client(await shop.listening);
    assert.equal((await (await get("/version")).json()).version, "9.9.9");
    assert.match(await (await get("/")).text(), /<svg.*version 9\.9\.9/s);
  });

  it("of a version that exits or crashes does so", async (t) => {
    const path = await folder(t);
    await Promise.all(["exits-at-start", "crash-loop"].map((fault) => build(join(path, fault), { MISSION_VERSION: `1.2.0-${fault}` })));
    const exits = spawnShop(t, { env: ENV, script: join(path, "exits-at-start/server.mjs") });
    const crashes = spawnShop(t, { env: ENV, script: join(path, "crash-loop/server.mjs") });
    assert.equal(await exits.exited, 1);
    assert.equal((await client(await crashes.listening).get("/healthz")).status, 200);
    assert.equal(await crashes.exited, 1);
  });

  it("refuses a version that is none", async (t) => {
    await assert.rejects(build(join(await folder(t), "build"), { MISSION_VERSION: "latest" }), { stderr: /"latest" is not a version/ });
  });
});
