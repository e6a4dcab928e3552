import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Checkout } from "./checkout.js";

const installs = (checkout: Checkout): number => checkout.calls().filter((call) => call.startsWith("npm ci")).length;

describe("the launcher's dependencies", function () {
  // Some twenty short programs each, on a machine that may be busy.
  this.timeout(60_000);
  let checkout: Checkout;
  beforeEach(() => (checkout = new Checkout()));
  afterEach(() => checkout.remove());

  it("are installed once, and again only when package-lock.json changes", async () => {
    await checkout.run(["--help"]);
    await checkout.run(["--help"]);
    assert.equal(installs(checkout), 1);
    checkout.write("package-lock.json", `{"version": 2}`);
    await checkout.run(["--help"]);
    assert.equal(installs(checkout), 2);
  });

  it("that cannot be installed show the end of npm's output, end with 3, and are tried again", async () => {
    const { code, stdout, stderr } = await checkout.run(["--help"], { NPM_CI: "fail" });
    assert.equal(code, 3);
    assert.equal(stdout, "");
    assert.match(stderr, /npm error the registry is out of reach/);
    assert.deepEqual(checkout.leftovers(), []);
    assert.equal((await checkout.run(["--help"])).code, 0);
  });

  it("installed by hand are not installed again", async () => {
    await checkout.run(["ci"], {}, join(checkout.bin, "npm"), checkout.root);
    await checkout.run([join(checkout.root, "launcher", "build.mjs")], { npm_lifecycle_event: "prepare" }, "node");
    await checkout.run(["--help"]);
    assert.equal(installs(checkout), 1);
  });

  it("installed by hand without what the build needs are installed again", async () => {
    await checkout.run(["ci"], {}, join(checkout.bin, "npm"), checkout.root);
    await checkout.run([join(checkout.root, "launcher", "build.mjs")], { npm_lifecycle_event: "prepare", NODE_ENV: "production" }, "node");
    await checkout.run(["--help"]);
    assert.equal(installs(checkout), 2);
  });

  it("bring the Node to run with when the machine's is too old", async () => {
    const { stdout } = await checkout.run(["--help"], { NODE_SAYS: "v20.1.0" });
    assert.ok((JSON.parse(stdout) as { path: string }).path.startsWith(join(checkout.root, "node_modules", "node", "bin")));
    rmSync(join(checkout.root, "node_modules", "node"), { recursive: true });
    await checkout.run(["--help"], { NODE_SAYS: "v20.1.0" });
    assert.equal(installs(checkout), 2, "a checkout without that Node is not installed to the end");
  });

  it("need Node and npm, which one sentence says when they are missing", async () => {
    for (const tool of ["npm", "node"]) {
      rmSync(join(checkout.bin, tool));
      const { code, stderr } = await checkout.run(["--help"]);
      assert.equal(code, 3);
      assert.match(stderr, new RegExp(`^mission: there is no '${tool}' on PATH: install Node\\.js 22 or later.*\\n$`));
    }
  });

  it("interrupted while they are installed end with 130 and leave no lock", async () => {
    checkout.hold();
    const first = checkout.start(["--help"], { NPM_CI: "slow" });
    await first.says("installing the dependencies");
    process.kill(first.pid, "SIGTERM");
    assert.equal((await first.done).code, 130);
    assert.deepEqual(checkout.leftovers(), []);
    checkout.release();
    assert.equal((await checkout.run(["--help"])).code, 0);
  });
});
