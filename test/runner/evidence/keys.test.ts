import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash, createPublicKey } from "node:crypto";
import { chmod, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { UserError } from "../../../runner/errors.js";
import { developmentKey } from "../../../runner/evidence/keys.js";
import { emptyFolder, removeCodebases } from "../../support/codebases.js";

describe("the development key", () => {
  afterEach(removeCodebases);

  it("is made on first use for its owner only, and is the same from then on", async () => {
    const directory = join(await emptyFolder("keys"), "keys");
    const first = await developmentKey(directory);
    assert.deepEqual((await readdir(directory)).sort(), ["development.pem", "development.pub.pem"]);
    assert.equal((await stat(join(directory, "development.pem"))).mode & 0o777, 0o600);
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
    assert.equal((await developmentKey(directory)).keyId, first.keyId);
    const der = createPublicKey(await readFile(join(directory, "development.pem"))).export({ type: "spki", format: "der" });
    assert.equal(first.keyId, createHash("sha256").update(der).digest("hex"));
  });

  it("is one for several processes that make it at once", async () => {
    const home = await emptyFolder("home");
    const script = `require(${JSON.stringify(join(__dirname, "../../../runner/evidence/keys.js"))}).developmentKey().then((key) => console.log(key.keyId))`;
    const run = async () => (await promisify(execFile)(process.execPath, ["-e", script], { env: { ...process.env, MISSION_HOME: home } })).stdout.trim();
    const ids = [...(await Promise.all([run(), run(), run(), run()])), (await developmentKey(join(home, "keys"))).keyId];
    assert.equal(new Set(ids).size, 1);
    assert.match(ids[0] ?? "", /^[0-9a-f]{64}$/);
    assert.deepEqual((await readdir(join(home, "keys"))).sort(), ["development.pem", "development.pub.pem"]);
  });

  it("is one for many callers in one process", async () => {
    const directory = await emptyFolder("keys");
    const keys = await Promise.all(Array.from({ length: 20 }, () => developmentKey(directory)));
    assert.equal(new Set(keys.map(({ keyId }) => keyId)).size, 1);
  });

  it("is refused, and never shown, when others may read it or it is no such key", async () => {
    const directory = await emptyFolder("keys");
    const file = join(directory, "development.pem");
    const refused = async (pattern: RegExp) => {
      const secret = await readFile(file, "utf8");
      await assert.rejects(developmentKey(directory), (error) => error instanceof UserError && error.exitCode === 3 && pattern.test(error.message) && !error.message.includes(secret.slice(30, 60)));
    };
    await developmentKey(directory);
    await chmod(file, 0o644);
    await refused(/mode 0644.*allowed is 0600/);
    await writeFile(file, "something else that is long enough to be a secret of its own");
    await chmod(file, 0o600);
    await refused(/no Ed25519 private key/);
  });

  it("does not put its private half where it can be printed", async () => {
    const key = await developmentKey(await emptyFolder("keys"));
    assert.deepEqual(Object.keys(key).sort(), ["keyId", "publicKey", "sign"]);
    assert.equal(key.publicKey.type, "public");
  });
});
