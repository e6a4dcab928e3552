import { readFileSync, rmSync } from "node:fs";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { MissionProject } from "../test/support/mission-project.js";
import { tinyApp } from "../test/support/tiny-app.js";

/* Resident memory of the sandbox's own processes after a deployment, and the largest of the CLI during a change of weight; Node's own beside it. */

function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN) / 1024;
}

async function main(): Promise<void> {
  const project = MissionProject.create();
  const codebase = tinyApp("memory");
  const stack = "memory-staging";
  const bare = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  try {
    for (const version of ["1.0.0", "1.1.0"]) {
      await project.must("release", codebase, "--version", version, "--stack", stack);
      await project.must("pulumi", "up", "--yes", "--skip-preview", "--stack", stack);
    }
    const state = await project.sandbox(stack);
    const url = state.services["web"]?.endpoints?.production ?? "";
    for (let sent = 0; sent < 2_000; sent += 1) await (await fetch(url)).arrayBuffer();
    const floor = residentMiB(bare.pid ?? 0);
    const say = (name: string, mib: number) => console.log(`${name.padEnd(40)} ${mib.toFixed(0)} MiB (${(mib / floor).toFixed(2)} times an idle Node)`);
    say("supervisor", residentMiB(state.supervisor.pid));
    if (state.router !== null) say("router, after 2,000 requests", residentMiB(state.router.pid));
    const cli = spawn(process.execPath, [join(project.root, "dist", "runner", "cli", "main.js"), "rollout", "set", stack, "10"], { env: project.environment(), stdio: "ignore" });
    let largest = 0;
    const timer = setInterval(() => {
      try {
        const now = residentMiB(cli.pid ?? 0);
        // A process that is ending has no memory left to tell of.
        if (!Number.isNaN(now)) largest = Math.max(largest, now);
      } catch {
        // It has ended.
      }
    }, 20);
    await new Promise((resolve) => cli.once("exit", resolve));
    clearInterval(timer);
    say("CLI during a change of weight, at most", largest);
  } finally {
    bare.kill();
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
  }
}

void main();
