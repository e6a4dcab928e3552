import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { isDead, ownName, ownerOf, type Owner } from "../../artifacts/owner.js";

describe("the owner of a lock or temporary folder", () => {
  it("is read back from a name, and every name is another one", async () => {
    const names = await Promise.all([ownName(), ownName()]);
    assert.notEqual(names[0], names[1]);
    assert.equal(ownerOf(names[0] ?? "")?.pid, process.pid);
    assert.deepEqual(ownerOf(names[0] ?? ""), ownerOf(names[1] ?? ""));
    assert.equal(ownerOf("something else"), null);
  });

  it("is alive while its process runs, and dead for a process that got its id later", async () => {
    const self = ownerOf(await ownName()) as Owner;
    assert.equal(await isDead(self), false);
    assert.equal(await isDead({ ...self, started: "000000000000" }), true);
  });

  it("is dead when its process has ended, also before anybody collected its exit status", async () => {
    const script = `require(${JSON.stringify(join(__dirname, "../../artifacts/owner.js"))}).ownName().then((name) => { console.log(name); require("fs").readSync(3, Buffer.alloc(1)); });`;
    // The shell becomes a program that never waits for its child.
    const parent = spawn("/bin/sh", ["-c", '"$0" -e "$1" & exec sleep 60', process.execPath, script], { stdio: ["ignore", "pipe", "inherit", "pipe"] });
    try {
      const [output] = (await once(parent.stdio[1] as Readable, "data")) as [Buffer];
      const child = ownerOf(output.toString().trim()) as Owner;
      assert.equal(await isDead(child), false);
      (parent.stdio[3] as Writable).end("x");
      while (!(await isDead(child))) await new Promise((resolve) => setTimeout(resolve, 5));
    } finally {
      parent.kill("SIGKILL");
    }
    await once(parent, "exit");
  });

  it("is not called dead when it belongs to another machine", async () => {
    const self = ownerOf(await ownName()) as Owner;
    assert.equal(await isDead({ ...self, machine: "000000000000", started: "000000000000" }), false);
  });
});
