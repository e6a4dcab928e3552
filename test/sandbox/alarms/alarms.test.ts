import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { SandboxClient } from "../../../sandbox/client.js";
import type { AlarmRequest } from "../../../sandbox/protocol.js";
import { kill, TestSandbox, until } from "../support/test-sandbox.js";

const FILE = { type: "file", path: "notifications.jsonl" } as const;

describe("An alarm of a sandbox", () => {
  let sandbox: TestSandbox;
  beforeEach(() => (sandbox = new TestSandbox()));
  afterEach(() => sandbox.remove());

  const request = (more: Partial<AlarmRequest> = {}): AlarmRequest => ({ service: "web", metric: "error-rate", threshold: 0.1, windowMs: 2_000, targets: [FILE], ...more });
  const alarm = async () => (await sandbox.state()).alarms["web"];
  const becomes = (state: string) => until(`the alarm is ${state}`, async () => ((await alarm())?.state === state ? alarm() : undefined));
  const told = () => sandbox.read("notifications.jsonl").trim().split("\n").map((line) => (JSON.parse(line) as { state: string }).state);

  /** Sends requests until it is told to stop. */
  function load(url: string, path: () => string): () => Promise<void> {
    let on = true;
    const loop = (async () => {
      while (on) {
        await fetch(`${url}${path()}`).then((response) => response.text(), () => undefined);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    return async () => {
      on = false;
      await loop;
    };
  }

  it("on the error rate knows nothing without traffic, goes off, survives the router and the supervisor, and ends", async () => {
    const url = await sandbox.deploy();
    await (await sandbox.client()).putAlarm("web", request());
    assert.deepEqual([(await alarm())?.state, (await alarm())?.value], ["insufficient-data", null]);
    let code = 200;
    const stop = load(url, () => `/status?code=${code}`);
    assert.equal((await becomes("ok")).value, 0);
    code = 500;
    assert.ok(((await becomes("alarm")).value ?? 0) > 0.1);
    await kill((await sandbox.state()).router?.pid ?? 0);
    await until("there is another router", async () => (await sandbox.state()).router);
    assert.equal((await alarm())?.state, "alarm");
    code = 200;
    await becomes("ok");
    await stop();
    await becomes("insufficient-data");
    await until("the end is told", () => told().length === 2);
    assert.deepEqual(told(), ["alarm", "ok"]);
    await sandbox.killSupervisor();
    await sandbox.client();
    assert.equal((await alarm())?.state, "insufficient-data");
  });

  it("on the latency is in milliseconds", async () => {
    const url = await sandbox.deploy();
    await (await sandbox.client()).putAlarm("web", request({ metric: "latency-p95", threshold: 100 }));
    const stop = load(url, () => "/slow?ms=300");
    const { value } = await becomes("alarm");
    assert.ok((value ?? 0) > 100 && (value ?? 0) < 5_000, String(value));
    await stop();
  });

  it("on the availability goes off when live instances are not ready, and is told to a webhook that nobody waits for", async () => {
    const texts: string[] = [];
    const hook = createServer((incoming, response) => {
      incoming.on("data", (piece: Buffer) => texts.push((JSON.parse(piece.toString()) as { text: string }).text));
      response.end();
    });
    const hanging = createServer(() => undefined);
    await Promise.all([hook, hanging].map((server) => new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve))));
    try {
      const urls = [hanging, hook].map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await sandbox.deploy();
      const targets = urls.map((url) => ({ type: "webhook", url }) as const);
      await (await sandbox.client()).putAlarm("web", request({ metric: "availability", threshold: 1, windowMs: 1_000, targets }));
      await becomes("ok");
      const [{ port } = { port: 0 }] = (await sandbox.service()).slots.blue.processes;
      await fetch(`http://127.0.0.1:${port}/set?ready=0`);
      await becomes("alarm");
      await until("it is told", () => texts.length === 1);
      await fetch(`http://127.0.0.1:${port}/set?ready=1`);
      await becomes("ok");
      await until("the end is told", () => texts.length === 2);
      assert.match(texts.join("\n"), /^ALARM: Service "web": availability is 0 % \(allowed is at least 100 %\)\.\nOver: Service "web": availability is 100 %/);
    } finally {
      for (const server of [hook, hanging]) {
        server.closeAllConnections();
        server.close();
      }
    }
  });

  it("is tested by the way that it would go itself: each target tells apart, and a hanging or redirecting one is not waited for for long", async () => {
    const texts: string[] = [];
    const hook = createServer((incoming, response) => {
      incoming.on("data", (piece: Buffer) => texts.push((JSON.parse(piece.toString()) as { text: string }).text));
      response.end();
    });
    const hanging = createServer(() => undefined);
    const away = createServer((_incoming, response) => response.writeHead(307, { location: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/` }).end());
    const servers = [hook, hanging, away];
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve))));
    try {
      const hosts = servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
      const client = await sandbox.client();
      await client.putAlarm("web", request({ targets: [FILE, ...hosts.map((host) => ({ type: "webhook", url: `http://${host}/services/canary-path` }) as const)] }));
      const before = await alarm();
      const outcomes = await client.testAlarm("web", "probe-1");
      assert.deepEqual(outcomes, [
        { type: "file", where: sandbox.file("notifications.jsonl"), ok: true, reason: null },
        { type: "webhook", where: hosts[0], ok: true, reason: null },
        { type: "webhook", where: hosts[1], ok: false, reason: `${hosts[1]}: no answer within 5000 ms (3 tries)` },
        { type: "webhook", where: hosts[2], ok: false, reason: `${hosts[2]} answered 307, a redirect, which is not followed (1 try)` },
      ]);
      assert.deepEqual(texts, ['TEST probe-1: this is how alarm "web" of service "web" would reach you. Nothing is wrong.']);
      assert.equal((JSON.parse(sandbox.read("notifications.jsonl")) as { test: string }).test, "probe-1");
      assert.deepEqual(await alarm(), before);
    } finally {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    }
  });

  it("that is not there cannot be tested, nor with an id that is none", async () => {
    const client = await sandbox.client();
    await assert.rejects(client.testAlarm("web", "probe-1"), { status: 404, message: /There is no alarm "web"/ });
    await client.putAlarm("web", request());
    await assert.rejects(client.testAlarm("web", "a b\n"), { status: 400, message: /letters, digits, dots, dashes and underscores/ });
    await client.putAlarm("web", request({ targets: [] }));
    assert.deepEqual(await client.testAlarm("web", "probe-2"), []);
  });

  it("is kept by its name, changed and removed", async () => {
    const client: SandboxClient = await sandbox.client();
    await client.putAlarm("web", request());
    const since = (await alarm())?.since;
    await client.putAlarm("web", request());
    await client.putAlarm("web", request({ threshold: 0.2 }));
    assert.deepEqual([(await alarm())?.threshold, (await alarm())?.since], [0.2, since]);
    await client.deleteAlarm("web");
    await client.deleteAlarm("web");
    assert.deepEqual((await sandbox.state()).alarms, {});
  });

  it("writes no file outside the sandbox by a relative path, and takes no address that is none", async () => {
    const client = await sandbox.client();
    await assert.rejects(client.putAlarm("web", request({ targets: [{ type: "file", path: "../outside.jsonl" }] })), { status: 400, message: /leads out of the sandbox's directory/ });
    await assert.rejects(client.putAlarm("web", request({ targets: [{ type: "webhook", url: "file:///etc/passwd" }] })), { status: 400, message: /http or https/ });
  });
});
