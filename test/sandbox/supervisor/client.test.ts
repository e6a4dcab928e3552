import assert from "node:assert/strict";
import { SandboxClient, SandboxUnreachable } from "../../../sandbox/client.js";
import { TestSandbox, until } from "../support/test-sandbox.js";

describe("A client of a sandbox", () => {
  let sandbox: TestSandbox;
  beforeEach(() => (sandbox = new TestSandbox()));
  afterEach(() => sandbox.remove());

  for (const [what, starts] of [["starts another supervisor", true], ["waits for somebody else to start one", false]] as const) {
    it(`that waits for a slot while the supervisor dies ${what}`, async () => {
      const starter = await sandbox.client();
      await starter.putSlot("web", "blue", await sandbox.request("1.0.0", { variables: { READY: "never" } }));
      const [instance] = await until("it is started", async () => {
        const { processes } = await starter.slot("web", "blue");
        return processes.some(({ pid }) => pid !== null) ? processes : undefined;
      });
      const waiting = (starts ? starter : await SandboxClient.connect(sandbox.directory)).waitForSlot("web", "blue", { signal: AbortSignal.timeout(30_000) });
      await sandbox.killSupervisor();
      if (!starts) await sandbox.client();
      await until("it is told to be ready", () => fetch(`http://127.0.0.1:${instance?.port}/set?ready=1`).then(({ ok }) => ok, () => false));
      const { phase, processes } = await waiting;
      assert.deepEqual([phase, processes[0]?.pid], ["ready", instance?.pid]);
    });
  }

  it("that waits in vain gives up when its signal says so", async () => {
    const client = await sandbox.client();
    await client.putSlot("web", "blue", await sandbox.request("1.0.0", { variables: { READY: "never" } }));
    await assert.rejects(client.waitForSlot("web", "blue", { signal: AbortSignal.timeout(300) }), { name: /TimeoutError|AbortError/ });
  });

  it("may leave the secrets of a SlotSpec out that the slot has, and not those of another one", async () => {
    const secrets = [{ name: "TOKEN", keyedDigest: "hmac-sha256:0" }];
    await sandbox.put("blue", "1.0.0", { secrets }, { secrets: { TOKEN: "canary" } });
    const [before] = (await sandbox.service()).slots.blue.processes;
    await sandbox.put("blue", "1.0.0", { secrets }, { labels: { seen: "twice" } });
    const { labels, processes } = (await sandbox.service()).slots.blue;
    assert.deepEqual([labels, processes[0]?.pid], [{ seen: "twice" }, before?.pid]);
    const scaled = await sandbox.put("blue", "1.0.0", { secrets }, { instances: 2 });
    const values = await Promise.all(scaled.processes.map(async ({ port }) => ((await (await fetch(`http://127.0.0.1:${port}/environment`)).json()) as Record<string, string>)["TOKEN"]));
    assert.deepEqual(values, ["canary", "canary"]);
    await assert.rejects(sandbox.put("blue", "1.0.1", { secrets }), { status: 400, message: /secrets "TOKEN" are missing/ });
    await assert.rejects(sandbox.put("green", "1.0.0", { secrets }), { status: 400 });
  });

  it("stops its sandbox, and says so when asked afterwards", async () => {
    const client = await sandbox.client();
    await sandbox.put("blue", "1.0.0");
    await client.stop({ traffic: true });
    assert.deepEqual(sandbox.processes(), []);
    await assert.rejects(client.state(), SandboxUnreachable);
  });
});
