import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { maskOf } from "../../../sandbox/supervisor/mask.js";
import { sandboxPaths } from "../../../sandbox/supervisor/paths.js";
import { SecretVault } from "../../../sandbox/supervisor/secret-vault.js";

describe("A vault of secrets", () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "mission-vault-"))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("gives a later supervisor what was kept, and shows it to nobody who has only the file", async () => {
    const paths = sandboxPaths(directory);
    const vault = SecretVault.open(paths);
    await Promise.all([vault.set("web/blue/1", { TOKEN: "canary-1" }), vault.set("web/green/2", { TOKEN: "canary-2" })]);
    const text = readFileSync(paths.secrets, "utf8");
    assert.ok(!text.includes("canary") && !text.includes(Buffer.from("canary-1").toString("base64").slice(0, 8)));
    for (const file of [paths.secrets, paths.key]) assert.equal(statSync(file).mode & 0o777, 0o600);
    const later = SecretVault.open(paths);
    assert.deepEqual([later.get("web/blue/1"), later.get("web/green/2"), later.get("none"), later.get("toString")], [{ TOKEN: "canary-1" }, { TOKEN: "canary-2" }, undefined, undefined]);
    await later.retain((name) => name === "web/green/2");
    assert.deepEqual([SecretVault.open(paths).get("web/blue/1"), SecretVault.open(paths).get("web/green/2")], [undefined, { TOKEN: "canary-2" }]);
  });

  it("takes an entry of another name, of another key or an edited one for lost", async () => {
    const paths = sandboxPaths(directory);
    const vault = SecretVault.open(paths);
    await vault.set("a", { TOKEN: "canary" });
    const file = JSON.parse(readFileSync(paths.secrets, "utf8")) as { entries: Record<string, string> };
    const sealed = file.entries["a"] ?? "";
    const edited = `${sealed.slice(0, 20)}${sealed[20] === "A" ? "B" : "A"}${sealed.slice(21)}`;
    writeFileSync(paths.secrets, JSON.stringify({ ...file, entries: { a: sealed, b: sealed, c: edited } }));
    const later = SecretVault.open(paths);
    assert.deepEqual([later.get("a"), later.get("b"), later.get("c")], [{ TOKEN: "canary" }, undefined, undefined]);
    writeFileSync(paths.key, "0".repeat(64));
    assert.equal(SecretVault.open(paths).get("a"), undefined);
  });

  it("that is torn is not taken for an empty one", async () => {
    const paths = sandboxPaths(directory);
    await SecretVault.open(paths).set("a", { TOKEN: "canary" });
    writeFileSync(paths.secrets, readFileSync(paths.secrets, "utf8").slice(0, 30));
    assert.throws(() => SecretVault.open(paths), /is not understood \(torn or edited\)/);
  });
});

describe("A mask", () => {
  it("hides secrets as they stand, in JSON, in addresses and line by line", () => {
    const mask = maskOf(["pa ss\"word", "-----BEGIN-----\nabcdef\nxy\n-----END-----", ""]);
    assert.equal(mask('a pa ss"word b'), "a [secret] b");
    assert.equal(mask(JSON.stringify({ p: 'pa ss"word' })), '{"p":"[secret]"}');
    assert.equal(mask(`https://x/?p=${encodeURIComponent('pa ss"word')}`), "https://x/?p=[secret]");
    assert.equal(mask("line abcdef of a key, xy is too short to be one"), "line [secret] of a key, xy is too short to be one");
    assert.equal(mask("nothing"), "nothing");
  });

  it("hides the longer of two secrets that begin alike", () => {
    assert.equal(maskOf(["abc", "abcdef"])("abcdef abc"), "[secret] [secret]");
  });
});
