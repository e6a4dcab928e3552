import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, readFile, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { treeDigest } from "../../artifacts/tree-digest.js";
import { emptyFolder, listing, projectRoot, removeCodebases } from "../support/codebases.js";

const run = promisify(execFile);
/** What was built or installed in the original before must not matter to a copy. */
const NOT_COPIED = new Set(["build", "node_modules"]);

/** The example on its own, as somebody finds it who copies the folder. */
describe("the shop's codebase", function () {
  this.timeout(120_000);
  afterEach(removeCodebases);

  const copyOfShop = async (): Promise<string> => {
    const root = projectRoot();
    const folder = await emptyFolder("shop");
    await cp(join(root, "examples/shop"), folder, { recursive: true, filter: (path) => !NOT_COPIED.has(basename(path)) });
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    return folder;
  };
  const npm = async (folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    run("npm", args, { cwd: folder, env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env } });
  const built = async (env: Readonly<Record<string, string>>): Promise<string> => {
    const folder = await copyOfShop();
    await npm(folder, ["run", "build"], env);
    return join(folder, "build");
  };
  const infoOf = async (output: string): Promise<unknown> => JSON.parse(await readFile(join(output, "build-info.json"), "utf8"));

  it("passes its own tests", async () => {
    const { stdout } = await npm(await copyOfShop(), ["test"]);
    assert.match(stdout, /^(#|ℹ) pass [1-9]\d*$/m);
    assert.match(stdout, /^(#|ℹ) fail 0$/m);
  });

  it("is built to the same bytes in two places, and says the version it was built as", async () => {
    const env = { MISSION_VERSION: "2.3.4", MISSION_COMMIT: "0123abc" };
    const [one, two] = [await built(env), await built(env)];
    assert.equal(await treeDigest(one), await treeDigest(two));
    assert.deepEqual(await listing(one), await listing(two));
    assert.deepEqual(await infoOf(one), { version: "2.3.4", commit: "0123abc", fault: null });
  });

  it("differs in nothing but its build information from another version, a bad one included", async () => {
    const [good, bad] = [await built({ MISSION_VERSION: "1.0.0" }), await built({ MISSION_VERSION: "1.1.0-bad-errors" })];
    assert.deepEqual(await infoOf(bad), { version: "1.1.0-bad-errors", commit: null, fault: "bad-errors" });
    assert.notEqual(await treeDigest(good), await treeDigest(bad));
    assert.deepEqual(await readFile(join(good, "server.mjs")), await readFile(join(bad, "server.mjs")));
    assert.deepEqual(await listing(good), await listing(bad));
  });

  it("is not built as something that is no version", async () => {
    const folder = await copyOfShop();
    await assert.rejects(npm(folder, ["run", "build"], { MISSION_VERSION: "latest" }), /"latest" is not a version; allowed is/);
    assert.ok(!(await listing(folder)).includes("build/"));
  });
});
