import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess, killLeftovers, signalGroup } from "../../../sandbox/process/end.js";
import { baseEnvironment } from "../../../sandbox/process/environment.js";
import { identify, isAlive, type ProcessIdentity } from "../../../sandbox/process/identity.js";
import { MARKER, scanMarked } from "../../../sandbox/process/scan.js";
import { spawnDetached } from "../../../sandbox/process/spawn.js";
import { describeExit, ExitWatch, type Exit } from "../../../sandbox/process/watch.js";
import { until } from "../support/test-sandbox.js";

describe("A process of a sandbox", () => {
  const marker = randomBytes(8).toString("hex");
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "mission-process-"))));
  afterEach(() => {
    for (const each of scanMarked(marker)) process.kill(each.pid, "SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  });

  /** Runs a script in Node, in an instance's environment. */
  async function start(script: string, instance = "web-blue-1") {
    const environment = { ...baseEnvironment(), [MARKER]: marker, MISSION_ROLE: "instance", MISSION_INSTANCE: instance };
    const spawned = await spawnDetached({ command: [process.execPath, "-e", script], directory, environment, log: join(directory, "log") });
    assert.ok(spawned.ok);
    return spawned;
  }
  const said = (text: string) => until(`the log says ${text}`, () => readFileSync(join(directory, "log"), "utf8").includes(text));

  it("is recognised by pid and start time: another start is another process", () => {
    const own = identify(process.pid);
    assert.ok(own !== undefined && isAlive(own));
    assert.equal(isAlive({ ...own, start: `${own.start}0` }), false);
    assert.equal(identify(2 ** 22 + 1), undefined);
  });

  it("is found by its marker, with its role, and leads a session of its own", async () => {
    const { identity } = await start("setInterval(() => {}, 1000)");
    const [found] = scanMarked(marker);
    assert.deepEqual([found?.pid, found?.start, found?.role, found?.instance, found?.leader], [identity.pid, identity.start, "instance", "web-blue-1", true]);
    assert.deepEqual(scanMarked(`${marker}0`), []);
    assert.deepEqual(scanMarked(marker.slice(0, -1)), []);
  });

  it("that the system does not start says why", async () => {
    const environment = baseEnvironment();
    const none = await spawnDetached({ command: ["no-such-program-here"], directory, environment, log: join(directory, "log") });
    assert.deepEqual(none, { ok: false, code: "ENOENT" });
  });

  it("inherits PATH, HOME, LANG, TZ and TMPDIR and nothing else", () => {
    const from = { PATH: "/bin", HOME: "/h", LANG: "C", TZ: "UTC", TMPDIR: "/t", AWS_SECRET_ACCESS_KEY: "x", PULUMI_CONFIG_PASSPHRASE: "x", NODE_OPTIONS: "x", MISSION_HOME: "x" };
    assert.deepEqual(baseEnvironment(from), { PATH: "/bin", HOME: "/h", LANG: "C", TZ: "UTC", TMPDIR: "/t" });
    assert.deepEqual(baseEnvironment({ PATH: "/bin" }), { PATH: "/bin" });
  });

  it("is ended politely, with everything in its group", async () => {
    const { identity } = await start(`require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" }); process.on("SIGTERM", () => { console.log("asked"); process.exit(0); }); console.log("up"); setInterval(() => {}, 1000);`);
    await said("up");
    await endProcess(identity, { signal: "SIGTERM", graceMs: 10_000, leftovers: { sandbox: marker, instance: "web-blue-1" } });
    assert.match(readFileSync(join(directory, "log"), "utf8"), /asked/);
    assert.deepEqual(scanMarked(marker), []);
  });

  it("that ignores the polite signal is killed when the grace is over", async () => {
    const { identity } = await start(`process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000);`);
    await said("up");
    await endProcess(identity, { signal: "SIGTERM", graceMs: 150 });
    assert.equal(isAlive(identity), false);
  });

  it("leaves nothing behind that moved to a session of its own, and takes nothing from another instance", async () => {
    const helper = `require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore", detached: true }).unref();`;
    const { identity } = await start(`${helper} console.log("up"); setInterval(() => {}, 1000);`);
    const { identity: neighbour } = await start("setInterval(() => {}, 1000)", "web-blue-2");
    await said("up");
    await until("three processes", () => scanMarked(marker).length === 3);
    await endProcess(identity, { signal: "SIGTERM", graceMs: 200, leftovers: { sandbox: marker, instance: "web-blue-1" } });
    await until("only the neighbour is left", () => scanMarked(marker).length === 1);
    assert.equal(isAlive(neighbour), true);
    killLeftovers(marker, "web-blue-2");
    await until("it is gone too", () => !isAlive(neighbour));
  });

  it("gets no signal that was meant for one with the same pid", async () => {
    const { identity } = await start("setInterval(() => {}, 1000)");
    const earlier: ProcessIdentity = { pid: identity.pid, start: "earlier" };
    signalGroup(earlier, "SIGKILL");
    await endProcess(earlier, { signal: "SIGKILL", graceMs: 50 });
    assert.equal(isAlive(identity), true);
  });

  it("is known to have ended, whether it is our child or was adopted", async () => {
    const watch = new ExitWatch();
    const child = await start("setInterval(() => {}, 1000)");
    const adopted = await start("setInterval(() => {}, 1000)", "web-blue-2");
    const ends: [string, Exit][] = [];
    watch.watch(child.identity, child.child, (exit) => ends.push(["child", exit]));
    watch.watch(adopted.identity, null, (exit) => ends.push(["adopted", exit]));
    process.kill(child.identity.pid, "SIGKILL");
    process.kill(adopted.identity.pid, "SIGTERM");
    await until("both ends are told", () => ends.length === 2);
    watch.close();
    assert.equal(describeExit(new Map(ends).get("child") ?? { code: null, signal: null }), "was killed by SIGKILL");
    assert.equal(describeExit(new Map(ends).get("adopted") ?? { code: 1, signal: null }), "ended");
  });
});
