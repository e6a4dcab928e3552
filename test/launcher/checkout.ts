import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { standIns } from "./stand-ins.js";

/** The checkout under test: `npm test` exports it; otherwise the current directory. */
const SOURCE = process.env["MISSION_ROOT"] ?? process.cwd();

/** What the launcher may expect of any machine; everything else on its PATH is a stand-in. */
const TOOLS = ["awk", "basename", "bash", "cat", "chmod", "cksum", "cmp", "cp", "cut", "date", "df", "dirname", "env", "find", "git", "grep", "head", "id", "ln", "ls", "mkdir", "mktemp",
  "mv", "ps", "readlink", "rm", "rmdir", "sed", "sh", "sha256sum", "shasum", "sleep", "tail", "tee", "timeout", "touch", "tr", "uname", "unshare"];

/** What a finished command left behind. */
export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A command that is still running. */
export interface Running {
  pid: number;
  /** Resolves as soon as stderr contains `text`; rejects when the command ends without it. */
  says(text: string): Promise<void>;
  done: Promise<Outcome>;
}

/** A small copy of this repository in which npm, tsc, go and pulumi are stand-ins that note their calls. */
export class Checkout {
  readonly top = realpathSync(mkdtempSync(join(tmpdir(), "mission launcher ")));
  readonly root = join(this.top, "a checkout");
  readonly bin = join(this.top, "bin");
  readonly home = join(this.top, "home");
  readonly cache = join(this.home, ".cache", "mission-deploy");
  private readonly running = new Set<Promise<Outcome>>();

  constructor() {
    mkdirSync(this.home, { recursive: true });
    this.populate(this.root);
    const tools = join(this.top, "tools");
    mkdirSync(tools);
    for (const tool of TOOLS) {
      const found = ["/usr/bin", "/bin"].map((folder) => join(folder, tool)).find((path) => existsSync(path));
      if (found !== undefined) symlinkSync(found, join(tools, tool));
    }
    for (const [path, text] of Object.entries(standIns(process.execPath))) this.program(path, text);
  }

  /** Makes `root` a second checkout of the same content. */
  populate(root: string): void {
    for (const path of [".ci", "mission", "launcher", "engine"]) cpSync(join(SOURCE, path), join(root, path), { recursive: true });
    const main = `console.log(JSON.stringify({args: process.argv.slice(2), cwd: process.cwd(), root: process.env.MISSION_ROOT, path: process.env.PATH}));
if (process.argv[2] === "fail") process.exitCode = 7;\n`;
    const files: Record<string, string> = {
      "package.json": "{}", "package-lock.json": `{"version": 1}`, "tsconfig.json": `{"include": ["index.ts", "model", "runner", "test", "bench"]}`, "index.ts": "// program\n",
      "runner/cli/main.ts": main, "test/run.ts": `console.log("tests", process.argv.slice(2).join(" "));\n`, "bench/shift.ts": `console.log("bench shift");\n`,
    };
    for (const [path, text] of Object.entries(files)) this.write(path, text, root);
  }

  write(path: string, text: string, root = this.root): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  exists(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  /** Puts an executable in front of everything else on PATH; `path` is relative to the stand-ins' folder. */
  program(path: string, text: string): void {
    this.write(path, text, this.bin);
    chmodSync(join(this.bin, path), 0o755);
  }

  /** The calls of stand-ins so far, in order, as `npm ci`, `tsc`, `go build ...`. */
  calls(): string[] {
    const file = join(this.top, "calls");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter((line) => line !== "") : [];
  }

  /** Names at the top of the checkout that a finished command must not leave. */
  leftovers(): string[] {
    const locks = existsSync(join(this.root, ".mission")) ? readdirSync(join(this.root, ".mission")).filter((name) => name.includes("lock")) : [];
    const engine = join(this.cache, "engine");
    const unfinished = existsSync(engine) ? readdirSync(engine).filter((name) => /lock|new/.test(name)) : [];
    return [...readdirSync(this.root).filter((name) => name.startsWith("dist.")), ...locks, ...unfinished];
  }

  /** Starts `command` (by default ./mission) in its own process group. */
  start(args: string[], env: Record<string, string> = {}, command = join(this.root, "mission"), cwd = this.top): Running {
    const child = spawn(command, args, {
      cwd, detached: true, stdio: ["ignore", "pipe", "pipe"],
      env: { HOME: this.home, PATH: `${this.bin}:${join(this.top, "tools")}`, CALLS: join(this.top, "calls"), HOLD: join(this.top, "hold"), ...env },
    });
    let stdout = "";
    let stderr = "";
    const listeners = new Set<() => void>();
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      for (const listener of listeners) listener();
    });
    const done = new Promise<Outcome>((resolve, reject) => {
      child.on("error", reject).on("close", (code) => resolve({ code, stdout, stderr }));
    });
    this.running.add(done);
    void done.finally(() => this.running.delete(done)).catch(() => undefined);
    const says = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (stderr.includes(text)) resolve();
        };
        listeners.add(look);
        look();
        void done.then(() => reject(new Error(`ended without saying "${text}": ${stderr}`)), reject);
      });
    return { pid: child.pid ?? 0, says, done };
  }

  /** Runs `command` (by default ./mission) to its end. */
  run(args: string[], env: Record<string, string> = {}, command?: string, cwd?: string): Promise<Outcome> {
    return this.start(args, env, command, cwd).done;
  }

  /** Makes tsc and go wait, after they have noted their call, until `release`. */
  hold(): void {
    writeFileSync(join(this.top, "hold"), "");
  }

  release(): void {
    rmSync(join(this.top, "hold"), { force: true });
  }

  async remove(): Promise<void> {
    this.release();
    await Promise.allSettled([...this.running]);
    rmSync(this.top, { recursive: true, force: true });
  }
}
