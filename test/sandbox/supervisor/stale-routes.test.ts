import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { kill, TestSandbox, until } from "../support/test-sandbox.js";

describe("The port of an instance that is gone", () => {
  let sandbox: TestSandbox;
  const backoff = process.env["MISSION_TEST_BACKOFF_MS"];
  beforeEach(() => (sandbox = new TestSandbox()));
  afterEach(async () => {
    process.env["MISSION_TEST_BACKOFF_MS"] = backoff;
    await sandbox.remove();
  });

  it("gets no request when somebody else listens there after everything had died", async () => {
    const url = await sandbox.deploy();
    const [{ port, pid } = { port: 0, pid: null }] = (await sandbox.service()).slots.blue.processes;
    await sandbox.killSupervisor();
    for (const each of sandbox.processes()) await kill(each.pid);
    let stolen = 0;
    const stranger = createServer((_request, response) => {
      stolen += 1;
      response.end("{}");
    });
    await until("a stranger has the port", () => listens(stranger, port));
    try {
      const starting = sandbox.client();
      await until("the instance is back", async () => {
        await fetch(url).then((response) => response.text(), () => undefined);
        const processes = await sandbox.service().then(({ slots }) => slots.blue.processes, () => []);
        return processes.some((each) => each.ready && each.pid !== pid);
      });
      await starting;
      await until("it serves", () => fetch(url).then(({ ok }) => ok, () => false));
      assert.equal(stolen, 0);
    } finally {
      stranger.closeAllConnections();
      stranger.close();
    }
  });

  it("gets no request when somebody else listens there while the instance waits for its restart, and no other one is there", async () => {
    // Long enough that the wait is still on once the stranger has the port.
    process.env["MISSION_TEST_BACKOFF_MS"] = "5000";
    const url = await sandbox.deploy("1.0.0");
    const [{ port, pid } = { port: 0, pid: null }] = (await sandbox.service()).slots.blue.processes;
    await kill(pid ?? 0);
    let stolen = 0;
    const stranger = createServer((_request, response) => {
      stolen += 1;
      response.end("{}");
    });
    // It does once it answers that none is running; until then it tries the port, which refuses connections.
    await until("the router knows that it is gone", () => fetch(url).then(({ status }) => status === 503, () => false));
    await until("a stranger has the port", () => listens(stranger, port));
    try {
      await until("it is back", () => fetch(url).then(({ ok }) => ok, () => false));
      assert.equal(stolen, 0);
    } finally {
      stranger.closeAllConnections();
      stranger.close();
    }
  });
});

/** Whether a server could take a port: a connection of this machine may have been given that number for a moment. */
function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? resolve(false) : reject(error));
    server.once("error", failed).listen({ host: "127.0.0.1", port }, () => {
      server.off("error", failed);
      resolve(true);
    });
  });
}
