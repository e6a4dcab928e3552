import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ArtifactStore } from "../../../artifacts/store.js";
import { releaseSchema } from "../../../model/release.js";
import { UserError } from "../../../runner/errors.js";
import { buildRelease, type BuildReleaseOptions } from "../../../runner/release/build-release.js";
import { codebase, emptyFolder, listing, removeCodebases, type FileContent } from "../../support/codebases.js";
import { gitRepository } from "../../support/git.js";

async function store(): Promise<ArtifactStore> {
  return new ArtifactStore(join(await emptyFolder("store"), "artifacts"));
}

async function build(directory: string, options: Partial<BuildReleaseOptions> = {}) {
  const used = options.store ?? (await store());
  let output = "";
  const release = await buildRelease({ codebase: directory, version: "1.0.0", store: used, onOutput: (text) => void (output += text), ...options });
  return { release, output, store: used };
}

async function refusal(directory: string, options: Partial<BuildReleaseOptions> = {}): Promise<UserError> {
  const error: unknown = await build(directory, options).then(
    () => assert.fail("not refused"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof UserError, String(error instanceof Error ? error.stack : error));
  return error;
}

/** A mission.yaml with a build and one service for each folder. */
function mission(buildCommand: string | null, folders: Readonly<Record<string, string>> = { web: "dist" }): Record<string, FileContent> {
  const services = Object.fromEntries(Object.entries(folders).map(([name, artifact]) => [name, { artifact, command: ["node", "server.js"] }]));
  return { "mission.yaml": JSON.stringify({ name: "shop", build: buildCommand, services }) };
}

describe("building a release", () => {
  afterEach(removeCodebases);

  it("runs the build, stores what it made, and says all that does not depend on the environment", async () => {
    const text = `
name: shop
build: mkdir -p dist && cp src.js dist/server.js && echo built
services:
  web:
    artifact: dist
    command: [node, server.js]
    readiness: {http: /ready}
    variables: {LEVEL: info, REGION: {}}
    secrets: [KEY]
    database: true
`;
    const directory = await codebase({ "mission.yaml": text, "src.js": "code" });
    const { release, output, store } = await build(directory);
    const digest = release.services["web"]?.digest ?? "";
    assert.deepEqual(release, {
      application: "shop",
      version: "1.0.0",
      commit: null,
        migrations: null,
      services: {
        web: {
          digest,
          command: ["node", "server.js"],
          readiness: { http: "/ready", interval: "1s", timeout: "5s", successes: 2, failures: 3 },
          liveness: null,
          variables: { LEVEL: "info", REGION: null },
          secrets: ["KEY"],
          database: true,
        },
      },
    });
    assert.deepEqual(releaseSchema.parse(release), release);
    assert.equal(output, "built\n");
    await store.verify(digest);
    assert.equal(await readFile(join(store.path(digest), "server.js"), "utf8"), "code");
  });

  it("gives the same digest for the same contents, and another one for other contents", async () => {
    const make = "rm -rf dist; mkdir dist; cat src > dist/out";
    const [one, two, three] = [await codebase({ ...mission(make), src: "1" }), await codebase({ ...mission(make), src: "1" }), await codebase({ ...mission(make), src: "2" })];
    const digests = await Promise.all([one, two, three].map(async (directory) => (await build(directory)).release.services["web"]?.digest));
    assert.equal(digests[0], digests[1]);
    assert.notEqual(digests[0], digests[2]);
  });

  it("stores a folder that two services share once, also under two names of it", async () => {
    const directory = await codebase({ ...mission(null, { web: "dist", api: "./dist/", worker: "work" }), "dist/a": "1", "work/a": "2" });
    const { release, store } = await build(directory);
    assert.equal(release.services["web"]?.digest, release.services["api"]?.digest);
    assert.equal((await store.list()).length, 2);
  });

  describe("of the codebase itself", () => {
    it("leaves out .git, .mission and what .missionignore names, and keeps node_modules", async () => {
      const directory = await codebase({
        ...mission(null, { web: "." }),
        ".missionignore": "# what does not run\ncoverage\n/docs/drafts\n\nlogs/\n",
        ".mission/state": "",
        ".env.example": "",
        "node_modules/a/index.js": "",
        "node_modules/a/coverage/x": "",
        "coverage/x": "",
        "docs/drafts/x": "",
        "docs/final": "",
        "more/docs/drafts/x": "",
        "more/logs": "a file",
        "logs/x": "",
      });
      gitRepository(directory);
      const { release, store } = await build(directory);
      const files = (await listing(store.path(release.services["web"]?.digest ?? ""))).filter((path) => !path.endsWith("/"));
      assert.deepEqual(files, [".env.example", ".missionignore", "docs/final", "mission.yaml", "more/docs/drafts/x", "more/logs", "node_modules/a/index.js"]);
    });

    it("refuses lines of .missionignore that it does not understand, before the build", async () => {
      const directory = await codebase({ ...mission("touch built", { web: "." }), ".missionignore": "*.log\n!a\ndocs/../x\n//\nok\n" });
      const error = await refusal(directory);
      assert.equal(error.exitCode, 2);
      assert.deepEqual(error.diagnostics.map(({ path }) => path), [1, 2, 3, 4].map((line) => `.missionignore:${line}`));
      assert.equal(error.diagnostics[0]?.message, 'is "*.log"; allowed is a name such as coverage, or a path below the codebase such as /docs/drafts, without wildcards and exceptions.');
      assert.ok(!(await readdir(directory)).includes("built"));
    });

    it("does not apply that to a folder below it", async () => {
      const directory = await codebase({ ...mission(null), ".missionignore": "coverage", "dist/coverage/x": "" });
      const { release, store } = await build(directory);
      assert.deepEqual(await listing(store.path(release.services["web"]?.digest ?? "")), ["coverage/", "coverage/x"]);
    });
  });

  describe("gives the build", () => {
    it("version and commit, and keeps from it what belongs to the runner", async () => {
      const directory = await codebase({ ...mission('mkdir dist && env > dist/env && ls -l /dev/fd/0 > dist/input && test -z "$(cat)"'), ".gitignore": "dist" });
      const commit = gitRepository(directory);
      const planted = { PULUMI_CONFIG_PASSPHRASE: "canary-1", MISSION_SIGNING_KEY: "canary-2", AWS_SECRET_ACCESS_KEY: "canary-3", NETLIFY_AUTH_TOKEN: "canary-4", KUBECONFIG: "canary-5", GIT_DIR: "/canary-6", SEEN_BY_THE_BUILD: "yes" };
      const before = { ...process.env };
      Object.assign(process.env, planted);
      try {
        const { release, store } = await build(directory, { version: "2.0.0-rc.1" });
        assert.equal(release.commit, commit);
        const environment = await readFile(join(store.path(release.services["web"]?.digest ?? ""), "env"), "utf8");
        assert.ok(environment.includes("MISSION_VERSION=2.0.0-rc.1\n"));
        assert.ok(environment.includes(`MISSION_COMMIT=${commit}\n`));
        assert.ok(environment.includes("SEEN_BY_THE_BUILD=yes\n"));
        assert.ok(!environment.includes("canary"), environment);
      } finally {
        for (const name of Object.keys(planted)) delete process.env[name];
        Object.assign(process.env, before);
      }
    });
  });

  describe("is refused", () => {
    it("for all mistakes at once: of mission.yaml, the version and .missionignore", async () => {
      const directory = await codebase({ "mission.yaml": "name: A\nservices: {web: {command: x, artifact: /tmp}}", ".missionignore": "*" });
      const error = await refusal(directory, { version: "not a version" });
      assert.equal(error.exitCode, 2);
      assert.deepEqual(error.diagnostics.map(({ path }) => path), ["mission.yaml:name", "--version", ".missionignore:1"]);
      assert.match(error.message, /^".*" cannot be released:\n {2}"mission.yaml:name" is "A"; allowed are .*\n {2}"--version" is "not a version"; allowed are 1 to 80 letters/);
    });

    it("without a version, naming --version", async () => {
      const error = await refusal(await codebase({ ...mission(null), "dist/a": "" }), { version: undefined });
      assert.deepEqual(error.diagnostics, [{ path: "--version", message: "is missing, and there is no package.json; give the release a version, such as --version 1.0.0." }]);
      const unversioned = await refusal(await codebase({ ...mission(null), "package.json": "{}", "dist/a": "" }), { version: undefined });
      assert.match(unversioned.message, /"--version" is missing, and package.json names no version;/);
    });

    it("naming a broken package.json once", async () => {
      const error = await refusal(await codebase({ "package.json": "{" }), { version: undefined });
      assert.equal(error.diagnostics.length, 1);
    });

    it("for a folder that is not there", async () => {
      const error = await refusal("/nowhere/at/all");
      assert.deepEqual(error.diagnostics, [{ path: "/nowhere/at/all", message: "is not a folder; name the folder of a codebase." }]);
    });

    it("when the build fails, with its command, exit code and last lines", async () => {
      const directory = await codebase(mission("for i in $(seq 1 50); do echo line $i; done; echo wrong >&2; exit 3"));
      let seen = "";
      const error = await refusal(directory, { onOutput: (text) => void (seen += text) });
      assert.equal(error.exitCode, 4);
      assert.match(error.message, /^The build "for i in .*" of ".*" failed with exit code 3\. Its last lines:\n/);
      assert.ok(error.message.endsWith(`${Array.from({ length: 19 }, (_, index) => `line ${index + 32}\n`).join("")}wrong`), error.message);
      assert.ok(seen.includes("line 1\n"));
      assert.match((await refusal(await codebase(mission("kill -9 $$")))).message, /failed with signal SIGKILL\. It wrote nothing\.$/);
    });

    it("when the build leaves no artifact, an empty one, or one that may not be stored; all services at once", async () => {
      const folders = { none: "none", empty: "empty", file: "file", away: "away", bad: "bad", ok: "ok" };
      const directory = await codebase(mission("mkdir -p empty/deep bad ok; touch file ok/a; ln -s /tmp away; ln -s /etc/passwd bad/link; ln -s .. bad/up", folders));
      const error = await refusal(directory);
      assert.equal(error.exitCode, 4);
      const found = error.diagnostics.map(({ path, message }) => `${path} ${message.replaceAll(directory, "").replace(/ after the build ".*?";/, " after the build;")}`);
      assert.deepEqual(found, [
        'services.none.artifact is "none", which does not exist after the build; correct the path or the build.',
        'services.empty.artifact is "empty", which cannot be stored: "/empty" holds no file; an artifact is a folder with the files that run.',
        'services.file.artifact is "file", which is no folder after the build; correct the path or the build.',
        'services.away.artifact is "away", which leads outside the project after the build; correct the path or the build.',
        'services.bad.artifact is "bad", which cannot be stored: "link" is a symbolic link to "/etc/passwd", which leaves the artifact; allowed are links to files and folders inside it. Copy what it points to, or remove it.',
        'services.bad.artifact is "bad", which cannot be stored: "up" is a symbolic link to "..", which leaves the artifact; allowed are links to files and folders inside it. Copy what it points to, or remove it.',
      ]);
    });

    it("as a mistake of the configuration when there is no build that could have made the artifact", async () => {
      const error = await refusal(await codebase(mission(null)));
      assert.equal(error.exitCode, 2);
      assert.match(error.message, /"services.web.artifact" is "dist", which does not exist; correct the path or the build\./);
    });

    it("when somebody commits a change of the codebase during the build, but not one of another folder", async () => {
      const committing = (path: string) => `mkdir -p dist; echo x > dist/a; echo x > ${path}; git add ${path}; git -c user.name=a -c user.email=a@b.invalid commit -q -m more`;
      const repository = await codebase({ ".gitignore": "dist", "other/a": "", "here/mission.yaml": mission(committing("src"))["mission.yaml"] ?? "", "there/mission.yaml": mission(committing("../other/b"))["mission.yaml"] ?? "" });
      const commit = gitRepository(repository);
      assert.equal((await build(join(repository, "there"))).release.commit, commit);
      const error = await refusal(join(repository, "here"));
      assert.equal(error.exitCode, 4);
      assert.match(error.message, /was at commit [0-9a-f]{40} before the build, and another one has changed it meanwhile/);
    });

    it("while another run builds the same codebase, also by another name of its folder; and goes on after it", async () => {
      const directory = await codebase(mission("mkdir -p dist; echo x > dist/a; echo started; while [ ! -e go ]; do sleep 0.05; done"));
      const used = await store();
      let second: Promise<UserError> | undefined;
      const onOutput = () => (second ??= refusal(join(directory, ".", "/"), { store: used }).finally(() => writeFile(join(directory, "go"), "")));
      await build(directory, { store: used, onOutput: () => void onOutput() });
      const error = await (second ?? assert.fail("the build wrote nothing"));
      assert.equal(error.exitCode, 7);
      assert.match(error.message, new RegExp(`is being released by another run: process ${process.pid} holds the lock`));
      await build(directory, { store: used });
      assert.deepEqual(await readdir(join(used.directory, ".locks")), []);
    });

    it("when the store cannot be written", async () => {
      const file = join(await codebase({ file: "" }), "file");
      const error = await refusal(await codebase({ ...mission(null), "dist/a": "" }), { store: new ArtifactStore(join(file, "store")) });
      assert.equal(error.exitCode, 3);
      assert.match(error.message, /^The store of artifacts ".*" cannot be written: the system says ENOTDIR/);
    });
  });

  it("is interrupted with all that the build has started, and leaves the codebase free", async () => {
    const directory = await codebase(mission("sleep 60 & echo $!; wait"));
    const used = await store();
    const controller = new AbortController();
    let pid = 0;
    const error = await refusal(directory, {
      store: used,
      signal: controller.signal,
      onOutput: (text) => {
        pid = Number(text);
        controller.abort();
      },
    });
    assert.equal(error.exitCode, 130);
    assert.ok(pid > 0);
    assert.throws(() => execFileSync("/bin/sh", ["-c", `test -d /proc/${pid} && ! grep -q '^State:.Z' /proc/${pid}/status`], { stdio: "ignore" }));
    assert.deepEqual(await readdir(join(used.directory, ".locks")), []);
  });

  it("keeps nothing half done in the store when it fails", async () => {
    const used = await store();
    const directory = await codebase(mission("mkdir -p dist; ln -s /etc dist/x"));
    await mkdir(used.directory, { recursive: true });
    await refusal(directory, { store: used });
    assert.deepEqual(await readdir(used.directory), [".locks"]);
  });
});
