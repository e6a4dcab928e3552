import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockOwner, takeLock } from "../../../sandbox/process/lock.js";

/** Takes the lock of a folder, says whether it got it, and then does nothing. */
const TAKER = `
const { takeLock } = require(${JSON.stringify(join(__dirname, "..", "..", "..", "sandbox", "process", "lock.js"))});
process.stdout.write(takeLock(process.argv[1]) === undefined ? "no" : "yes");
setInterval(() => {}, 1000);
`;

describe("The lock of a directory", () => {
  let directory: string;
  const takers: ChildProcess[] = [];
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "mission-lock-"))));
  afterEach(async () => {
    await Promise.all(takers.splice(0).map(end));
    rmSync(directory, { recursive: true, force: true });
  });

  function taker(): Promise<{ child: ChildProcess; got: boolean }> {
    const child = spawn(process.execPath, ["-e", TAKER, directory], { stdio: ["ignore", "pipe", "inherit"] });
    takers.push(child);
    return new Promise((resolve) => child.stdout?.once("data", (text: Buffer) => resolve({ child, got: text.toString() === "yes" })));
  }

  it("is held by one process at a time", async () => {
    const { got, child } = await taker();
    assert.equal(got, true);
    assert.equal(takeLock(directory), undefined);
    assert.equal(lockOwner(directory)?.pid, child.pid);
  });

  it("is taken over when its owner was killed", async () => {
    await end((await taker()).child);
    assert.equal(lockOwner(directory), undefined);
    const lock = takeLock(directory);
    assert.equal(lockOwner(directory)?.pid, process.pid);
    lock?.release();
  });

  it("goes to exactly one of many who take it over at once", async () => {
    await end((await taker()).child);
    const results = await Promise.all(Array.from({ length: 6 }, taker));
    assert.equal(results.filter(({ got }) => got).length, 1);
    assert.equal(lockOwner(directory)?.pid, results.find(({ got }) => got)?.child.pid);
  });

  it("can be taken again after a release, and leaves one file behind", () => {
    takeLock(directory)?.release();
    assert.equal(lockOwner(directory), undefined);
    takeLock(directory)?.release();
    assert.deepEqual(readdirSync(directory), ["lock-2"]);
  });

  it("of a process whose pid was given to another one is free", () => {
    writeFileSync(join(directory, "lock-7"), JSON.stringify({ pid: process.pid, start: "another start", directory }));
    assert.equal(lockOwner(directory), undefined);
    const lock = takeLock(directory);
    assert.deepEqual(readdirSync(directory), ["lock-8"]);
    lock?.release();
  });

  it("that was copied along with its directory is nobody's", () => {
    const lock = takeLock(directory);
    const copy = `${directory}-copy`;
    try {
      cpSync(directory, copy, { recursive: true });
      assert.equal(lockOwner(copy), undefined);
    } finally {
      rmSync(copy, { recursive: true, force: true });
      lock?.release();
    }
  });
});

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}
