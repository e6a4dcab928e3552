import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { SandboxClient, SandboxUnreachable, readOffline, removeSandbox, stopSandbox, toObserved } from "../../../sandbox/client.js";
import { runs, TestSandbox, until } from "../support/test-sandbox.js";
import { fetchJson, Traffic } from "../support/traffic.js";

describe("A sandbox", () => {
  let sandbox: TestSandbox;
  beforeEach(() => (sandbox = new TestSandbox()));
  afterEach(() => sandbox.remove());

  it("starts a slot, routes to it and says so", async () => {
    const url = await sandbox.deploy();
    assert.equal((await fetchJson(url)).version, "1.0.0");
    const { slots, split, live, generation } = await sandbox.service();
    assert.deepEqual([slots.blue.phase, slots.green.phase, split, live, generation], ["ready", "empty", { blue: 100, green: 0 }, "blue", 2]);
  });

  it("keeps its files to its owner", async () => {
    await sandbox.client();
    assert.equal(statSync(sandbox.directory).mode & 0o777, 0o700);
    for (const name of ["token", "key", "state.json"]) assert.equal(statSync(sandbox.file(name)).mode & 0o077, 0, name);
  });

  it("shifts traffic, promotes and retires without losing a request", async () => {
    const url = await sandbox.deploy("1.0.0", { size: 2 });
    const traffic = new Traffic(url, 5);
    const client = await sandbox.client();
    assert.equal((await sandbox.put("green", "2.0.0", { size: 2 })).phase, "ready");
    await sandbox.setSplit(50);
    await until("both slots answer", async () => (await fetchJson(url)).slot === "green");
    await sandbox.setSplit(0);
    const finished = await sandbox.setSplit(0, "green");
    assert.equal(finished.live, "green");
    const blue = finished.slots.blue.spec;
    await client.putSlot("web", "blue", { ...(await sandbox.request("1.0.0")), spec: blue, instances: 0 });
    const retired = await client.waitForSlot("web", "blue");
    assert.deepEqual([retired.phase, retired.spec?.version, retired.processes], ["retired", "1.0.0", []]);
    const { failures, by } = await traffic.stop();
    assert.deepEqual(failures, []);
    assert.ok((by["green 2.0.0"] ?? 0) > 0 && (by["blue 1.0.0"] ?? 0) > 0);
  });

  it("is stopped with everything in it and comes back as it was recorded", async () => {
    const url = await sandbox.deploy("1.0.0", { size: 2 });
    await sandbox.put("green", "2.0.0");
    await sandbox.setSplit(60);
    const processes = sandbox.processes();
    const recorded = JSON.parse(sandbox.read("state.json")) as unknown;
    await stopSandbox(sandbox.directory, { traffic: true });
    assert.deepEqual(sandbox.processes(), []);
    assert.ok(processes.length >= 4 && processes.every((each) => !runs(each)));
    await assert.rejects(fetchJson(url));
    assert.deepEqual(JSON.parse(sandbox.read("state.json")), recorded);
    await assert.rejects(SandboxClient.connect(sandbox.directory), SandboxUnreachable);

    await sandbox.client();
    const counts = { blue: 0, green: 0 };
    for (const slot of ["blue", "green"]) await until(`${slot} answers again`, async () => (await fetchJson(url).catch(() => undefined))?.slot === slot);
    for (let request = 0; request < 100; request += 1) counts[(await fetchJson(url)).slot as "blue" | "green"] += 1;
    assert.deepEqual(counts, { blue: 60, green: 40 });
  });

  it("lets requests in flight end when it is stopped", async () => {
    const url = await sandbox.deploy();
    const slow = fetch(`${url}/slow?ms=600`).then((response) => response.text());
    await until("the request is in flight", async () => JSON.stringify(await inFlight(sandbox)).includes("web-blue"));
    await stopSandbox(sandbox.directory, { traffic: true });
    assert.match(await slow, /^slow web-blue/);
  });

  it("stops its supervisor alone and goes on serving", async () => {
    const url = await sandbox.deploy();
    const before = sandbox.processes().map(({ pid }) => pid);
    await stopSandbox(sandbox.directory, { traffic: false });
    assert.equal(sandbox.supervisor, undefined);
    assert.equal(existsSync(sandbox.file("supervisor.json")), false);
    assert.equal((await fetchJson(url)).version, "1.0.0");
    assert.deepEqual(sandbox.processes().map(({ pid }) => pid), before);
    await sandbox.client();
    assert.deepEqual(sandbox.processes().map(({ pid }) => pid), before);
    await stopSandbox(sandbox.directory, { traffic: true });
  });

  it("is stopped as a whole also when its supervisor was killed", async () => {
    await sandbox.deploy();
    await sandbox.killSupervisor();
    await stopSandbox(sandbox.directory, { traffic: true });
    assert.deepEqual(sandbox.processes(), []);
  });

  it("is read offline: everything that is recorded, nothing of processes", async () => {
    assert.equal(await readOffline(sandbox.directory), undefined);
    await sandbox.deploy();
    const online = await sandbox.state();
    await stopSandbox(sandbox.directory, { traffic: true });
    const offline = await readOffline(sandbox.directory);
    assert.deepEqual(offline?.services["web"]?.split, { blue: 100, green: 0 });
    assert.deepEqual([offline?.services["web"]?.slots.blue.phase, offline?.services["web"]?.slots.blue.processes], ["ready", []]);
    assert.deepEqual(offline?.services["web"]?.endpoints, online.services["web"]?.endpoints);
    const [before, after] = [toObserved(online)["web"], offline && toObserved(offline)["web"]];
    assert.deepEqual([before?.slots.blue?.ready, after?.slots.blue?.ready], [1, 0]);
    assert.equal(await sandbox.base().catch(() => "unreachable"), "unreachable");
  });

  it("gets a supervisor of the build that asks, and its traffic notices nothing", async () => {
    try {
      process.env["MISSION_TEST_BUILD"] = "one";
      const url = await sandbox.deploy();
      const before = await sandbox.state();
      const traffic = new Traffic(url, 5);
      await sandbox.client();
      assert.equal((await sandbox.state()).supervisor.pid, before.supervisor.pid);
      process.env["MISSION_TEST_BUILD"] = "two";
      // Two who ask at once get the same one.
      await Promise.all([sandbox.client(), sandbox.client()]);
      const after = await sandbox.state();
      assert.deepEqual((await traffic.stop()).failures, []);
      assert.deepEqual([before.build, after.build, after.router?.pid], ["one", "two", before.router?.pid]);
      assert.notEqual(after.supervisor.pid, before.supervisor.pid);
      assert.deepEqual(after.services["web"]?.slots.blue.processes, before.services["web"]?.slots.blue.processes);
    } finally {
      delete process.env["MISSION_TEST_BUILD"];
    }
  });

  it("is removed only when nothing of it serves", async () => {
    const url = await sandbox.deploy();
    await assert.rejects(removeSandbox(sandbox.directory), { name: "SandboxRefusal", code: "in-use", message: /serves traffic with "web" blue; stop it first/ });
    await sandbox.killSupervisor();
    await assert.rejects(removeSandbox(sandbox.directory), { code: "in-use" });
    assert.equal((await fetchJson(url)).version, "1.0.0");
    await stopSandbox(sandbox.directory, { traffic: true });
    await removeSandbox(sandbox.directory);
    assert.equal(existsSync(sandbox.directory), false);
    await removeSandbox(sandbox.directory);
  });

  it("forgets a service whose split and slots are removed", async () => {
    await sandbox.deploy();
    const client = await sandbox.client();
    await assert.rejects(client.deleteSlot("web", "blue"), { code: "slot-in-use" });
    await client.deleteService("web");
    await client.deleteSlot("web", "blue");
    assert.deepEqual((await sandbox.state()).services, {});
    assert.deepEqual(sandbox.processes().map(({ role }) => role), ["router"]);
    await client.deleteService("web");
    await client.deleteSlot("web", "blue");
  });

  it("copied elsewhere takes nothing of the first one for its own", async () => {
    await sandbox.deploy();
    const copy = `${sandbox.directory}-copy`;
    const { cpSync } = await import("node:fs");
    cpSync(sandbox.directory, copy, { recursive: true });
    const place = { directory: copy, artifacts: sandbox.artifacts };
    await assert.rejects(SandboxClient.ensure(place), { code: "broken", message: /was moved or copied from .* processes of that one still run/ });
    assert.equal(sandbox.processes().length, 2);
  });
});

async function inFlight(sandbox: TestSandbox): Promise<unknown> {
  const { port } = JSON.parse(sandbox.read("router-admin.json")) as { port: number };
  const response = await fetch(`http://127.0.0.1:${port}/state`, { headers: { authorization: `Bearer ${sandbox.read("token")}` } });
  return ((await response.json()) as { inFlight: unknown }).inFlight;
}
