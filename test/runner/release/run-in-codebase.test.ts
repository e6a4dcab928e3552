import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { UserError } from "../../../runner/errors.js";
import { codebaseEnvironment } from "../../../runner/release/build-environment.js";
import { runInCodebase, type CodebaseCommand } from "../../../runner/release/run-in-codebase.js";
import { emptyFolder, removeCodebases } from "../../support/codebases.js";

async function run(command: string, options: Partial<CodebaseCommand> = {}) {
  let output = "";
  const end = await runInCodebase({ command, directory: await emptyFolder(), environment: process.env, onOutput: (text) => void (output += text), ...options });
  return { ...end, output };
}

describe("a command of a codebase", () => {
  afterEach(removeCodebases);

  it("runs in the folder, with nothing to read, and streams both outputs", async () => {
    const directory = await emptyFolder();
    const { failure, output } = await run("pwd; echo problem >&2; cat", { directory });
    assert.equal(failure, null);
    assert.deepEqual(output.trim().split("\n").sort(), [directory, "problem"].sort());
  });

  it("does not tear letters apart between pieces of output", async () => {
    const { output } = await run("printf '\\303'; sleep 0.1; printf '\\274'");
    assert.equal(output, "ü");
  });

  it("tells the exit code or the signal, and keeps the last lines only", async () => {
    assert.equal((await run("exit 7")).failure, "exit code 7");
    assert.equal((await run("kill -TERM $$")).failure, "signal SIGTERM");
    const { lastLines } = await run("seq 1 100000");
    assert.deepEqual(lastLines.split("\n"), Array.from({ length: 20 }, (_, index) => String(99_981 + index)));
  });

  it("does not wait for background processes that hold its output open", async () => {
    let pid = 0;
    const { failure } = await run("sleep 60 & echo $!", { onOutput: (text) => void (pid = Number(text)) });
    assert.equal(failure, null);
    process.kill(pid, "SIGKILL");
  });

  it("ends background processes with the command when it can be interrupted", async () => {
    let pid = 0;
    await run("sleep 60 & echo $!", { signal: new AbortController().signal, onOutput: (text) => void (pid = Number(text)) });
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it("is interrupted, also when it ignores being asked to end, and does not start after it", async () => {
    const controller = new AbortController();
    const interrupted = (error: unknown) => error instanceof UserError && error.exitCode === 130 && /was interrupted\.$/.test(error.message);
    const started: number[] = [];
    const onStart = async (pid: number) => void started.push(pid);
    await assert.rejects(run("trap '' TERM; echo ready; while :; do sleep 0.05; done", { signal: controller.signal, graceMs: 50, onStart, onOutput: () => controller.abort() }), interrupted);
    await assert.rejects(run("echo never", { signal: controller.signal, onStart }), interrupted);
    assert.equal(started.length, 1);
    assert.ok(!isAlive(started[0] ?? 0));
  });

  it("fails like any other when its folder is gone", async () => {
    await assert.rejects(run("true", { directory: "/nowhere/at/all" }), { code: "ENOENT" });
  });
});

describe("the environment of a codebase's commands", () => {
  it("has nothing of the runner's or the platforms', and what is added", () => {
    const parent = { PATH: "/bin", HOME: "/root", PULUMI_ACCESS_TOKEN: "x", MISSION_HOME: "x", AWS_REGION: "eu", AWS_SESSION_TOKEN: "x", AWS_CONTAINER_AUTHORIZATION_TOKEN: "x", RAILWAY_API_TOKEN: "x", GIT_INDEX_FILE: "x", GIT_SSH: "ssh", GITHUB_TOKEN: "x", ACTIONS_ID_TOKEN_REQUEST_TOKEN: "x", ACTIONS_ID_TOKEN_REQUEST_URL: "x" };
    assert.deepEqual(codebaseEnvironment(parent, { MISSION_VERSION: "1" }), { PATH: "/bin", HOME: "/root", AWS_REGION: "eu", GIT_SSH: "ssh", MISSION_VERSION: "1" });
  });
});

/** A process that has ended and whose exit status nobody has collected yet does not count. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
