import assert from "node:assert/strict";
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { commitOf } from "../../../runner/release/commit.js";
import { UserError } from "../../../runner/errors.js";
import { addFiles, codebase, emptyFolder, removeCodebases } from "../../support/codebases.js";
import { git, gitRepository } from "../../support/git.js";

describe("the commit of a codebase", () => {
  afterEach(removeCodebases);

  it("is the full hash, also from a folder below the repository's", async () => {
    const repository = await codebase({ a: "1", "service/b": "2" });
    const commit = gitRepository(repository);
    assert.match(commit, /^[0-9a-f]{40}$/);
    assert.equal(await commitOf(repository), commit);
    assert.equal(await commitOf(join(repository, "service")), commit);
  });

  it("is dirty when something below the codebase is changed, removed, staged or new, and not for what is ignored or elsewhere", async () => {
    const repository = await codebase({ ".gitignore": "out\n", "service/b": "2", other: "3" });
    const commit = gitRepository(repository);
    const service = join(repository, "service");
    await addFiles(repository, { other: "changed", "new-elsewhere": "", "service/out/x": "" });
    assert.equal(await commitOf(service), commit);
    assert.equal(await commitOf(repository), `${commit}-dirty`);
    await addFiles(service, { b: "changed" });
    assert.equal(await commitOf(service), `${commit}-dirty`);
    git(repository, "add", "service");
    assert.equal(await commitOf(service), `${commit}-dirty`);
    git(repository, "reset", "--hard", "--quiet");
    await addFiles(service, { new: "" });
    git(repository, "config", "status.showUntrackedFiles", "no");
    assert.equal(await commitOf(service), `${commit}-dirty`);
    await unlink(join(service, "new"));
    await unlink(join(service, "b"));
    assert.equal(await commitOf(service), `${commit}-dirty`);
  });

  it("is null without a repository, without a commit, and for a codebase that the repository ignores", async () => {
    assert.equal(await commitOf(await emptyFolder()), null);
    const unborn = await codebase({ a: "" });
    git(unborn, "init", "--quiet");
    assert.equal(await commitOf(unborn), null);
    const repository = await codebase({ ".gitignore": "ignored\n", "ignored/a": "" });
    gitRepository(repository);
    assert.equal(await commitOf(join(repository, "ignored")), null);
  });

  it("is null when git is not installed", async () => {
    const repository = await codebase({ a: "" });
    gitRepository(repository);
    const path = process.env["PATH"];
    process.env["PATH"] = await emptyFolder();
    try {
      assert.equal(await commitOf(repository), null);
    } finally {
      process.env["PATH"] = path;
    }
  });

  it("is of the codebase's repository, whatever repository a git hook has put into the environment", async () => {
    const repository = await codebase({ a: "1" });
    const commit = gitRepository(repository);
    const other = await codebase({ b: "2" });
    gitRepository(other);
    process.env["GIT_DIR"] = join(other, ".git");
    try {
      assert.equal(await commitOf(repository), commit);
    } finally {
      delete process.env["GIT_DIR"];
    }
  });

  it("is refused in git's words when git will not read the repository, and never taken for none", async () => {
    const repository = await codebase({ a: "1" });
    gitRepository(repository);
    await addFiles(repository, { ".git/config": "[core\n" });
    const error: unknown = await commitOf(repository).catch((reason: unknown) => reason);
    assert.ok(error instanceof UserError);
    assert.equal(error.exitCode, 3);
    assert.match(error.message, /^The commit of ".*" cannot be read; git says: fatal: bad config/);
  });
});
