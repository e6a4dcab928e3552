import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { storeApp } from "../support/app.js";
import { READY, runs, TestSandbox, until } from "../support/test-sandbox.js";
import { Traffic } from "../support/traffic.js";

describe("An instance", () => {
  let sandbox: TestSandbox;
  beforeEach(() => (sandbox = new TestSandbox()));
  afterEach(() => sandbox.remove());

  it("sees the platform's variables, its own, its secrets, and nothing of whoever started the sandbox", async () => {
    process.env["PULUMI_CONFIG_PASSPHRASE"] = process.env["AWS_SECRET_ACCESS_KEY"] = "canary-of-the-caller";
    try {
      const digest = await storeApp(sandbox.artifacts, { "package.json": "{}" });
      await sandbox.put("blue", "1.0.0", { digest, variables: { GREETING: "hello" }, secrets: [{ name: "TOKEN", keyedDigest: "hmac-sha256:0" }] }, { secrets: { TOKEN: "canary-token" } });
      const [{ id, port } = { id: "", port: 0 }] = (await sandbox.service()).slots.blue.processes;
      const seen = (await (await fetch(`http://127.0.0.1:${port}/environment`)).json()) as Record<string, string>;
      const { MISSION_SANDBOX: marker, ...rest } = seen;
      assert.match(marker ?? "", /^[0-9a-f]{24}$/);
      const inherited = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"].filter((name) => process.env[name] !== undefined);
      const expected = { PORT: String(port), HOST: "127.0.0.1", MISSION_SLOT: "blue", MISSION_ENVIRONMENT: "staging", MISSION_SERVICE: "web", MISSION_VERSION: "1.0.0", MISSION_INSTANCE: id, MISSION_ROLE: "instance", GREETING: "hello", TOKEN: "canary-token" };
      assert.deepEqual(rest, { ...Object.fromEntries(inherited.map((name) => [name, process.env[name]])), ...expected });
      for (const each of sandbox.processes()) assert.ok(![...each.environment.values()].includes("canary-of-the-caller"));
      assert.ok(!readFileSync(`/proc/${sandbox.supervisor?.pid ?? 0}/environ`, "utf8").includes("canary"));
    } finally {
      delete process.env["PULUMI_CONFIG_PASSPHRASE"];
      delete process.env["AWS_SECRET_ACCESS_KEY"];
    }
  });

  it("finds its artifact's own programs first", async () => {
    const { chmodSync, mkdirSync, mkdtempSync, writeFileSync, rmSync } = await import("node:fs");
    const { ArtifactStore } = await import("../../../artifacts/store.js");
    const folder = mkdtempSync(join(sandbox.root, "own-"));
    mkdirSync(join(folder, "node_modules", ".bin"), { recursive: true });
    writeFileSync(join(folder, "node_modules", ".bin", "serve-it"), `#!/bin/sh\nexec node -e 'require("http").createServer((q, s) => s.end("own")).listen(process.env.PORT, process.env.HOST)'\n`);
    chmodSync(join(folder, "node_modules", ".bin", "serve-it"), 0o755);
    const digest = await new ArtifactStore(sandbox.artifacts).put(folder);
    rmSync(folder, { recursive: true });
    assert.equal((await sandbox.put("blue", "1.0.0", { digest, command: ["serve-it"] })).phase, "ready");
  });

  it("has its secrets in no argument, no log, no file in the clear and no state", async () => {
    const canary = "canary-7f3a-secret";
    const secrets = [{ name: "TOKEN", keyedDigest: "hmac-sha256:0" }];
    await sandbox.put("blue", "1.0.0", { secrets }, { secrets: { TOKEN: canary } });
    assert.ok(!JSON.stringify(await sandbox.state()).includes(canary));
    for (const { pid } of [...sandbox.processes(), { pid: sandbox.supervisor?.pid ?? 0 }]) assert.ok(!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(canary));
    for (const path of readdirSync(sandbox.directory, { recursive: true, encoding: "utf8" })) {
      const file = sandbox.file(path);
      if (statSync(file).isFile()) assert.ok(!readFileSync(file, "latin1").includes(canary), path);
    }
    // A later supervisor can start it again nevertheless.
    await sandbox.killSupervisor();
    for (const each of sandbox.processes()) process.kill(each.pid, "SIGKILL");
    await sandbox.client();
    const process2 = await until("it is ready again", async () => (await sandbox.service()).slots.blue.processes.find(({ ready }) => ready));
    assert.match(await (await fetch(`http://127.0.0.1:${process2.port}/environment`)).text(), new RegExp(canary));
  });

  it("that is never ready fails its slot, with the last probe and the end of its log, secrets masked", async () => {
    const status = await sandbox.put(
      "blue",
      "1.0.0",
      { variables: { READY: "never", SAY: "my token is canary-xyz, do not tell" }, secrets: [{ name: "TOKEN", keyedDigest: "hmac-sha256:0" }], size: 2 },
      { secrets: { TOKEN: "canary-xyz" }, progressDeadlineMs: 700 },
    );
    assert.equal(status.phase, "failed");
    assert.match(status.reason ?? "", /^Not every instance was ready within 700ms: 0 of 2 are\. Instance "web-blue-1" GET \/ready answered 503\. Its log ends with:\n {2}my token is \[secret\], do not tell$/);
    await until("its processes are stopped", async () => sandbox.processes().every(({ role }) => role === "router"));
  });

  it("that is tried again after a failure may become ready", async () => {
    const request = await sandbox.request("1.0.0", { variables: { READY: "never" } }, { progressDeadlineMs: 400, base: sandbox.emptyBase });
    const client = await sandbox.client();
    await client.putSlot("web", "blue", request);
    assert.equal((await client.waitForSlot("web", "blue")).phase, "failed");
    await client.putSlot("web", "blue", { ...request, progressDeadlineMs: 20_000 });
    const [again] = await until("it is started again", async () => {
      const { processes, phase } = await client.slot("web", "blue");
      return phase === "starting" && processes.some(({ pid, leaving }) => pid !== null && !leaving) ? processes.filter(({ leaving }) => !leaving) : undefined;
    });
    await until("it accepts", () => fetch(`http://127.0.0.1:${again?.port}/set?ready=1`).catch(() => undefined));
    assert.equal((await client.waitForSlot("web", "blue")).phase, "ready");
  });

  it("that ends again and again fails its slot, and says how it ended", async () => {
    const status = await sandbox.put("blue", "1.0.0", { variables: { CRASH: "3", SAY: "cannot read the configuration" } });
    assert.equal(status.phase, "failed");
    assert.match(status.reason ?? "", /^Instance "web-blue-1" does not stay up: it ended 6 times before it was ever ready; at last it exited with 3\. Its log ends with:\n( {2}cannot read the configuration\n?){6}$/);
  });

  for (const [what, command, sentence] of [
    ["does not exist", ["no-such-program", "--flag"], /^The command "no-such-program" was not found; it is looked for in the artifact's node_modules\/\.bin and in PATH\./],
    ["may not be executed", ["./server.cjs"], /^The command "\.\/server\.cjs" may not be executed \(EACCES\)/],
    ["does not exist for the shell", ["/bin/sh", "-c", "no-such-program --flag"], /^The command line "no-such-program --flag" names a command that was not found/],
  ] as const) {
    it(`whose command ${what} fails its slot at once`, async () => {
      const status = await sandbox.put("blue", "1.0.0", { command: [...command] });
      assert.equal(status.phase, "failed");
      assert.match(status.reason ?? "", sentence);
    });
  }

  it("that crash-loops in a slot with weight is never given up", async () => {
    await sandbox.deploy("1.0.0", { size: 2 });
    const [first] = (await sandbox.service()).slots.blue.processes;
    for (let round = 0; round < 10; round += 1) {
      const running = await until("it runs", async () => (await sandbox.service()).slots.blue.processes.find(({ id, ready }) => id === first?.id && ready));
      await fetch(`http://127.0.0.1:${running.port}/crash`).catch(() => undefined);
      await until("it has ended", async () => (await sandbox.service()).slots.blue.processes.find(({ id, pid }) => id === first?.id && pid !== running.pid));
    }
    const blue = await until("the reason says so", async () => {
      const { slots } = await sandbox.service();
      return slots.blue.reason?.includes("not given up") === true ? slots.blue : undefined;
    });
    assert.equal(blue.phase, "ready");
    assert.match(blue.reason ?? "", /^1 of 2 instances ready\. Instance "web-blue-1" does not stay up: it ended 10 times in 10 minutes; .* so it is not given up but tried again every 30s\./);
  });

  it("that is not ready gets nothing until it is again", async () => {
    const url = await sandbox.deploy("1.0.0", { size: 2 });
    const [first] = (await sandbox.service()).slots.blue.processes;
    const ready = async (wanted: boolean) => (await sandbox.service()).slots.blue.processes.find(({ id, ready }) => id === first?.id && ready === wanted);
    await fetch(`http://127.0.0.1:${first?.port}/set?ready=0`);
    await until("it is not ready", () => ready(false));
    const answers = await Promise.all(Array.from({ length: 20 }, async () => (await (await fetch(url)).json()) as { instance: string }));
    assert.ok(answers.every(({ instance }) => instance !== first?.id));
    assert.match((await sandbox.service()).slots.blue.reason ?? "", /^1 of 2 instances ready\. Instance "web-blue-1" GET \/ready answered 503\.$/);
    await fetch(`http://127.0.0.1:${first?.port}/set?ready=1`);
    await until("it is ready", () => ready(true));
    await until("it answers", async () => ((await (await fetch(url)).json()) as { instance: string }).instance === first?.id);
    assert.equal((await ready(true))?.pid, first?.pid);
  });

  it("that fails its liveness probe is started again", async () => {
    await sandbox.deploy("1.0.0", { liveness: { http: "/live", interval: "100ms", timeout: "1s", successes: 1, failures: 2 } });
    const [first] = (await sandbox.service()).slots.blue.processes;
    await fetch(`http://127.0.0.1:${first?.port}/set?live=0`);
    const again = await until("it runs again", async () => (await sandbox.service()).slots.blue.processes.find(({ pid, ready }) => ready && pid !== first?.pid));
    assert.deepEqual([again.id, again.restarts], [first?.id, 1]);
  });

  it("is probed by TCP and by command", async () => {
    const digest = await storeApp(sandbox.artifacts, { "probe.cjs": `require("http").get({ port: process.env.PORT, path: "/ready" }, (r) => process.exit(r.statusCode === 200 ? 0 : 1))` });
    assert.equal((await sandbox.put("blue", "1.0.0", { digest, readiness: { tcp: true, interval: "100ms", timeout: "1s", successes: 1, failures: 1 } })).phase, "ready");
    assert.equal((await sandbox.put("green", "2.0.0", { digest, readiness: { command: ["node", "probe.cjs"], interval: "100ms", timeout: "5s", successes: 1, failures: 1 } })).phase, "ready");
    const late = await sandbox.put("green", "2.0.1", { digest, readiness: { command: ["sleep", "60"], interval: "100ms", timeout: "100ms", successes: 1, failures: 1 } }, { progressDeadlineMs: 800 });
    assert.match(late.reason ?? "", /command "sleep" did not end within 100ms/);
    await until("no probe is left", () => sandbox.processes().every(({ role }) => role !== "probe"));
  });

  it("that leaves gets nothing new and may end what it has", async () => {
    const url = await sandbox.deploy();
    await sandbox.put("green", "2.0.0");
    await sandbox.setSplit(0);
    const slow = fetch(`${url}/slow?ms=1200`).then((response) => response.text());
    await sleep(200);
    await sandbox.setSplit(100);
    const [green] = (await sandbox.service()).slots.green.processes;
    const traffic = new Traffic(url);
    const client = await sandbox.client();
    await client.putSlot("web", "green", await sandbox.request("3.0.0"));
    const leaving = (await sandbox.service()).slots.green.processes.find(({ id }) => id === green?.id);
    assert.deepEqual([leaving?.leaving, leaving?.ready, leaving?.pid], [true, false, green?.pid]);
    assert.equal(await slow, `slow ${green?.id}`);
    await until("it is gone", async () => (await sandbox.service()).slots.green.processes.every(({ id }) => id !== green?.id));
    assert.deepEqual((await traffic.stop()).failures, []);
    assert.equal((await client.waitForSlot("web", "green")).spec?.version, "3.0.0");
  });

  it("that leaves with a request that does not end is stopped when its drain time is over, not before", async () => {
    const url = await sandbox.deploy();
    await sandbox.put("green", "2.0.0");
    await sandbox.setSplit(0);
    const slow = fetch(`${url}/slow?ms=60000`).then(() => "answered", () => "cut");
    await sleep(200);
    await sandbox.setSplit(100);
    const client = await sandbox.client();
    const begun = performance.now();
    await client.putSlot("web", "green", await sandbox.request("2.0.0", {}, { instances: 0, drainMs: 1_000 }));
    await client.waitForSlot("web", "green");
    assert.ok(performance.now() - begun >= 1_000);
    await slow;
  });

  it("is ended with everything that it started", async () => {
    await sandbox.put("blue", "1.0.0", { variables: { FORK: "yes" } });
    const family = sandbox.processes().filter(({ role }) => role === "instance");
    assert.equal(family.length, 2);
    const client = await sandbox.client();
    await client.deleteSlot("web", "blue");
    assert.ok(family.every((each) => !runs(each)));
  }).timeout(30_000);

  it("whose port somebody else took in the meantime gets another", async () => {
    // The first run gives its port to a stranger and ends, as if it had come too late.
    const digest = await storeApp(sandbox.artifacts, {
      "first.cjs": `const fs = require("fs"); const mark = process.env.MARK; if (!fs.existsSync(mark)) { fs.writeFileSync(mark, ""); const { spawn } = require("child_process"); spawn(process.execPath, ["-e", "require('net').createServer().listen(" + process.env.PORT + ", '127.0.0.1'); setTimeout(() => process.exit(), 1500)"], { detached: true, stdio: "ignore", env: {} }).unref(); setTimeout(() => process.exit(1), 300); } else require("./server.cjs");`,
    });
    const status = await sandbox.put("blue", "1.0.0", { digest, command: ["node", "first.cjs"], variables: { MARK: join(sandbox.root, "taken") } });
    assert.deepEqual([status.phase, status.processes[0]?.restarts], ["ready", 0]);
  });

  it("keeps its log when the supervisor dies", async () => {
    await sandbox.put("blue", "1.0.0", { variables: { SAY: "first words" } });
    const [{ id } = { id: "" }] = (await sandbox.service()).slots.blue.processes;
    assert.match(sandbox.read("logs", `${id}.log`), /first words/);
    await sandbox.killSupervisor();
    await sandbox.client();
    assert.match(sandbox.read("logs", `${id}.log`), /first words/);
  });

  it("of a slot whose capacity changes stays when it is still wanted", async () => {
    await sandbox.put("blue", "1.0.0");
    const client = await sandbox.client();
    const [first] = (await sandbox.service()).slots.blue.processes;
    await client.putSlot("web", "blue", await sandbox.request("1.0.0", { readiness: READY }, { instances: 3 }));
    const three = await client.waitForSlot("web", "blue");
    assert.deepEqual([three.processes.length, three.processes[0]?.pid], [3, first?.pid]);
    await client.putSlot("web", "blue", await sandbox.request("1.0.0", {}, { instances: 1 }));
    await until("one is left", async () => (await sandbox.service()).slots.blue.processes.length === 1);
    assert.equal((await sandbox.service()).slots.blue.processes[0]?.pid, first?.pid);
  });
});
