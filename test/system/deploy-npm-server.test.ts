import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { addFiles, emptyFolder, removeCodebases } from "../support/codebases.js";
import { MissionProject } from "../support/mission-project.js";
import { shares } from "../support/serving.js";
import { skip } from "../support/skip.js";
import { tinyApp } from "../support/tiny-app.js";
import { itFull } from "../support/it-full.js";
import { configure, deploy, servedVersion, untouchable } from "../support/watched-mission.js";

/** A published server that comes with its own tests. */
const PACKAGE = "superstatic@6.0.4";

/*
 * All that is added to it, besides the page it serves. `--opts /dev/null`: its test/mocha.opts names flags that no Node of today knows. Of its tests
 * those are left out that no Node of today passes (file names that are no ASCII, in files.spec.js) and those of its command line, which use one fixed port.
 */
const MISSION = `name: superstatic
test: node_modules/.bin/mocha --opts /dev/null test/unit/*.spec.js test/unit/loaders test/unit/providers test/unit/utils test/unit/middleware/[ehmnr]*.spec.js
services:
  web:
    command: exec node bin/server site --host $HOST --port $PORT
    readiness: { http: / }
    variables: { NO_UPDATE_NOTIFIER: "1" }
checks:
  smoke:
    - { name: page, steps: [{ path: /, expect: { headers: { content-type: text/html }, body: mugs } }] }
    - { name: clean redirects, steps: [{ path: /nothing-here, expect: { status: 404 } }] }
strategy: { steps: [{ weight: 25 }, { weight: 100 }] }
`;

describe("mission deploy takes a codebase that knows nothing of it", function () {
  this.timeout(480_000);
  const project = MissionProject.create();
  const neighbour = tinyApp("neighbour");
  const stacks = ["superstatic-staging", "superstatic-production"];
  let codebase = "";

  before(async function () {
    codebase = await emptyFolder();
    const packed = spawnSync("npm", ["pack", PACKAGE, "--silent"], { cwd: codebase, encoding: "utf8" });
    if (packed.status !== 0) skip(this, `npm cannot get ${PACKAGE} here`);
    const archive = packed.stdout.trim();
    for (const [program, ...args] of [["tar", "xzf", archive, "--strip-components=1"], ["rm", archive], ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"]] as const) {
      const done = spawnSync(program, args, { cwd: codebase, encoding: "utf8" });
      assert.equal(done.status, 0, done.stderr);
    }
    await addFiles(codebase, { "mission.yaml": MISSION, "site/index.html": "<p>one hundred mugs</p>\n" });
    // The machine has other work too, and this is not about response times.
    for (const stack of stacks) {
      for (const [key, value] of [["bake", "2s"], ["monitor", "2s"], ["drain", "1s"], ["limits.latencyP95Slack", "1s"]] as const) await configure(project, stack, `mission:${key}`, value);
    }
    await project.must("release", neighbour, "--version", "1.0.0", "--stack", "neighbour-production");
    const up = await project.up("neighbour-production");
    assert.equal(up.code, 0, up.all);
  });

  after(async () => {
    await project.remove();
    await removeCodebases();
    rmSync(neighbour, { recursive: true, force: true });
  });

  const page = async () => {
    const url = (await project.sandbox("superstatic-production")).services["web"]?.endpoints?.production ?? "";
    return { url, text: await (await fetch(url)).text() };
  };

  it("needs at most 20 lines of description beside an unmodified package from npm", () => {
    assert.ok(readFileSync(join(codebase, "mission.yaml"), "utf8").trimEnd().split("\n").length <= 20);
    const { name, version } = JSON.parse(readFileSync(join(codebase, "package.json"), "utf8")) as { name: string; version: string };
    assert.equal(`${name}@${version}`, PACKAGE);
  });

  it("runs its own tests, takes it to users, and leaves the application beside it alone", async () => {
    const before = await untouchable(project, "neighbour-production");
    const watched = await deploy(project, [codebase]);
    assert.equal(watched.code, 0, watched.all);
    const tests = watched.mission.report().gates.find(({ gate }) => gate === "tests-passed");
    assert.ok(Number(tests?.measured["executed"]) > 50, tests?.summary);
    for (const stack of stacks) assert.equal(await servedVersion(project, stack), "6.0.4");
    assert.match((await page()).text, /one hundred mugs/);
    assert.equal(await untouchable(project, "neighbour-production"), before);
  });

  itFull("shifts its users to a new version without a failed request, and leaves the application beside it alone", async () => {
    await addFiles(codebase, { "site/index.html": "<p>two hundred mugs</p>\n" });
    const before = await untouchable(project, "neighbour-production");
    const watched = await deploy(project, [codebase, "--version", "6.1.0"]);
    assert.equal(watched.code, 0, watched.all);
    const failures = watched.mission.report().promises.find(({ name }) => name.startsWith("Failed requests"));
    assert.deepEqual([failures?.kept, failures?.values["failed"]], [true, 0], failures?.measured);
    const { url, text } = await page();
    assert.match(text, /two hundred mugs/);
    assert.deepEqual(await shares(url, 10), { byRelease: { "6.1.0": 10 }, failed: 0 });
    assert.equal(await untouchable(project, "neighbour-production"), before);
    assert.deepEqual((await shares((await project.sandbox("neighbour-production")).services["web"]?.endpoints?.production ?? "", 5)).failed, 0);
  });
});
