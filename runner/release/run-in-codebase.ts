import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { EXIT, UserError } from "../errors.js";

/** Of the output, kept for a message. */
const KEPT_CHARACTERS = 16_384;
const SHOWN_LINES = 20;

/** Milliseconds for output that a background process may still hold open. */
const OUTPUT_GRACE = 1_000;

export interface CodebaseCommand {
  /** For /bin/sh; or a program and its arguments. */
  readonly command: string | readonly string[];
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Gets what it writes, standard output and errors, as it comes. */
  readonly onOutput: (text: string) => void;
  /** Called with the id of its process, before anything of it is awaited. */
  readonly onStart?: (pid: number) => Promise<void>;
  /**
   * Interrupts it. With a signal it runs in a process group of its own, which a terminal's Ctrl-C does not reach; all that is left of the group
   * ends with the command.
   */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds between asking an interrupted command to end and ending it. Default 5000. */
  readonly graceMs?: number;
}

/** How a command ended. */
export interface CommandEnd {
  /** `exit code 2` or `signal SIGKILL`; null when it succeeded. */
  readonly failure: string | null;
  /** The last 20 lines of its output. */
  readonly lastLines: string;
}

/**
 * Runs a command of a codebase (build, test), with nothing on its standard input.
 * @throws UserError (interrupted) when the signal was given; the command has ended then
 */
export async function runInCodebase({ command, directory, environment, onOutput, onStart, signal, graceMs = 5_000 }: CodebaseCommand): Promise<CommandEnd> {
  const interrupted = () => new UserError(EXIT.interrupted, `"${typeof command === "string" ? command : command.join(" ")}" was interrupted.`);
  if (signal?.aborted) throw interrupted();
  const [program = "", ...args] = typeof command === "string" ? ["/bin/sh", "-c", command] : command;
  const child = spawn(program, args, { cwd: directory, env: environment, stdio: ["ignore", "pipe", "pipe"], detached: signal !== undefined });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const ended = new Promise<string | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, name) => resolve(code === 0 ? null : code === null ? `signal ${name ?? "?"}` : `exit code ${code}`));
  });
  let kept = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      kept = (kept + text).slice(-KEPT_CHARACTERS);
      onOutput(text);
    });
  }
  const stop = () => void endGroup(child.pid, ended, graceMs);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    if (child.pid !== undefined) await onStart?.(child.pid);
    const failure = await ended;
    if (signal !== undefined) signalGroup(child.pid, "SIGKILL");
    await Promise.race([closed, sleep(OUTPUT_GRACE, undefined, { ref: false })]);
    if (signal?.aborted) throw interrupted();
    return { failure, lastLines: kept.trimEnd().split(/\r?\n/).slice(-SHOWN_LINES).join("\n") };
  } finally {
    signal?.removeEventListener("abort", stop);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

async function endGroup(pid: number | undefined, ended: Promise<unknown>, graceMs: number): Promise<void> {
  signalGroup(pid, "SIGTERM");
  const late = await Promise.race([ended.then(() => false), sleep(graceMs, true, { ref: false })]);
  if (late) signalGroup(pid, "SIGKILL");
}

function signalGroup(pid: number | undefined, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch {
    // Nothing is left of the group.
  }
}
