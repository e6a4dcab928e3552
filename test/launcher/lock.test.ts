import assert from "node:assert/strict";
import { hostname } from "node:os";
import { Checkout } from "./checkout.js";

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const LOCK = ".mission/setup.lock";

describe("the launcher's lock", function () {
  // Some twenty short programs each, on a machine that may be busy.
  this.timeout(60_000);
  let checkout: Checkout;
  beforeEach(() => (checkout = new Checkout()));
  afterEach(() => checkout.remove());

  it("is taken over when its process is gone", async () => {
    const gone = checkout.start(["-c", "exit"], {}, "sh");
    await gone.done;
    checkout.write(`${LOCK}/owner`, `${gone.pid} 1 ${hostname()} building the program\n`);
    assert.equal((await checkout.run(["--help"])).code, 0);
    assert.deepEqual(checkout.leftovers(), []);
  });

  it("is taken over when its process's number belongs to another process now", async () => {
    checkout.write(`${LOCK}/owner`, `${process.pid} 1 ${hostname()} building the program\n`);
    assert.equal((await checkout.run(["--help"])).code, 0);
  });

  it("that a killed launcher left is taken over by exactly one of several, which ends what the killed one had started", async () => {
    checkout.hold();
    const killed = checkout.start(["--help"], { NPM_CI: "slow" });
    await killed.says("installing the dependencies");
    while (!checkout.exists(`${LOCK}/work`)) await pause();
    const work = Number.parseInt(checkout.read(`${LOCK}/work`));
    process.kill(-killed.pid, "SIGKILL");
    const waiting = [1, 2, 3, 4].map(() => checkout.start(["--help"]));
    while (isAlive(work)) await pause();
    checkout.release();
    for (const { done } of waiting) assert.equal((await done).code, 0);
    await killed.done;
    assert.equal(checkout.calls().filter((call) => call === "tsc").length, 1);
    assert.deepEqual(checkout.leftovers(), []);
  });

  it("is not needed by a step whose launcher was killed: the step ends by itself", async () => {
    checkout.hold();
    const killed = checkout.start(["--help"], { NPM_CI: "slow" });
    await killed.says("installing the dependencies");
    while (!checkout.exists(`${LOCK}/work`)) await pause();
    const work = Number.parseInt(checkout.read(`${LOCK}/work`));
    process.kill(killed.pid, "SIGKILL");
    while (isAlive(work)) await pause();
    await killed.done;
  });

  it("of another machine is respected, and a waiter can be interrupted", async () => {
    checkout.write(`${LOCK}/owner`, "1 1 elsewhere building the program\n");
    const waiter = checkout.start(["--help"]);
    await waiter.says("waiting for process 1 on elsewhere, which is building the program");
    process.kill(waiter.pid, "SIGINT");
    assert.equal((await waiter.done).code, 130);
    assert.ok(checkout.exists(`${LOCK}/owner`), "a lock of another launcher stays");
  });
});
