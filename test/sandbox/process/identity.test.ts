import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identify, isAlive } from "../../../sandbox/process/identity.js";

describe("The identity of a process", () => {
  it("is not alive as a zombie", async () => {
    // A shell that never waits for its child.
    const shell = spawn("/bin/sh", ["-c", "sleep 0.05 & echo $!; exec sleep 60"]);
    const [output] = (await once(shell.stdout, "data")) as [Buffer];
    const identity = identify(Number(output.toString()));
    assert.ok(identity !== undefined);
    while (isAlive(identity)) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(identify(identity.pid), identity);
    shell.kill("SIGKILL");
    await once(shell, "exit");
  });

  it("survives a name with spaces and parentheses", async () => {
    const directory = mkdtempSync(join(tmpdir(), "mission-name-"));
    const program = join(directory, "a) R 1 (b");
    symlinkSync("/bin/sleep", program);
    const child = spawn(program, ["60"]);
    try {
      await once(child, "spawn");
      const identity = identify(child.pid ?? 0);
      assert.ok(identity !== undefined && isAlive(identity));
      assert.match(identity.start, /:\d+$/);
    } finally {
      child.kill("SIGKILL");
      rmSync(directory, { recursive: true });
    }
  });
});
