import assert from "node:assert/strict";
import { chmodSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { digestOf } from "../../../model/digest.js";
import { TestSandbox, until } from "../support/test-sandbox.js";
import { fetchJson } from "../support/traffic.js";

const STALE = digestOf("another time");

describe("A sandbox refuses", () => {
  let sandbox: TestSandbox;
  beforeEach(() => (sandbox = new TestSandbox()));
  afterEach(() => sandbox.remove());

  it("another SlotSpec for a slot with weight or recorded live, and takes labels and deadlines for it", async () => {
    await sandbox.deploy();
    await sandbox.put("green", "2.0.0");
    const client = await sandbox.client();
    await sandbox.setSplit(70);
    await assert.rejects(client.putSlot("web", "green", await sandbox.request("3.0.0")), { code: "slot-in-use", status: 409, message: /Slot "green" of service "web" has 30 % of the traffic; a slot in use is never changed/ });
    await sandbox.setSplit(0);
    await assert.rejects(client.putSlot("web", "blue", await sandbox.request("3.0.0")), { code: "slot-in-use", message: /is recorded live/ });
    await assert.rejects(client.putSlot("web", "blue", await sandbox.request("1.0.0", {}, { instances: 0 })), { code: "slot-in-use" });
    await assert.rejects(client.putSlot("web", "blue", await sandbox.request("1.0.0", {}, { spec: null, instances: 0 })), { code: "slot-in-use" });
    await assert.rejects(client.deleteSlot("web", "blue"), { code: "slot-in-use" });

    const before = await sandbox.service();
    await client.putSlot("web", "green", await sandbox.request("2.0.0", {}, { labels: { mission: "7" }, drainMs: 9_000, progressDeadlineMs: 30_000, base: STALE }));
    const after = await sandbox.service();
    assert.deepEqual(after.slots.green.labels, { mission: "7" });
    assert.deepEqual([after.generation, after.slots.green.processes], [before.generation, before.slots.green.processes]);
  });

  it("what was decided on a state that is no longer so, unless it changes nothing", async () => {
    await sandbox.deploy();
    await sandbox.put("green", "2.0.0");
    const client = await sandbox.client();
    const old = await sandbox.base();
    await sandbox.setSplit(50);
    await sandbox.setSplit(100);
    await assert.rejects(client.putSplit("web", { live: "blue", split: { blue: 0, green: 100 }, returnTo: null, base: old }), { code: "base", message: /generation 5 now/ });
    await assert.rejects(client.putSlot("web", "green", await sandbox.request("3.0.0", {}, { base: old })), { code: "base" });
    const before = await sandbox.service();
    await client.putSplit("web", { live: "blue", split: { blue: 100, green: 0 }, returnTo: null, base: old });
    await client.putSlot("web", "green", await sandbox.request("2.0.0", {}, { base: old }));
    assert.deepEqual((await sandbox.service()).generation, before.generation);
  });

  it("of two writers on one base the second", async () => {
    await sandbox.deploy();
    const client = await sandbox.client();
    const requests = await Promise.all(["2.0.0", "3.0.0"].map((version) => sandbox.request(version)));
    const results = await Promise.allSettled(requests.map((request) => client.putSlot("web", "green", request)));
    assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assert.equal((results.find((result) => result.status === "rejected")?.reason as { code: string }).code, "base");
  });

  it("a first split that is none", async () => {
    const client = await sandbox.client();
    await client.putRouting("web", { ports: {}, headers: true, stickinessMs: null, accessLog: false });
    const first = (blue: number, live: "blue" | "green" = "blue", base: string | null = null) => client.putSplit("web", { live, split: { blue, green: 100 - blue }, returnTo: null, base });
    await assert.rejects(first(100), { code: "not-ready", message: /Slot "blue" of service "web" is empty/ });
    await sandbox.put("blue", "1.0.0");
    await assert.rejects(first(90), { code: "live", message: /gives slot "blue" 90 %; it must give its live slot 100 %/ });
    await assert.rejects(first(100, "blue", await sandbox.base()), { code: "base" });
    await sandbox.put("blue", "1.0.0", { service: "api" });
    await assert.rejects(client.putSplit("api", { live: "blue", split: { blue: 100, green: 0 }, returnTo: null, base: null }), { code: "no-routing" });
    await first(100);
    await first(100);
    await assert.rejects(first(0, "green"), { code: "exists", message: /has a split already \(blue 100 \/ green 0\)/ });
  });

  it("weights that are none", async () => {
    await sandbox.deploy();
    const client = await sandbox.client();
    await assert.rejects(client.putSplit("web", { live: "blue", split: { blue: 90, green: 20 }, returnTo: null, base: await sandbox.base() }), { status: 400, message: /The weights sum to 110; they must sum to 100/ });
  });

  it("traffic for a slot that is not ready, and lets it go back to live", async () => {
    const url = await sandbox.deploy("1.0.0", { size: 2 });
    const client = await sandbox.client();
    const slow = { http: "/ready", interval: "100ms", timeout: "2s", successes: 1, failures: 1 } as const;
    await client.putSlot("web", "green", await sandbox.request("2.0.0", { size: 2, variables: { READY: "never" } }));
    await until("green is started", async () => (await sandbox.service()).slots.green.processes.every(({ pid }) => pid !== null));
    await assert.rejects(sandbox.setSplit(90), { code: "not-ready", message: /^Slot "green" of service "web" has 0 of 2 instances ready; it cannot get 10 % of the traffic\.$/ });
    await sandbox.put("green", "2.0.1", { size: 2, readiness: slow });
    await sandbox.setSplit(50);
    // One instance of live is not ready: raising the candidate is fine, and so is going back to live in an emergency.
    const [one] = (await sandbox.service()).slots.blue.processes;
    await fetch(`http://127.0.0.1:${one?.port}/set?ready=0`);
    await until("blue has one ready", async () => (await sandbox.service()).slots.blue.processes.filter(({ ready }) => ready).length === 1);
    await sandbox.setSplit(0);
    await sandbox.setSplit(100);
    // Nothing is ready at all: live may still be chosen, anything else not.
    await sandbox.setSplit(50);
    for (const slot of ["blue", "green"] as const) for (const { port } of (await sandbox.service()).slots[slot].processes) await fetch(`http://127.0.0.1:${port}/set?ready=0`);
    await until("none is ready", async () => Object.values((await sandbox.service()).slots).every(({ processes }) => processes.every(({ ready }) => !ready)));
    await assert.rejects(sandbox.setSplit(40), { code: "not-ready" });
    await sandbox.setSplit(100);
    assert.equal((await fetchJson(url)).slot, "blue");
  });

  it("an artifact that is missing or was changed", async () => {
    const client = await sandbox.client();
    const missing = digestOf("nothing");
    await assert.rejects(client.putSlot("web", "blue", await sandbox.request("1.0.0", { digest: missing })), { code: "artifact", message: new RegExp(missing) });
    const digest = await sandbox.digest;
    const folder = join(sandbox.artifacts, digest.slice(7));
    chmodSync(folder, 0o700);
    writeFileSync(join(folder, "extra.txt"), "not there when it was released");
    await assert.rejects(client.putSlot("web", "blue", await sandbox.request("1.0.0")), (error: Error & { code?: string }) => error.code === "digest" && error.message.includes(digest) && (error.message.match(/sha256:/g) ?? []).length === 2);
    assert.deepEqual(await sandbox.state().then(({ services }) => services), {});
  });

  it("a port that is in use, and stays as it was", async () => {
    const url = await sandbox.deploy();
    const client = await sandbox.client();
    const other = createServer();
    const port = await new Promise<number>((resolve) => other.listen({ host: "127.0.0.1", port: 0 }, () => resolve((other.address() as { port: number }).port)));
    try {
      const routing = { headers: true, stickinessMs: null, accessLog: false };
      await assert.rejects(client.putRouting("web", { ...routing, ports: { production: port } }), { code: "port", message: new RegExp(`Port ${port} \\(production of service "web"\\) is in use`) });
      const { endpoints } = await sandbox.service();
      assert.equal(endpoints?.production, url);
      assert.equal((await fetchJson(url)).version, "1.0.0");
      const own = Number(new URL(url).port);
      await assert.rejects(client.putRouting("api", { ...routing, ports: { blue: own } }), { code: "port", message: /is given to production of service "web"/ });
    } finally {
      other.close();
    }
  });

  it("whoever has no token, and what it does not understand", async () => {
    await sandbox.client();
    const { port } = JSON.parse(sandbox.read("supervisor.json")) as { port: number };
    const ask = (path: string, token: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });
    const token = sandbox.read("token");
    assert.deepEqual((await Promise.all([ask("/v1/state", "wrong"), ask("/v1/state", ""), ask("/v1/state", token)])).map(({ status }) => status), [401, 401, 200]);
    assert.equal((await ask("/v1/nothing", token)).status, 404);
    assert.equal((await ask("/v1/services/web/slots/blue", token)).status, 404);
    assert.equal((await ask("/v1/services/We%20b/split", token, { method: "PUT", body: "{}" })).status, 400);
    assert.equal((await ask("/v1/services/web/split", token, { method: "PUT", body: "{" })).status, 400);
    assert.equal((await ask("/v1/services/web/split", token, { method: "PUT", body: "x".repeat(5 * 1024 * 1024) })).status, 413);
    const many = (await (await ask("/v1/alarms/a", token, { method: "PUT", body: JSON.stringify({ service: "web", metric: "luck", threshold: -1, windowMs: 5 }) })).json()) as { error: string };
    for (const path of ["metric", "threshold", "windowMs", "targets"]) assert.match(many.error, new RegExp(`"${path}"`));
  });

  it("a secret without its value, and names no value", async () => {
    const client = await sandbox.client();
    const secrets = [{ name: "TOKEN", keyedDigest: "hmac-sha256:0" }, { name: "OTHER", keyedDigest: "hmac-sha256:0" }];
    await assert.rejects(client.putSlot("web", "blue", await sandbox.request("1.0.0", { secrets }, { secrets: { TOKEN: "canary" } })), { status: 400, message: /The values of the secrets "OTHER" are missing/ });
  });

  it("to change anything when the state cannot be written", async () => {
    if (process.getuid?.() === 0 && !existsSync("/dev/full")) return;
    await sandbox.deploy();
    const client = await sandbox.client();
    const before = await sandbox.service();
    // A directory in the place of the new file cannot be opened for writing, not by root either.
    const { mkdirSync } = await import("node:fs");
    mkdirSync(sandbox.file("state.json.new"));
    await assert.rejects(client.putSlot("web", "green", await sandbox.request("2.0.0")), { code: "disk", status: 500, message: /nothing was changed/ });
    const { generation, slots } = await sandbox.service();
    assert.deepEqual([generation, slots.green.phase], [before.generation, "empty"]);
    assert.equal(sandbox.processes().filter(({ role }) => role === "instance").length, 1);
    rmSync(sandbox.file("state.json.new"), { recursive: true, force: true });
    assert.equal((await sandbox.put("green", "2.0.0")).phase, "ready");
  });
});
