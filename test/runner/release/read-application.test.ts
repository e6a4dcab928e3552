import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import type { Application } from "../../../model/application.js";
import type { Diagnostic } from "../../../model/diagnostic.js";
import { nameSchema } from "../../../model/names.js";
import { applicationName } from "../../../runner/release/application-from-package.js";
import { readApplication } from "../../../runner/release/read-application.js";
import { addFiles, codebase, emptyFolder, removeCodebases, type FileContent } from "../../support/codebases.js";
import "../../support/seed.js";

async function read(files: Readonly<Record<string, FileContent>>, configFile?: string): Promise<Application> {
  const { application, diagnostics } = await readApplication(await codebase(files), configFile);
  assert.deepEqual(diagnostics, []);
  return application ?? assert.fail("no application");
}

async function mistakes(files: Readonly<Record<string, FileContent>>): Promise<readonly Diagnostic[]> {
  const { application, diagnostics } = await readApplication(await codebase(files));
  assert.equal(application, null);
  assert.ok(diagnostics.length > 0);
  return diagnostics;
}

const fromPackage = (content: object, files: Readonly<Record<string, FileContent>> = {}) => read({ ...files, "package.json": JSON.stringify(content) });
const sentences = (diagnostics: readonly Diagnostic[]) => diagnostics.map(({ path, message }) => `"${path}" ${message}`);

describe("reading an application", () => {
  afterEach(removeCodebases);

  describe("from mission.yaml", () => {
    it("gives every default, with nothing but a name and a command", async () => {
      const application = await read({ "mission.yaml": "name: shop\nservices:\n  web:\n    command: node server.js\n", "package.json": '{"name": "other"}' });
      assert.deepEqual(application, {
        name: "shop",
        stacks: {},
        test: null,
        build: null,
        services: {
          web: {
            artifact: ".",
            command: ["/bin/sh", "-c", "node server.js"],
            readiness: { tcp: true, interval: "1s", timeout: "5s", successes: 2, failures: 3 },
            liveness: null,
            variables: {},
            secrets: [],
            database: false,
          },
        },
        migrations: null,
        checks: { smoke: [], flows: [], integrations: [], load: [] },
        strategy: "blue-green",
      });
    });

    it("takes another file in its place", async () => {
      const other = join(await codebase({ "other.yaml": "name: other\nservices: {web: {command: [node, a.js]}}" }), "other.yaml");
      assert.equal((await read({ "mission.yaml": "name: shop" }, other)).name, "other");
      const { diagnostics } = await readApplication(await emptyFolder(), `${other}.missing`);
      assert.deepEqual(sentences(diagnostics), [`"${other}.missing" does not exist; correct the path.`]);
    });

    it("names all mistakes at once", async () => {
      const text = `
name: Shop
tests: npm test
build: " "
services:
  web:
    command: ""
    secrets: [A, PORT]
  Api:
    command: [node, api.js]
  worker:
    command: ["  ", x]
    database: "yes"
    variables: {1X: 1}
`;
      assert.deepEqual(sentences(await mistakes({ "mission.yaml": text })), [
        '"mission.yaml:name" is "Shop"; allowed are 1 to 40 lower-case letters, digits and dashes, a letter first.',
        '"mission.yaml:build" is " "; allowed is a command line.',
        '"mission.yaml:services.web.command" is ""; allowed is a command line.',
        '"mission.yaml:services.web.secrets[1]" PORT, HOST, DATABASE_URL, PATH, HOME and names that begin with MISSION_ are set by the platform; use another name.',
        '"mission.yaml:services.Api" is not an allowed name; allowed are 1 to 40 lower-case letters, digits and dashes, a letter first.',
        '"mission.yaml:services.worker.command[0]" is "  "; allowed is the name of a program.',
        '"mission.yaml:services.worker.variables.1X" is not an allowed name; allowed are letters, digits and underscores, no digit first.',
        '"mission.yaml:services.worker.database" is "yes"; expected is a boolean.',
        '"mission.yaml:tests" is not a known key; check its spelling or remove it.',
      ]);
    });

    it("refuses a name that is a variable and a secret, and a secret twice", async () => {
      const text = "name: a\nservices: {web: {command: x, variables: {A: 1}, secrets: [A, B, B]}}";
      assert.deepEqual(sentences(await mistakes({ "mission.yaml": text })), [
        '"mission.yaml:services.web.secrets[0]" is "A", which is one of the variables too; keep it in one of the two.',
        '"mission.yaml:services.web.secrets[2]" is "B" once more; remove it.',
      ]);
    });

    it("refuses text that no process could be given", async () => {
      const text = 'name: a\nservices: {web: {command: "x\\0", variables: {A: "\\uD800", B: {default: "\\0"}, C: "\u{1F600}"}}}';
      assert.deepEqual(
        (await mistakes({ "mission.yaml": text })).map(({ path }) => path),
        ["command", "variables.A", "variables.B.default"].map((name) => `mission.yaml:services.web.${name}`),
      );
    });

    it("names every mistake of the YAML itself with line and column", async () => {
      const text = "name: a\nname: b\nservices:\n  web: {command: x\n";
      const found = sentences(await mistakes({ "mission.yaml": text }));
      assert.equal(found.length, 2);
      assert.ok(found.some((sentence) => sentence.startsWith('"mission.yaml" is not valid YAML in line 2, column 1: Map keys must be unique')), found.join("\n"));
      assert.ok(found.some((sentence) => /is not valid YAML in line [45], column \d+: Flow map/.test(sentence)), found.join("\n"));
    });

    it("refuses tags and anchors that are not there, two documents, and a text that is no map", async () => {
      for (const text of ["name: !secret a", "name: *a", "name: a\n---\nname: b", "- a", "text"]) assert.match(sentences(await mistakes({ "mission.yaml": text }))[0] ?? "", /^"mission.yaml:?" (is not valid YAML|cannot be read|is )/);
    });

    it("shows a small one when the file is empty", async () => {
      for (const text of ["", "# nothing yet\n"]) assert.match(sentences(await mistakes({ "mission.yaml": text }))[0] ?? "", /^"mission.yaml" is empty; it needs at least:\n\n {4}name: my-application\n/);
    });

    it("refuses artifacts outside the project, also through symbolic links, before anything is built", async () => {
      const service = (artifact: string) => ({ artifact, command: "x" });
      const outside = { up: service("../other"), absolute: service("/tmp"), link: service("link/dist"), later: service("nowhere/x"), around: service("a/../../b"), ok: service("dist"), inner: service("inner"), through: service("link-inside/../dist") };
      const files = { "mission.yaml": JSON.stringify({ name: "a", services: outside }), link: { link: "/tmp" }, nowhere: { link: "/nowhere/at/all" }, "real/a": "", inner: { link: "real" }, "link-inside": { link: "real" } };
      const found = await mistakes(files);
      assert.deepEqual(
        found.map(({ path }) => path),
        ["up", "absolute", "link", "later", "around"].map((name) => `mission.yaml:services.${name}.artifact`),
      );
      assert.equal(found[0]?.message, 'is "../other", a path outside the project; allowed is a folder below the codebase, such as dist.');
    });

    it("says when the file cannot be read", async () => {
      const root = await emptyFolder();
      await mkdir(join(root, "mission.yaml"));
      assert.deepEqual(sentences((await readApplication(root)).diagnostics), ['"mission.yaml" cannot be read (EISDIR); make it a readable file.']);
    });
  });

  describe("from package.json alone", () => {
    it("takes name, test, build and one service that listens", async () => {
      const application = await fromPackage({ name: "@acme/My.Shop", scripts: { start: "node server.js --fast", test: "mocha", build: "tsc" } });
      assert.equal(application.name, "my-shop");
      assert.equal(application.test?.command, "npm test");
      assert.equal(application.build, "npm run build");
      assert.deepEqual(Object.keys(application.services), ["web"]);
      assert.deepEqual(application.services["web"]?.command, ["/bin/sh", "-c", 'export PATH="$PWD/node_modules/.bin:$PATH"; exec node server.js --fast']);
      assert.equal(application.services["web"]?.artifact, ".");
      assert.ok("tcp" in (application.services["web"]?.readiness ?? {}));
    });

    it("has no test when npm wrote it, and neither test nor build without scripts", async () => {
      const application = await fromPackage({ scripts: { start: "x", test: 'echo "Error: no test specified" && exit 1', build: " " } });
      assert.equal(application.test, null);
      assert.equal(application.build, null);
    });

    it("runs a script as npm does: after prestart, with assignments, and whatever the shell has", async () => {
      const command = async (scripts: object) => (await fromPackage({ scripts })).services["web"]?.command?.[2]?.split('PATH"')[1];
      assert.equal(await command({ start: "serve -l $PORT" }), "; exec serve -l $PORT");
      assert.equal(await command({ start: "NODE_ENV=production A='b c' node x" }), "; exec env NODE_ENV=production A='b c' node x");
      for (const start of ["a && b", "node x | log", "exec node x", ". ./env.sh", "(a; b)", "A=1"]) assert.equal(await command({ start }), `; ${start}`);
      assert.equal(await command({ start: "node x", prestart: "a; b" }), "\n{ a; b\n} || exit\nnode x");
    });

    it("starts server.js as npm does, else main, else index.js, as far as there are such files", async () => {
      const command = async (content: object, files: Record<string, string>) => (await fromPackage(content, files)).services["web"]?.command;
      assert.deepEqual(await command({ main: "index.js" }, { "server.js": "", "index.js": "" }), ["node", "server.js"]);
      assert.deepEqual(await command({ main: "lib/app" }, { "lib/app.js": "", "index.js": "" }), ["node", "lib/app"]);
      assert.deepEqual(await command({}, { "index.js": "" }), ["node", "index.js"]);
      assert.deepEqual(await command({ main: "dist/app.js", scripts: { build: "tsc" } }, {}), ["node", "dist/app.js"]);
    });

    it("takes the folder's name when there is none, and makes any name a valid one or none", async () => {
      assert.match((await fromPackage({ scripts: { start: "x" } })).name, /^mission-codebase-/);
      assert.equal(applicationName("3D_Viewer!"), "app-3d-viewer");
      assert.equal(applicationName("@x/"), null);
      fc.assert(fc.property(fc.string({ unit: fc.constantFrom("a", "Z", "7", "-", "_", "@", "/", ".", "ü", " "), maxLength: 60 }), (text) => applicationName(text) === null || nameSchema.safeParse(`${applicationName(text) ?? ""}-production`).success));
    });

    it("refuses a codebase that says nowhere how it starts, and shows the smallest mission.yaml", async () => {
      const small = "\n\n    name: my-application\n    services:\n      web:\n        command: node server.js   # listens on $PORT\n";
      assert.deepEqual(sentences(await mistakes({})), [`"mission.yaml" is missing, and there is no package.json to read the application from; write a mission.yaml with at least:${small}`]);
      for (const content of [{}, { main: "gone.js" }, { scripts: { start: "  " } }]) {
        const [sentence] = sentences(await mistakes({ "package.json": JSON.stringify(content) }));
        assert.equal(sentence, `"mission.yaml" is missing, and package.json has no start script, no main file that exists, and there is no server.js or index.js; write a mission.yaml with at least:${small}`);
      }
    });

    it("refuses a package.json that is wrong, with the place", async () => {
      assert.match(sentences(await mistakes({ "package.json": '{"name": "a",\n  bad}' }))[0] ?? "", /^"package.json" is not valid JSON: .*line 2 column 3/);
      assert.deepEqual(sentences(await mistakes({ "package.json": '{"name": 1, "scripts": {"start": ["x"]}}' })), [
        '"package.json:name" is 1; expected is a string.',
        '"package.json:scripts.start" is ["x"]; expected is a string.',
      ]);
      assert.deepEqual(sentences(await mistakes({ "package.json": '{"name": "a", "main": "../a.js"}' })), ['"package.json:main" is "../a.js", a path outside the project; allowed is a file below the codebase.']);
    });
  });

  it("refuses what is no folder", async () => {
    const root = await codebase({ file: "" });
    await addFiles(root, { "d/x": "" });
    for (const path of [join(root, "file"), join(root, "nothing")]) assert.deepEqual(sentences((await readApplication(path)).diagnostics), [`"${path}" is not a folder; name the folder of a codebase.`]);
  });
});
