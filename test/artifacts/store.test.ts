import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { unlinkSync } from "node:fs";
import { chmod, lstat, mkdir, readFile, readdir, readlink, rename, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { ArtifactError } from "../../artifacts/artifact-error.js";
import { ArtifactStore } from "../../artifacts/store.js";
import { treeDigest } from "../../artifacts/tree-digest.js";
import { addFiles, codebase, emptyFolder, listing, removeCodebases } from "../support/codebases.js";
import "../support/seed.js";

async function emptyStore(): Promise<ArtifactStore> {
  return new ArtifactStore(join(await emptyFolder("store"), "artifacts"));
}

async function problemOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => assert.fail("not refused"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ArtifactError, String(error));
  return error.message;
}

/** Changes a stored file although it is read-only. */
async function tamper(file: string, text: string): Promise<void> {
  await chmod(file, 0o644);
  await writeFile(file, text);
}

describe("the store of artifacts", () => {
  afterEach(removeCodebases);

  it("gives back what was put in, under the digest of the source", async () => {
    const name = fc.constantFrom("a", "B/c", "B/D/e", "\u{1F600}");
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, fc.uint8Array({ maxLength: 30 }), { minKeys: 1 }), async (files) => {
        const store = await emptyStore();
        const source = await codebase(Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, Buffer.from(bytes)])));
        const digest = await store.put(source);
        assert.equal(digest, await treeDigest(source));
        await store.verify(digest);
        for (const [path, bytes] of Object.entries(files)) assert.deepEqual(await readFile(join(store.path(digest), path)), Buffer.from(bytes));
        assert.deepEqual(await store.list(), [digest]);
        assert.equal(await store.put(store.path(digest)), digest);
      }),
      { numRuns: 30 },
    );
  });

  it("keeps links and executable bits, leaves out empty folders, and makes everything read-only", async () => {
    const store = await emptyStore();
    const source = await codebase({ "bin/run": { executable: "#!/bin/sh" }, "lib/a.js": "1", start: { link: "bin/run" } });
    await mkdir(join(source, "empty"));
    const copy = store.path(await store.put(source));
    assert.deepEqual(await listing(copy), ["bin/", "bin/run", "lib/", "lib/a.js", "start"]);
    assert.equal(await readlink(join(copy, "start")), "bin/run");
    const modes = await Promise.all(["", "bin", "bin/run", "lib/a.js"].map(async (path) => ((await stat(join(copy, path))).mode & 0o7777).toString(8)));
    assert.deepEqual(modes, ["555", "555", "555", "444"]);
  });

  it("does not share files with the source", async () => {
    const store = await emptyStore();
    const source = await codebase({ a: "before" });
    const digest = await store.put(source);
    await addFiles(source, { a: "after" });
    assert.equal(await readFile(join(store.path(digest), "a"), "utf8"), "before");
    assert.equal((await lstat(join(store.path(digest), "a"))).nlink, 1);
  });

  it("is the same for any number of puts at once", async () => {
    const store = await emptyStore();
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`d${index % 5}/f${index}`, `${index}`]));
    const sources = await Promise.all([codebase(files), codebase(files), codebase({ other: "" })]);
    const digests = await Promise.all([...sources, ...sources].map((source) => store.put(source)));
    assert.equal(new Set(digests).size, 2);
    assert.deepEqual(await store.list(), [...new Set(digests)].sort());
    assert.equal((await readdir(store.directory)).length, 2);
    for (const digest of digests) await store.verify(digest);
  });

  it("names what it has stored even when the source changes during the copy", async () => {
    const store = await emptyStore();
    const source = await codebase(Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}`, "0"])));
    let writing = true;
    const writer = (async () => {
      for (let round = 1; writing; round++) await Promise.all(Array.from({ length: 6 }, (_, index) => writeFile(join(source, `f${index * 10}`), String(round))));
    })();
    try {
      for (let round = 0; round < 5; round++) await store.verify(await store.put(source));
    } finally {
      writing = false;
      await writer;
    }
  });

  it("refuses a source whose files vanish during the copy, and leaves nothing behind", async () => {
    const store = await emptyStore();
    const source = await codebase({ a: "1", b: "2", "d/last": "3" });
    // By the time the listing comes to "d/last", it has "a" already.
    const leaveOut = (path: string) => {
      if (path === "d/last") unlinkSync(join(source, "a"));
      return false;
    };
    assert.equal(await problemOf(store.put(source, { leaveOut })), '"a" cannot be read (ENOENT); make it readable or remove it.');
    assert.deepEqual(await readdir(store.directory), []);
  });

  it("finds every kind of tampering, and names what was expected and what was found", async () => {
    const changes: ((copy: string) => Promise<void>)[] = [
      (copy) => tamper(join(copy, "d/a"), "2"),
      (copy) => chmod(join(copy, "d/a"), 0o555),
      (copy) => unlink(join(copy, "d/a")),
      (copy) => rename(join(copy, "d/a"), join(copy, "d/b")),
      (copy) => writeFile(join(copy, "more"), ""),
    ];
    for (const change of changes) {
      const store = await emptyStore();
      const digest = await store.put(await codebase({ "d/a": "1", b: "" }));
      const copy = store.path(digest);
      await Promise.all([copy, join(copy, "d")].map((folder) => chmod(folder, 0o755)));
      await change(copy);
      const found = await treeDigest(copy);
      const message = await problemOf(store.verify(digest));
      assert.ok(message.includes(`Expected is ${digest}, found is ${found}`), message);
      assert.match(await problemOf(store.put(await codebase({ "d/a": "1", b: "" }))), /was changed after it was stored; remove ".*" and make the release again\./);
    }
  });

  it("finds a file that a link out of the artifact has replaced", async () => {
    const store = await emptyStore();
    const digest = await store.put(await codebase({ a: "1" }));
    await chmod(store.path(digest), 0o755);
    await unlink(join(store.path(digest), "a"));
    await addFiles(store.path(digest), { a: { link: "/etc/passwd" } });
    assert.match(await problemOf(store.verify(digest)), /Expected is sha256:[0-9a-f]{64}, found is this: "a" is a symbolic link to "\/etc\/passwd", which leaves the artifact/);
  });

  it("knows what it has, removes it, and says so when it is missing", async () => {
    const store = await emptyStore();
    const digest = `sha256:${"0".repeat(64)}`;
    assert.equal(await store.has(digest), false);
    assert.deepEqual(await store.list(), []);
    await store.remove(digest);
    const stored = await store.put(await codebase({ "d/a": "1" }));
    assert.equal(await store.has(stored), true);
    await store.remove(stored);
    assert.equal(await store.has(stored), false);
    assert.deepEqual(await readdir(store.directory), []);
    assert.match(await problemOf(store.verify(stored)), /^Artifact "sha256:.*" is missing in /);
  });

  it("accepts no path for a digest", () => {
    const store = new ArtifactStore("/nowhere");
    for (const digest of ["sha256:../x", "../x", `sha256:${"A".repeat(64)}`, "0".repeat(64)]) assert.throws(() => store.path(digest), RangeError);
  });

  it("refuses an empty folder, also one with empty folders only", async () => {
    const source = await emptyFolder();
    await mkdir(join(source, "a", "b"), { recursive: true });
    assert.match(await problemOf((await emptyStore()).put(source)), /holds no file; an artifact is a folder with the files that run\.$/);
  });

  it("is not copied into itself", async () => {
    const source = await codebase({ a: "1" });
    const store = new ArtifactStore(join(source, ".mission/artifacts"));
    assert.match(await problemOf(store.put(source)), /holds the store of artifacts/);
    const digest = await store.put(source, { leaveOut: (path) => path === ".mission" });
    assert.deepEqual(await listing(store.path(digest)), ["a"]);
  });

  it("cleans up after puts whose process has died, and only after those", async () => {
    const store = await emptyStore();
    const modules = join(__dirname, "../../artifacts");
    const script = `
      const { ownName } = require(${JSON.stringify(join(modules, "owner.js"))});
      ownName().then((name) => { require("fs").mkdirSync(${JSON.stringify(store.directory)} + "/.temporary-" + name + "/d", { recursive: true, mode: 0o555 }); console.log("made"); });
      process.stdin.resume();`;
    const others = [0, 1].map(() => spawn(process.execPath, ["-e", script], { stdio: ["pipe", "pipe", "inherit"] }));
    try {
      await Promise.all(others.map((other) => once(other.stdout, "data")));
      others[0]?.kill("SIGKILL");
      await once(others[0] as (typeof others)[0], "exit");
      await store.put(await codebase({ a: "" }));
      const left = (await readdir(store.directory)).filter((name) => name.startsWith("."));
      assert.deepEqual(left.map((name) => Number(name.split(".")[2])), [others[1]?.pid]);
    } finally {
      for (const other of others) other.kill("SIGKILL");
    }
  });

  it("reports a store that cannot be written as the system does", async () => {
    const file = join(await codebase({ file: "" }), "file");
    await assert.rejects(new ArtifactStore(join(file, "store")).put(await codebase({ a: "" })), { code: "ENOTDIR" });
  });
});
