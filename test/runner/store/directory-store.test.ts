import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { directoryStore } from "../../../runner/store/directory-store.js";
import { eventually } from "../../support/process-table.js";
import { missionStoreConformance } from "./conformance.js";

const folders: string[] = [];
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), "mission-store-"));
  folders.push(made);
  return made;
};
after(() => folders.forEach((each) => rmSync(each, { recursive: true, force: true })));

missionStoreConformance("a directory", () => {
  const root = folder();
  let time = Date.now();
  const clock = () => new Date(time);
  return Promise.resolve({ store: directoryStore(root, clock), other: directoryStore(root, clock), advance: (ms: number) => void (time += ms) });
});

const started: ChildProcess[] = [];

/** A process that takes the lease, says whether it got it, and then writes a line into a file each 20 ms as long as its lease holds. */
function contender(root: string, mission: string, effects: string, ttlMs = 60_000): ChildProcess {
  const module = join(__dirname, "..", "..", "..", "runner", "store", "directory-store.js");
  const script = `const { directoryStore } = require(${JSON.stringify(module)}); const { appendFileSync } = require("node:fs");
    directoryStore(${JSON.stringify(root)}).acquire("production", { mission: ${JSON.stringify(mission)}, ttlMs: ${ttlMs} }).then(async (got) => {
      console.log(got.ok ? "got " + got.lease.token : "held by " + got.holder.mission);
      while (got.ok) {
        await got.lease.check();
        appendFileSync(${JSON.stringify(effects)}, ${JSON.stringify(`${mission}\n`)});
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }).catch((error) => { console.log(error.name); });`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
  started.push(child);
  return child;
}

const firstLine = async (child: ChildProcess): Promise<string> => String((await once(child.stdout!.setEncoding("utf8"), "data"))[0]).trim();

describe("a mission store that processes share", () => {
  afterEach(() => started.splice(0).forEach((child) => child.kill("SIGKILL")));

  it("gives an environment to exactly one of many processes, and again to one when that was killed", async () => {
    const root = folder();
    const effects = join(root, "effects");
    const children = Array.from({ length: 6 }, (_, n) => contender(root, `m${n}`, effects));
    const said = await Promise.all(children.map(firstLine));
    const winner = said.findIndex((line) => line.startsWith("got "));
    assert.deepEqual([said.filter((line) => line.startsWith("got ")).length, said.filter((line) => line === `held by m${winner}`).length], [1, 5], said.join(", "));
    children[winner]?.kill("SIGKILL");
    await once(children[winner]!, "exit");
    const next = contender(root, "heir", effects);
    assert.match(await firstLine(next), /^got 2$/, "its holder is proven dead, so its time need not be over");
    next.kill("SIGKILL");
  });

  it("lets an owner that was stopped and wakes after a take-over write nothing more", async () => {
    const root = folder();
    const effects = join(root, "effects");
    const sleeper = contender(root, "sleeper", effects, 4_000);
    assert.equal(await firstLine(sleeper), "got 1");
    await eventually("it is at work", () => existsSync(effects));
    sleeper.kill("SIGSTOP");
    assert.ok(!(await directoryStore(root).acquire("production", { mission: "early", ttlMs: 1_000 })).ok, "before its time is over it keeps it, although it does not run");
    await new Promise((resolve) => setTimeout(resolve, 4_100));
    const taken = await directoryStore(root).acquire("production", { mission: "taker", ttlMs: 60_000 });
    assert.ok(taken.ok && taken.lease.token === 2);
    const before = readFileSync(effects, "utf8");
    const said = firstLine(sleeper);
    sleeper.kill("SIGCONT");
    assert.equal(await said, "StaleLease");
    // It may have been stopped between its check and its write: one line at most, which a platform refuses by its base.
    assert.ok(readFileSync(effects, "utf8").length - before.length <= "sleeper\n".length);
    await taken.lease.check();
  });

  it("takes a torn or foreign file for neither nobody nor nothing", async () => {
    const root = folder();
    const store = directoryStore(root);
    const first = await store.acquire("production", { mission: "m1", ttlMs: 60_000 });
    assert.ok(first.ok);
    writeFileSync(join(root, "production", "leases", "1.json"), '{"mission": "m');
    await assert.rejects(store.acquire("production", { mission: "m2", ttlMs: 60_000 }), /1\.json" of the mission store is not what was written there/);
    writeFileSync(join(root, "production", "freeze.json"), "");
    await assert.rejects(store.standing("production"), /freeze\.json" of the mission store is not what was written/);
    await assert.rejects(store.acquire("../elsewhere", { mission: "m2", ttlMs: 60_000 }));
  });
});
