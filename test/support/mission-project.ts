import { spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../runner/engine/engine-environment.js";
import type { SandboxState } from "../../sandbox/protocol.js";

/** How a command ended. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, for a search. */
  readonly all: string;
}

/** One machine's worth of state in a temporary folder, and the commands a person would type. */
export class MissionProject {
  private constructor(
    readonly home: string,
    /** The checkout whose build runs. */
    readonly root: string,
  ) {}

  /** A new, empty home. The system's temporary folder is short, so that no path is too long. */
  static create(root = projectRoot()): MissionProject {
    return new MissionProject(realpathSync(mkdtempSync(join(tmpdir(), "mission-home-"))), root);
  }

  /** The same home used by another build. */
  with(root: string): MissionProject {
    return new MissionProject(this.home, root);
  }

  environment(): NodeJS.ProcessEnv {
    return { ...process.env, MISSION_HOME: this.home, MISSION_ROOT: this.root };
  }

  /** Runs `./mission ...` (what the launcher would start). Never rejects for an exit code. */
  mission(...args: string[]): Promise<Finished> {
    return run(process.execPath, [join(this.root, "dist", "runner", "cli", "main.js"), ...args], { cwd: this.root, env: this.environment() });
  }

  /** Like `mission`, and fails with all output unless it exits with 0. */
  async must(...args: string[]): Promise<Finished> {
    const finished = await this.mission(...args);
    if (finished.code !== 0) throw new Error(`mission ${args.join(" ")} exited with ${finished.code}:\n${finished.all}`);
    return finished;
  }

  /** A bare `pulumi up`, as by hand. */
  up(stack: string, ...more: string[]): Promise<Finished> {
    return this.mission("pulumi", "up", "--yes", "--skip-preview", "--color", "never", "--stack", stack, ...more);
  }

  /** What a stack's sandbox says of itself. */
  async sandbox(stack: string): Promise<SandboxState> {
    const { stdout } = await this.must("sandbox", "status", "--json");
    const found = (JSON.parse(stdout) as { name: string; state: SandboxState }[]).find(({ name }) => name === stack);
    if (found === undefined) throw new Error(`There is no sandbox "${stack}" in ${stdout}`);
    return found.state;
  }

  /** Stops everything and removes the home. */
  async remove(): Promise<void> {
    await this.mission("sandbox", "stop");
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Runs a program to its end. */
export function run(program: string, args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv; onSpawn?: (pid: number) => void }): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("spawn", () => child.pid !== undefined && options.onSpawn?.(child.pid));
    child.on("error", reject);
    // Not "close": a detached sandbox may have inherited nothing, but a killed engine's children may still hold the pipes.
    child.on("exit", (code, signal) => setTimeout(() => resolve({ code: code ?? (signal === null ? 1 : 137), stdout, stderr, all: `${stdout}\n${stderr}` }), 20));
  });
}
