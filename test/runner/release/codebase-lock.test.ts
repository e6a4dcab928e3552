import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../../runner/errors.js";
import { lockCodebase, type CodebaseLock } from "../../../runner/release/codebase-lock.js";
import { emptyFolder, removeCodebases } from "../../support/codebases.js";

const MODULE = join(__dirname, "../../../runner/release/codebase-lock.js");

/** Another process that holds the lock and, when asked to, has a build running that outlives it. */
async function otherHolder(directory: string, withBuild = false): Promise<{ readonly holder: ChildProcess; readonly build: number }> {
  const script = `
    const { lockCodebase } = require(${JSON.stringify(MODULE)});
    lockCodebase(${JSON.stringify(directory)}, "/code").then(async (lock) => {
      const build = ${withBuild} ? require("child_process").spawn("sleep", ["60"], { detached: true, stdio: "ignore" }).pid : 0;
      if (build) await lock.guard(build);
      console.log(build);
    });
    process.stdin.resume();`;
  const holder = spawn(process.execPath, ["-e", script], { stdio: ["pipe", "pipe", "inherit"] });
  const [output] = (await once(holder.stdout, "data")) as [Buffer];
  return { holder, build: Number(output.toString()) };
}

async function kill(holder: ChildProcess): Promise<void> {
  holder.kill("SIGKILL");
  await once(holder, "exit");
}

async function refused(work: Promise<CodebaseLock>): Promise<string> {
  const error: unknown = await work.then(
    () => assert.fail("not refused"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof UserError, String(error));
  assert.equal(error.exitCode, 7);
  return error.message;
}

describe("the lock of a codebase", () => {
  afterEach(removeCodebases);

  it("is held by one at a time, for each codebase, and is free again after its release", async () => {
    const directory = join(await emptyFolder(), "locks");
    const lock = await lockCodebase(directory, "/code");
    await (await lockCodebase(directory, "/other")).release();
    await refused(lockCodebase(directory, "/code"));
    await lock.release();
    await (await lockCodebase(directory, "/code")).release();
    assert.deepEqual(await readdir(directory), []);
  });

  it("goes to exactly one of many who want it at once, again and again", async () => {
    const directory = await emptyFolder();
    for (let round = 0; round < 20; round++) {
      const all = await Promise.allSettled(Array.from({ length: 8 }, () => lockCodebase(directory, "/code")));
      const won = all.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      assert.equal(won.length, 1);
      await won[0]?.release();
    }
    assert.deepEqual(await readdir(directory), []);
  });

  it("names the process of another run that holds it", async () => {
    const directory = await emptyFolder();
    const { holder } = await otherHolder(directory);
    try {
      const message = await refused(lockCodebase(directory, "/code"));
      assert.ok(message.startsWith(`The codebase "/code" is being released by another run: process ${holder.pid ?? 0} holds the lock "${directory}/`), message);
    } finally {
      await kill(holder);
    }
  });

  it("is taken over from a process that has died, by exactly one", async () => {
    const directory = await emptyFolder();
    const { holder } = await otherHolder(directory);
    await kill(holder);
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => lockCodebase(directory, "/code")));
    const won = all.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    assert.equal(won.length, 1);
    await won[0]?.release();
    assert.deepEqual(await readdir(directory), []);
  });

  it("stays locked while the build of a run that was killed goes on", async () => {
    const directory = await emptyFolder();
    const { holder, build } = await otherHolder(directory, true);
    try {
      await kill(holder);
      assert.match(await refused(lockCodebase(directory, "/code")), new RegExp(`process ${build}, the build of a run that was killed, holds the lock`));
    } finally {
      process.kill(build, "SIGKILL");
    }
    let lock: CodebaseLock | undefined;
    while (lock === undefined) lock = await lockCodebase(directory, "/code").catch(() => undefined);
    await lock.release();
  });

  it("is not guarded by a build that has ended already", async () => {
    const lock = await lockCodebase(await emptyFolder(), "/code");
    const child = spawn("true");
    await once(child, "exit");
    await lock.guard(child.pid ?? 0);
    await lock.release();
  });

  it("is not taken from an owner that nothing is known of", async () => {
    const directory = await emptyFolder();
    const lock = await lockCodebase(directory, "/code");
    const [folder] = await readdir(directory);
    await lock.release();
    await mkdir(join(directory, folder ?? ""));
    await writeFile(join(directory, folder ?? "", "something"), "");
    assert.match(await refused(lockCodebase(directory, "/code")), /an unknown process holds the lock/);
  });
});
