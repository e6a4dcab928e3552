import assert from "node:assert/strict";
import { readdirSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { Checkout } from "./checkout.js";
import { pulumi } from "./stand-ins.js";

describe("the launcher's engine", function () {
  // Some twenty short programs each, on a machine that may be busy.
  this.timeout(60_000);
  let checkout: Checkout;
  /** The calls after dependencies and program were there. */
  let calls: () => string[];
  beforeEach(async () => {
    checkout = new Checkout();
    await checkout.run(["--help"]);
    const before = checkout.calls().length;
    calls = () => checkout.calls().slice(before);
  });
  afterEach(() => checkout.remove());

  const GO_BUILD = ["go build pulumi-language-nodejs", "go build pulumi"];
  const setup = async (env: Record<string, string> = {}): Promise<string> => {
    const { code, stderr } = await checkout.run(["setup"], env);
    assert.equal(code, 0, stderr);
    return /ready: .*pulumi (.*)/.exec(stderr)?.[1] ?? stderr;
  };

  it("is the one on PATH when it is new enough, and is asked for its version only once", async () => {
    checkout.program("pulumi", pulumi("v3.220.0"));
    checkout.program("pulumi-language-nodejs", pulumi("v3.220.0"));
    assert.equal(await setup(), "v3.220.0 (PATH)");
    assert.equal(await setup(), "v3.220.0 (PATH)");
    assert.deepEqual(calls(), ["pulumi version"]);
    checkout.program("pulumi", pulumi("v4.0.0-alpha.1"));
    assert.equal(await setup(), "v4.0.0-alpha.1 (PATH)");
  });

  for (const [version, host, why] of [
    ["v3.219.9", true, /not using the engine on PATH: '.*\/pulumi' is v3\.219\.9, older than v3\.220/],
    ["(none)", true, /is \(none\), older than/],
    ["v3.230.0", false, /has no pulumi-language-nodejs beside it/],
  ] as const) {
    it(`is not the one on PATH when that is ${version} ${host ? "with" : "without"} a language host`, async () => {
      checkout.program("pulumi", pulumi(`'${version}'`));
      if (host) checkout.program("pulumi-language-nodejs", pulumi(version));
      const { code, stderr } = await checkout.run(["setup"]);
      assert.equal(code, 0);
      assert.match(stderr, why);
      assert.match(stderr, /built from engine/);
    });
  }

  it("is downloaded where the official address is in reach, and found again", async () => {
    const open = { REACH: "yes", NPM_EXEC: "works" };
    assert.equal(await setup(open), "v3.265.0 (official download)");
    assert.equal(await setup(open), "v3.265.0 (official download)");
    assert.deepEqual(calls(), ["reach", "npm exec --yes --package=pulumi@3.265.0 -- pulumi version"]);
  });

  it("is built with Go elsewhere, once for all checkouts", async () => {
    assert.equal(await setup(), "v3.220.0 (built from engine/)");
    const other = join(checkout.top, "another");
    checkout.populate(other);
    assert.equal((await checkout.run(["setup"], {}, join(other, "mission"))).code, 0);
    assert.deepEqual(calls().filter((call) => !/^(npm ci|tsc)/.test(call)), ["reach", ...GO_BUILD]);
    const [folder] = readdirSync(join(checkout.cache, "engine")).filter((name) => /-[0-9a-f]{16}$/.test(name));
    assert.deepEqual(readdirSync(join(checkout.cache, "engine", folder ?? "", "bin")).sort(),
      ["pulumi", "pulumi-analyzer-policy", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"]);
  });

  it("is built anew when its pinned modules change", async () => {
    await setup();
    checkout.write("engine/cli/go.sum", "other\n");
    await setup();
    assert.equal(calls().filter((call) => call === "go build pulumi").length, 2);
  });

  it("is not downloaded again for a day after a download failed", async () => {
    const { code } = await checkout.run(["setup"], { REACH: "yes", GO: "fail" });
    assert.equal(code, 3);
    const { stderr } = await checkout.run(["setup"]);
    assert.match(stderr, /failed less than a day ago and is left out/);
    assert.equal(calls().filter((call) => call === "reach").length, 1);
    rmSync(join(checkout.cache, "engine", readdirSync(join(checkout.cache, "engine")).find((name) => /-[0-9a-f]{16}$/.test(name)) ?? ""), { recursive: true });
    checkout.write("engine/official-failed", `${Math.floor(Date.now() / 1000) - 90_000}\n`, checkout.cache);
    await setup();
    assert.equal(calls().filter((call) => call === "reach").length, 2);
  });

  it("comes from where MISSION_ENGINE says", async () => {
    checkout.program("pulumi", pulumi("v3.300.0"));
    checkout.program("pulumi-language-nodejs", pulumi("v3.300.0"));
    assert.equal(await setup({ MISSION_ENGINE: "go" }), "v3.220.0 (built from engine/)");
    assert.deepEqual(calls(), GO_BUILD);
    assert.equal(await setup({ MISSION_ENGINE: "official", REACH: "yes", NPM_EXEC: "works" }), "v3.265.0 (official download)");
    const { code, stderr } = await checkout.run(["setup"], { MISSION_ENGINE: "download" });
    assert.equal(code, 2);
    assert.equal(stderr, "mission: MISSION_ENGINE is 'download'; allowed are 'go', 'official' or nothing\n");
  });

  it("that cannot be built shows why, ends with 3 and leaves nothing half-built", async () => {
    const { code, stderr } = await checkout.run(["setup"], { GO: "fail" });
    assert.equal(code, 3);
    assert.match(stderr, /no module proxy\nmission: the engine could not be built with Go/);
    assert.deepEqual(checkout.leftovers(), []);
  });

  it("whose build is interrupted leaves nothing half-built", async () => {
    checkout.hold();
    const running = checkout.start(["setup"]);
    while (!checkout.calls().includes("go build pulumi-language-nodejs")) await new Promise((resolve) => setTimeout(resolve, 10));
    process.kill(running.pid, "SIGINT");
    assert.equal((await running.done).code, 130);
    assert.deepEqual(checkout.leftovers(), []);
  });

  it("is built by one of two checkouts at once, while the other waits", async () => {
    const other = join(checkout.top, "another");
    checkout.populate(other);
    await checkout.run(["--help"], {}, join(other, "mission"));
    checkout.hold();
    const first = checkout.start(["setup"]);
    await first.says("language host with Go");
    const second = checkout.start(["setup"], {}, join(other, "mission"));
    await second.says(`waiting for process ${first.pid} on `);
    checkout.release();
    assert.deepEqual([(await first.done).code, (await second.done).code], [0, 0]);
    assert.equal(calls().filter((call) => call === "go build pulumi").length, 1);
  });

  it("of which there is none and no Go to build it is refused in one sentence with the ways out", async () => {
    rmSync(join(checkout.bin, "go"));
    const { code, stderr } = await checkout.run(["setup"], { MISSION_ENGINE: "go" });
    assert.equal(code, 3);
    assert.match(stderr, /^mission: no Pulumi engine: install it \(https:.*\), open the way to https:.*, or install Go .*\n$/);
  });

  it("lock of another machine that has not been touched for minutes is taken over", async () => {
    checkout.write("engine/setup.lock/owner", "1 1 elsewhere getting the Pulumi engine\n", checkout.cache);
    const old = new Date(Date.now() - 10 * 60_000);
    utimesSync(join(checkout.cache, "engine/setup.lock/owner"), old, old);
    assert.equal(await setup(), "v3.220.0 (built from engine/)");
  });
});
