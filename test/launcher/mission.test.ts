import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { Checkout } from "./checkout.js";

describe("./mission", function () {
  // Some twenty short programs each, on a machine that may be busy.
  this.timeout(60_000);
  let checkout: Checkout;
  beforeEach(() => (checkout = new Checkout()));
  afterEach(() => checkout.remove());

  it("makes a fresh checkout runnable and then runs the command where it was called, with its arguments as they are", async () => {
    const { code, stdout } = await checkout.run(["deploy", "two words", "*", ""]);
    assert.equal(code, 0);
    const seen = JSON.parse(stdout) as { args: string[]; cwd: string; root: string; path: string };
    assert.deepEqual(seen.args, ["deploy", "two words", "*", ""]);
    assert.equal(seen.cwd, checkout.top);
    assert.equal(seen.root, checkout.root);
    assert.ok(seen.path.startsWith(join(checkout.cache, "engine")), "the engine comes first on PATH");
    assert.deepEqual(checkout.leftovers(), []);
  });

  it("says nothing and does nothing when there is nothing to do", async () => {
    await checkout.run(["status"]);
    const before = checkout.calls();
    const { stderr } = await checkout.run(["status"]);
    assert.equal(stderr, "");
    assert.deepEqual(checkout.calls(), before);
  });

  it("works through relative and absolute symlinks", async () => {
    symlinkSync(join(checkout.root, "mission"), join(checkout.top, "absolute"));
    symlinkSync("absolute", join(checkout.top, "relative"));
    const { code, stdout } = await checkout.run(["status"], {}, "./relative");
    assert.equal(code, 0);
    assert.equal((JSON.parse(stdout) as { root: string }).root, checkout.root);
  });

  it("ends with the exit code of the command", async () => {
    assert.equal((await checkout.run(["fail"])).code, 7);
  });

  it("shows the help without getting an engine", async () => {
    assert.equal((await checkout.run(["--help"])).code, 0);
    assert.deepEqual(checkout.calls(), ["npm ci --include=dev --no-audit --no-fund", "tsc"]);
  });

  it("previews by the model alone without getting an engine, and gets one for any other preview", async () => {
    const { code, stdout } = await checkout.run(["preview", "two words", "--model-only"]);
    assert.equal(code, 0);
    assert.deepEqual((JSON.parse(stdout) as { args: string[] }).args, ["preview", "two words", "--model-only"]);
    assert.deepEqual(checkout.calls(), ["npm ci --include=dev --no-audit --no-fund", "tsc"]);
    await checkout.run(["preview"]);
    assert.ok(checkout.calls().length > 2, checkout.calls().join("\n"));
  });

  it("only sets up with `setup`, and says what with", async () => {
    const { code, stdout, stderr } = await checkout.run(["setup"]);
    assert.equal(code, 0);
    assert.equal(stdout, "");
    assert.match(stderr, /ready: node v\d+.*, pulumi v3\.220\.0 \(built from engine\/\)/);
  });

  it("runs the tests and the benchmarks with the same set-up, both built anew", async () => {
    const test = await checkout.run([join(checkout.root, "launcher", "test.sh"), "--full"], {}, "sh");
    assert.equal(test.stdout, "tests --full\n");
    const bench = await checkout.run([join(checkout.root, "launcher", "bench.sh")], {}, "sh");
    assert.equal(bench.stdout, "bench shift\n");
    const unknown = await checkout.run([join(checkout.root, "launcher", "bench.sh"), "shfit"], {}, "sh");
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /no benchmark 'shfit'; there are: shift/);
  });
});
