import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { SandboxClient } from "../../../sandbox/client.js";
import { identify } from "../../../sandbox/process/identity.js";
import type { ServiceState } from "../../../sandbox/protocol.js";
import { kill, runs, TestSandbox, until } from "../support/test-sandbox.js";
import { fetchJson, Traffic } from "../support/traffic.js";

describe("What runs in a sandbox", () => {
  let sandbox: TestSandbox;
  beforeEach(() => (sandbox = new TestSandbox()));
  afterEach(async () => {
    delete process.env["MISSION_FAILPOINT"];
    await sandbox.remove();
  });

  it("survives its supervisor, and the next one adopts it without a failed request", async () => {
    const url = await sandbox.deploy("1.0.0", { size: 2 });
    await sandbox.put("green", "2.0.0", { size: 2 });
    await sandbox.setSplit(50);
    const before = await sandbox.state();
    const traffic = new Traffic(url, 5);
    for (let round = 0; round < 3; round += 1) {
      await sandbox.killSupervisor();
      await sleep(100);
      await sandbox.client();
      await sleep(300);
    }
    const after = await sandbox.state();
    assert.deepEqual((await traffic.stop()).failures, []);
    assert.notEqual(after.supervisor.pid, before.supervisor.pid);
    assert.equal(after.router?.pid, before.router?.pid);
    assert.deepEqual(pids(after.services["web"]), pids(before.services["web"]));
    assert.deepEqual(after.services["web"]?.split, { blue: 50, green: 50 });
  });

  it("has its router back with the same weights when that was killed", async () => {
    const url = await sandbox.deploy();
    await sandbox.put("green", "2.0.0");
    await sandbox.setSplit(30);
    const before = (await sandbox.state()).router?.pid ?? 0;
    await kill(before);
    const back = await until("another router answers", () => fetchJson(url).catch(() => undefined));
    assert.ok(back.version === "1.0.0" || back.version === "2.0.0");
    const router = await until("the supervisor knows the new router", async () => (await sandbox.state()).router);
    assert.notEqual(router.pid, before);
    const counts = { blue: 0, green: 0 };
    for (let request = 0; request < 100; request += 1) counts[(await fetchJson(url)).slot as "blue" | "green"] += 1;
    assert.deepEqual(counts, { blue: 30, green: 70 });
  });

  it("has a router again that was adopted and then killed", async () => {
    const url = await sandbox.deploy();
    await sandbox.killSupervisor();
    await sandbox.client();
    const before = (await sandbox.state()).router?.pid ?? 0;
    await kill(before);
    assert.equal((await until("another router answers", () => fetchJson(url).catch(() => undefined))).version, "1.0.0");
  });

  it("has a router again that was killed together with the supervisor", async () => {
    const url = await sandbox.deploy();
    const router = (await sandbox.state()).router?.pid ?? 0;
    await sandbox.killSupervisor();
    await kill(router);
    await sandbox.client();
    assert.equal((await until("another router answers", () => fetchJson(url).catch(() => undefined))).version, "1.0.0");
  });

  for (const adopted of [false, true]) {
    it(`starts an ${adopted ? "adopted " : ""}instance again that was killed, while the others serve`, async () => {
      const url = await sandbox.deploy("1.0.0", { size: 2 });
      if (adopted) {
        await sandbox.killSupervisor();
        await sandbox.client();
      }
      const traffic = new Traffic(url, 5);
      const [first, second] = (await sandbox.service()).slots.blue.processes;
      await kill(first?.pid ?? 0);
      const again = await until("it runs again", async () => {
        const found = (await sandbox.service()).slots.blue.processes.find(({ id }) => id === first?.id);
        return found?.ready === true && found.pid !== first?.pid ? found : undefined;
      });
      assert.equal(again.restarts, 1);
      assert.equal((await sandbox.service()).slots.blue.processes.find(({ id }) => id === second?.id)?.pid, second?.pid);
      const { failures } = await traffic.stop();
      // A request that was in flight in the killed process has nobody to answer it.
      assert.ok(failures.length <= 1, failures.join("\n"));
    });
  }

  it("starts an instance again that ended while no supervisor was there", async () => {
    const url = await sandbox.deploy("1.0.0", { size: 2 });
    const [first] = (await sandbox.service()).slots.blue.processes;
    await sandbox.killSupervisor();
    await kill(first?.pid ?? 0);
    await sandbox.client();
    const status = await until("two are ready", async () => {
      const { blue } = (await sandbox.service()).slots;
      return blue.processes.filter(({ ready }) => ready).length === 2 ? blue : undefined;
    });
    assert.equal(status.processes.find(({ id }) => id === first?.id)?.restarts, 1);
    assert.equal((await fetchJson(url)).version, "1.0.0");
  });

  for (const failpoint of ["state-saved", "secrets-saved", "router-spawned", "instance-spawned"]) {
    it(`leaves no orphan and no gap when the supervisor dies at "${failpoint}"`, async () => {
      const request = await sandbox.request("1.0.0", { secrets: [{ name: "TOKEN", keyedDigest: "hmac-sha256:0" }] }, { secrets: { TOKEN: "canary" }, base: sandbox.emptyBase });
      await dieAt(sandbox, failpoint, (client) => client.putSlot("web", "blue", request));
      const client = await sandbox.client();
      await client.putSlot("web", "blue", request);
      assert.equal((await client.waitForSlot("web", "blue")).phase, "ready");
      const found = sandbox.processes();
      const status = await client.slot("web", "blue");
      assert.deepEqual(found.map(({ role }) => role).sort(), ["instance", "router"]);
      assert.equal(found.find(({ role }) => role === "instance")?.pid, status.processes[0]?.pid);
      assert.equal(found.find(({ role }) => role === "router")?.pid, (await sandbox.state()).router?.pid);
    });
  }

  for (const failpoint of ["state-saved", "router-file-written#2", "split-applied"]) {
    it(`has one split, recorded and routed, when the supervisor dies at "${failpoint}" of a change`, async () => {
      const url = await sandbox.deploy();
      await sandbox.put("green", "2.0.0");
      const base = await sandbox.base();
      await sandbox.killSupervisor();
      await dieAt(sandbox, failpoint, (client) => client.putSplit("web", { live: "blue", split: { blue: 0, green: 100 }, returnTo: null, base }));
      const client = await sandbox.client();
      // The intent was recorded before anything was done, so it is what the next supervisor carries out; asking again changes nothing.
      assert.deepEqual((await sandbox.service()).split, { blue: 0, green: 100 });
      await until("the router routes by what is recorded", async () => (await fetchJson(url)).slot === "green");
      const { generation } = await sandbox.service();
      assert.equal((await client.putSplit("web", { live: "blue", split: { blue: 0, green: 100 }, returnTo: null, base })).generation, generation);
    });
  }

  it("never ends a foreign process that has a recorded pid", async () => {
    await sandbox.deploy();
    await sandbox.killSupervisor();
    const strangers = [0, 1].map(() => spawn("sleep", ["60"], { detached: true, stdio: "ignore" }));
    try {
      const book = JSON.parse(sandbox.read("processes.json")) as { router: { pid: number }; instances: Record<string, { process: { pid: number } }> };
      for (const each of sandbox.processes()) await kill(each.pid);
      const [router, instance] = strangers;
      // As if the system had given the pids of the dead to others.
      book.router.pid = router?.pid ?? 0;
      for (const entry of Object.values(book.instances)) entry.process.pid = instance?.pid ?? 0;
      writeFileSync(sandbox.file("processes.json"), JSON.stringify(book));
      const client = await sandbox.client();
      await until("the instance is back", async () => (await sandbox.service()).slots.blue.processes[0]?.ready);
      await client.deleteService("web");
      await client.deleteSlot("web", "blue");
      for (const stranger of strangers) assert.ok(runs(identify(stranger.pid ?? 0) ?? { pid: 0, start: "" }));
    } finally {
      for (const stranger of strangers) stranger.kill("SIGKILL");
    }
  });

  it("is found by its marker when the record of processes is lost", async () => {
    const url = await sandbox.deploy("1.0.0", { size: 2 });
    const before = (await sandbox.service()).slots.blue.processes.map(({ pid }) => pid);
    await sandbox.killSupervisor();
    writeFileSync(sandbox.file("processes.json"), "{ torn");
    const traffic = new Traffic(url, 5);
    await sandbox.client();
    await sleep(300);
    assert.deepEqual((await traffic.stop()).failures, []);
    assert.deepEqual((await sandbox.service()).slots.blue.processes.map(({ pid }) => pid), before);
  });

  it("has one supervisor when many are started at once", async () => {
    const clients = await Promise.all(Array.from({ length: 6 }, () => sandbox.client()));
    const states = await Promise.all(clients.map((client) => client.state()));
    assert.equal(new Set(states.map(({ supervisor }) => supervisor.pid)).size, 1);
    const supervisors = () => readdirSync("/proc").filter((name) => /^\d+$/.test(name) && commandLine(name).includes(`supervisor/main.js\0${sandbox.directory}`));
    await until("the others have ended", () => supervisors().length === 1);
  });

  it("stays as it is when the recorded state is torn, and the next supervisor says why it does not start", async () => {
    const url = await sandbox.deploy();
    const before = sandbox.processes().map(({ pid }) => pid);
    await sandbox.killSupervisor();
    const whole = sandbox.read("state.json");
    for (const torn of [whole.slice(0, whole.length / 2), "", whole.replace('"format": 1', '"format": 2')]) {
      writeFileSync(sandbox.file("state.json"), torn);
      await assert.rejects(sandbox.client(), { name: "SandboxRefusal", code: "broken", message: /state\.json" is .*what runs stays as it is; the state before the last change is in ".*state\.json\.previous"/ });
      assert.equal((await fetchJson(url)).version, "1.0.0");
    }
    assert.deepEqual(sandbox.processes().map(({ pid }) => pid), before);
    writeFileSync(sandbox.file("state.json"), whole);
    await sandbox.client();
    assert.deepEqual(sandbox.processes().map(({ pid }) => pid), before);
  });

  it("comes back from the state before the last change, when that is restored", async () => {
    await sandbox.deploy();
    await sandbox.killSupervisor();
    copyFileSync(sandbox.file("state.json.previous"), sandbox.file("state.json"));
    await sandbox.client();
    assert.equal((await sandbox.service()).slots.blue.phase, "ready");
  });
});

/** Has the supervisor die at a failpoint, at its start or while it does something. */
async function dieAt(sandbox: TestSandbox, failpoint: string, work: (client: SandboxClient) => Promise<unknown>): Promise<void> {
  process.env["MISSION_FAILPOINT"] = failpoint;
  try {
    await sandbox.client();
    // A client that starts no supervisor, so that the dead stay dead.
    await work(await SandboxClient.connect(sandbox.directory)).catch(() => undefined);
  } finally {
    delete process.env["MISSION_FAILPOINT"];
  }
  if (failpoint !== "router-spawned") await until("the supervisor is dead", () => sandbox.supervisor === undefined);
  else await sandbox.killSupervisor();
}

function pids(service: ServiceState | undefined): unknown {
  return [service?.slots.blue, service?.slots.green].map((slot) => slot?.processes.map(({ id, pid, port, startedAt }) => ({ id, pid, port, startedAt })));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
