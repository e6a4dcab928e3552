import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Checkout } from "./checkout.js";

const builds = (checkout: Checkout): number => checkout.calls().filter((call) => call === "tsc").length;
const main = (word: string): string => `console.log("${word}");\n`;

describe("the launcher's build", function () {
  // Some twenty short programs each, on a machine that may be busy.
  this.timeout(60_000);
  let checkout: Checkout;
  beforeEach(async () => {
    checkout = new Checkout();
    checkout.write("runner/cli/main.ts", main("first"));
    await checkout.run(["--help"]);
  });
  afterEach(() => checkout.remove());

  it("is made again when a source changes, appears or goes, but not for a test", async () => {
    checkout.write("test/run.ts", "// changed\n");
    assert.equal((await checkout.run(["--help"])).stdout, "first\n");
    assert.equal(builds(checkout), 1);
    checkout.write("runner/cli/main.ts", main("second"));
    checkout.write("model/new.ts", "// new\n");
    assert.equal((await checkout.run(["--help"])).stdout, "second\n");
    assert.ok(checkout.exists("dist/model/new.js"));
    rmSync(join(checkout.root, "model/new.ts"));
    await checkout.run(["--help"]);
    assert.equal(builds(checkout), 3);
    assert.ok(!checkout.exists("dist/model/new.js"), "nothing stays of a source that is gone");
    assert.ok(!checkout.exists("dist/node_modules"));
  });

  it("that fails shows the compiler's errors, ends with 4 and leaves the old one as it was", async () => {
    const before = checkout.read("dist/build.json");
    checkout.write("index.ts", "COMPILE ERROR\n");
    const { code, stdout, stderr } = await checkout.run(["--help"]);
    assert.equal(code, 4);
    assert.equal(stdout, "");
    assert.match(stderr, /index\.ts\(1,1\): error TS1: no good/);
    assert.equal(checkout.read("dist/build.json"), before);
    assert.equal(checkout.read("dist/runner/cli/main.js"), main("first"));
    assert.deepEqual(checkout.leftovers(), []);
  });

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    for (const target of ["the launcher", "its process group"] as const) {
      it(`interrupted by ${signal} to ${target} ends with 130 and leaves the old one as it was`, async () => {
        checkout.write("runner/cli/main.ts", main("second"));
        checkout.hold();
        const running = checkout.start(["--help"]);
        while (builds(checkout) < 2) await new Promise((resolve) => setTimeout(resolve, 10));
        process.kill(target === "the launcher" ? running.pid : -running.pid, signal);
        assert.equal((await running.done).code, 130);
        assert.equal(checkout.read("dist/runner/cli/main.js"), main("first"));
        assert.deepEqual(checkout.leftovers(), []);
        checkout.release();
        assert.equal((await checkout.run(["--help"])).stdout, "second\n");
      });
    }
  }

  it("killed in the middle of the swap gives the old one back", async () => {
    const gone = await checkout.start(["-c", "exit"], {}, "sh");
    await gone.done;
    renameSync(join(checkout.root, "dist"), join(checkout.root, `dist.old-${gone.pid}`));
    checkout.write(`dist.new-${gone.pid}/half.js`, "");
    checkout.write("index.ts", "COMPILE ERROR\n");
    assert.equal((await checkout.run(["--help"])).code, 4);
    assert.equal(checkout.read("dist/runner/cli/main.js"), main("first"));
    assert.deepEqual(checkout.leftovers(), []);
  });

  it("carries the hash that the program compares with its sources", async () => {
    const { sourceHash } = createRequire(__filename)(join(checkout.root, "launcher", "source-hash.cjs")) as { sourceHash(root: string): string };
    const { hashSources } = (await import(pathToFileURL(join(checkout.root, "launcher", "build.mjs")).href)) as { hashSources(root: string): string };
    const hash = sourceHash(checkout.root);
    assert.deepEqual(JSON.parse(checkout.read("dist/build.json")), { sources: hash });
    assert.equal(hashSources(checkout.root), hash);
    checkout.write("model/new.ts", "");
    assert.notEqual(sourceHash(checkout.root), hash);
  });

  it("of two at once is made by one, while the other waits and says for whom", async () => {
    checkout.write("runner/cli/main.ts", main("second"));
    checkout.hold();
    const first = checkout.start(["--help"]);
    await first.says("building the program");
    const second = checkout.start(["--help"]);
    await second.says(`waiting for process ${first.pid} on `);
    checkout.release();
    const outcomes = await Promise.all([first.done, second.done]);
    assert.deepEqual(outcomes.map(({ code, stdout }) => ({ code, stdout })), [{ code: 0, stdout: "second\n" }, { code: 0, stdout: "second\n" }]);
    assert.equal(builds(checkout), 2);
    assert.deepEqual(checkout.leftovers(), []);
  });
});
