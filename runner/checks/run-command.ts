import { stat } from "node:fs/promises";
import { formatDuration } from "../../model/duration.js";
import { runInCodebase } from "../release/run-in-codebase.js";
import { failed, notMade, PASSED, type Ending } from "./check-result.js";

/** Of what a command prints, kept and shown. */
const KEPT_CHARACTERS = 16_384;
const SHOWN_LINES = 10;
const LINE_CHARACTERS = 200;

export interface CheckCommand {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** The folder it runs in; null when it is not known. */
  readonly codebase: string | null;
  readonly environment: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a command of a check. Exit code 0 is PASS, any other end FAIL; a command that could not be started is ERROR. */
export async function runCommand({ command, codebase, environment, timeoutMs, signal }: CheckCommand): Promise<Ending> {
  if (codebase === null || !(await isFolder(codebase))) {
    return notMade(`the command cannot run, because ${codebase === null ? "no codebase is known" : `the codebase "${codebase}" is not there any more`}; check out the release's codebase and try again`);
  }
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  let printed = "";
  const ended = (ending: Ending): Ending => ({ ...ending, output: lastLines(printed) });
  try {
    const { failure } = await runInCodebase({
      command: shellLine(command),
      directory: codebase,
      environment,
      onOutput: (text) => void (printed = (printed + text).slice(-KEPT_CHARACTERS)),
      signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
    });
    if (failure === null) return PASSED;
    // What the shell itself answers with.
    if (failure === "exit code 127") return ended(notMade("the command, or a program that it calls, was not found (exit code 127)"));
    if (failure === "exit code 126") return ended(notMade("the command, or a program that it calls, is not executable (exit code 126)"));
    return ended(failed(`the command ended with ${failure}, expected exit code 0`));
  } catch (error) {
    if (signal?.aborted) return notMade("the check was interrupted");
    if (stop.signal.aborted) return ended(failed(`the command did not end within ${formatDuration(timeoutMs)} and was ended`));
    const code = error instanceof Error && "code" in error ? String(error.code) : null;
    // Only a system's refusal has a code; anything else is a bug.
    if (code === null) throw error;
    return notMade(`the command could not be started (${code})`);
  } finally {
    clearTimeout(timer);
  }
}

/** A program and its arguments as a line for /bin/sh. */
export function shellLine(command: readonly string[]): string {
  if (command.length === 3 && command[0] === "/bin/sh" && command[1] === "-c") return command[2] ?? "";
  return `exec ${command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ")}`;
}

function lastLines(printed: string): string[] {
  const plain = printed.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "").replace(/[\0-\x08\x0b-\x1f\x7f]/g, "");
  const lines = plain.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-SHOWN_LINES).map((line) => (line.length > LINE_CHARACTERS ? `${line.slice(0, LINE_CHARACTERS - 3)}...` : line));
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
