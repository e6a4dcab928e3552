import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, link, mkdir, rename, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import * as fc from "fast-check";
import { ArtifactError } from "../../artifacts/artifact-error.js";
import { treeDigest } from "../../artifacts/tree-digest.js";
import type { TreeOptions } from "../../artifacts/scan-tree.js";
import { addFiles, codebase, emptyFolder, removeCodebases, type FileContent } from "../support/codebases.js";
import "../support/seed.js";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Folders are upper case and files lower case, so that no path is both. */
const path = fc
  .tuple(fc.array(fc.constantFrom("A", "B.C", "Ü"), { maxLength: 2 }), fc.constantFrom("a", "b c", "z.js", "\u{1F600}", "\uFF5E", "-"))
  .map(([folders, file]) => [...folders, file].join("/"));
const content: fc.Arbitrary<FileContent> = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ maxLength: 20 }).map((executable) => ({ executable })),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
);
const tree = fc.dictionary(path, content, { minKeys: 1, maxKeys: 6 });

const bytesOf = (file: FileContent) => (typeof file === "object" && "executable" in file ? Buffer.from(file.executable) : Buffer.from(file as string | Buffer));
const isExecutable = (file: FileContent) => typeof file === "object" && "executable" in file;

async function digestOf(files: Record<string, FileContent>): Promise<string> {
  return treeDigest(await codebase(files));
}

async function problemsOf(directory: string, options?: TreeOptions): Promise<readonly string[]> {
  const error: unknown = await treeDigest(directory, options).then(
    () => assert.fail("not refused"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ArtifactError, String(error));
  return error.problems;
}

describe("the digest of a folder", () => {
  afterEach(removeCodebases);

  it("is the hash of one line for each file and link, after a line that names the format", async () => {
    const directory = await codebase({ "b/x": "hello", "a.sh": { executable: "" }, l: { link: "b/x" } });
    const text = `mission-deploy artifact v1\nexecutable 0 ${sha256("")} a.sh\nfile 5 ${sha256("hello")} b/x\nsymlink 3 ${sha256("b/x")} l\n`;
    assert.equal(await treeDigest(directory), `sha256:${sha256(text)}`);
  });

  it("orders paths by their bytes, which is neither the order of UTF-16 nor that of folders", async () => {
    const directory = await codebase({ "\u{1F600}": "", "\uFF5E": "", "a/b": "", "a-b": "" });
    const lines = ["a-b", "a/b", "\uFF5E", "\u{1F600}"].map((name) => `file 0 ${sha256("")} ${name}\n`);
    assert.equal(await treeDigest(directory), `sha256:${sha256(`mission-deploy artifact v1\n${lines.join("")}`)}`);
  });

  it("is the same for the same files, whatever their order, times, other permissions, links to the same file and empty folders", async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.date({ min: new Date(0), max: new Date(2e12), noInvalidDate: true }), async (files, time) => {
        const first = await codebase(files);
        const second = await codebase(Object.fromEntries(Object.entries(files).reverse()));
        const expected = await treeDigest(first);
        for (const [name, file] of Object.entries(files)) {
          await utimes(join(second, name), time, time);
          await chmod(join(second, name), isExecutable(file) ? 0o700 : 0o604);
        }
        await mkdir(join(second, "EMPTY", "EMPTY"), { recursive: true });
        assert.equal(await treeDigest(second), expected);
      }),
      { numRuns: 40 },
    );
  });

  it("is another one after any change of contents, name or executable bit, and after a file more or less", async () => {
    const change = fc.constantFrom("contents", "name", "executable", "more", "less");
    await fc.assert(
      fc.asyncProperty(tree, fc.nat(), change, async (files, pick, kind) => {
        const directory = await codebase(files);
        const before = await treeDigest(directory);
        const [name, file] = Object.entries(files)[pick % Object.keys(files).length] as [string, FileContent];
        const place = join(directory, name);
        if (kind === "contents") await writeFile(place, Buffer.concat([bytesOf(file), Buffer.from("!")]));
        else if (kind === "name") await rename(place, `${place}.new`);
        else if (kind === "executable") await chmod(place, isExecutable(file) ? 0o644 : 0o755);
        else if (kind === "more") await addFiles(directory, { "NEW/file": "" });
        else await rename(place, join(await emptyFolder(), "elsewhere"));
        assert.notEqual(await treeDigest(directory), before);
      }),
      { numRuns: 60 },
    );
  });

  it("tells a link from a file with its text, and contents from names", async () => {
    const digests = await Promise.all([digestOf({ a: "b", b: "" }), digestOf({ a: { link: "b" }, b: "" }), digestOf({ ab: "", b: "" }), digestOf({ a: "", b: "b" })]);
    assert.equal(new Set(digests).size, digests.length);
  });

  it("covers large files to their last byte", async () => {
    const large = Buffer.alloc(3 * 1024 * 1024 + 7, 1);
    const before = await digestOf({ large });
    large[large.length - 1] = 2;
    assert.notEqual(await digestOf({ large }), before);
    assert.equal(await digestOf({ large }), `sha256:${sha256(`mission-deploy artifact v1\nfile ${large.length} ${createHash("sha256").update(large).digest("hex")} large\n`)}`);
  });

  it("takes a hard link for the file that it is", async () => {
    const directory = await codebase({ a: "x" });
    await link(join(directory, "a"), join(directory, "b"));
    assert.equal(await treeDigest(directory), await digestOf({ a: "x", b: "x" }));
  });

  it("leaves out what it is told to, folders with all that is in them", async () => {
    const directory = await codebase({ "a.js": "1", ".git/HEAD": "ref", "x/.git": "kept", bad: { link: "/etc/passwd" } });
    const leaveOut = (name: string, isFolder: boolean) => (name === ".git" && isFolder) || name === "bad";
    assert.equal(await treeDigest(directory, { leaveOut }), await digestOf({ "a.js": "1", "x/.git": "kept" }));
  });

  describe("is refused", () => {
    it("for links that leave the folder, lead nowhere or in a circle; all are named at once", async () => {
      const problems = await problemsOf(
        await codebase({
          absolute: { link: "/etc/passwd" },
          "d/above": { link: "../../x" },
          "d/around": { link: "../d/../../x" },
          dangling: { link: "nothing" },
          "e/up": { link: ".." },
          "through-a-link": { link: "e/up/../../x" },
          "to-a-bad-link": { link: "absolute" },
          circle: { link: "circle" },
          "below-a-file": { link: "plain/x" },
          "to-an-empty-folder": { link: "d/none" },
          plain: "",
        }),
      );
      const expected = ["absolute", "below-a-file", "circle", "d/above", "d/around", "dangling", "through-a-link", "to-a-bad-link", "to-an-empty-folder"];
      assert.deepEqual(
        problems.map((problem) => /^"(.*?)"/.exec(problem)?.[1]),
        expected,
      );
      assert.match(problems[0] ?? "", /^"absolute" is a symbolic link to "\/etc\/passwd", which leaves the artifact; allowed are links to files and folders inside it\./);
      assert.match(problems[2] ?? "", /leads in a circle/);
      assert.match(problems[5] ?? "", /leads to nothing in the artifact/);
    });

    it("for a link into what is left out", async () => {
      const directory = await codebase({ ".git/HEAD": "ref", head: { link: ".git/HEAD" } });
      assert.equal((await problemsOf(directory, { leaveOut: (name) => name === ".git" })).length, 1);
    });

    it("not for links inside the folder, also to folders and through other links", async () => {
      await treeDigest(
        await codebase({ "d/f": "", here: { link: "." }, folder: { link: "d/" }, "d/up": { link: "../d/../d/f" }, through: { link: "folder/f" }, back: { link: "here/here/folder/../d/f" }, "d/root": { link: ".." } }),
      );
    });

    it("for sockets, named pipes and devices", async function () {
      const directory = await codebase({ ok: "" });
      execFileSync("mkfifo", [join(directory, "pipe")]);
      const isRoot = process.getuid?.() === 0;
      if (isRoot) execFileSync("mknod", [join(directory, "null"), "c", "1", "3"]);
      const server = createServer().listen(join(directory, "socket"));
      await new Promise((resolve) => server.once("listening", resolve));
      const problems = await problemsOf(directory);
      await new Promise((resolve) => server.close(resolve));
      assert.deepEqual(problems, [
        ...(isRoot ? ['"null" is a device; allowed are files, folders and symbolic links. Remove it.'] : []),
        '"pipe" is a named pipe; allowed are files, folders and symbolic links. Remove it.',
        '"socket" is a socket; allowed are files, folders and symbolic links. Remove it.',
      ]);
    });

    it("for names with line breaks or bytes that are no UTF-8", async () => {
      const directory = await codebase({ "a\nfile 0 x b": "", "c\rd": "" });
      await writeFile(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0x61, 0xff])]), "");
      const problems = await problemsOf(directory);
      assert.equal(problems.length, 2);
      assert.match(problems[0] ?? "", /^"a\\nfile 0 x b" has a line break in its name/);
    });

    it("for files and folders that cannot be read; all are named at once", async () => {
      const directory = await codebase({ "file-1": "", "file-2": "", "closed/x": "", open: "" });
      await Promise.all(["file-1", "file-2", "closed"].map((name) => chmod(join(directory, name), 0)));
      await chmod(directory, 0o755);
      const sentence = (name: string) => `"${name}" cannot be read (EACCES); make it readable or remove it.`;
      await withoutRoot(async () => {
        assert.deepEqual(await problemsOf(directory), ["closed", "file-1", "file-2"].map(sentence));
      });
      await chmod(join(directory, "closed"), 0o755);
      await withoutRoot(async () => {
        assert.deepEqual(await problemsOf(directory), ["file-1", "file-2"].map(sentence));
      });
    });

    it("for more files or bytes than the limit", async () => {
      const directory = await codebase({ a: "12345", b: "12345", c: { link: "a" } });
      await treeDigest(directory, { limits: { files: 3, bytes: 10 } });
      assert.match((await problemsOf(directory, { limits: { files: 2, bytes: 10 } }))[0] ?? "", /holds more than 2 files, the largest number allowed/);
      assert.match((await problemsOf(directory, { limits: { files: 3, bytes: 9 } }))[0] ?? "", /holds more than 9 bytes, the largest artifact allowed/);
    });

    it("for what is no folder", async () => {
      const directory = await codebase({ file: "" });
      assert.match((await problemsOf(join(directory, "file")))[0] ?? "", /is not a folder/);
      assert.match((await problemsOf(join(directory, "nothing")))[0] ?? "", /is not a folder/);
    });
  });
});

/** Root may read everything, so what others may not is tried as nobody. */
async function withoutRoot(work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}
