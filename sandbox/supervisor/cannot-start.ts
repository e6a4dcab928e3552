import { existsSync } from "node:fs";
import type { Exit } from "../process/watch.js";

/** Why the system did not start a command, as a sentence; `lasting`: trying again would not help. */
export interface StartProblem {
  readonly sentence: string;
  readonly lasting: boolean;
}

const LOOKED_FOR = "it is looked for in the artifact's node_modules/.bin and in PATH";

/** What the system's code says of a command that was to run in an artifact's folder. */
export function startProblem(command: readonly string[], directory: string, code: string): StartProblem {
  const program = command[0] ?? "";
  if (!existsSync(directory)) return { sentence: `The artifact's folder "${directory}" is gone; make the release again.`, lasting: true };
  if (code === "ENOENT") return { sentence: `The command "${program}" was not found; ${LOOKED_FOR}.`, lasting: true };
  if (code === "EACCES") return { sentence: `The command "${program}" may not be executed (EACCES); make the file executable.`, lasting: true };
  return { sentence: `The command "${program}" cannot be started (${code}).`, lasting: code === "ENOEXEC" || code === "ENOTDIR" || code === "EINVAL" || code === "E2BIG" };
}

/** The same for a command line that a shell was to run: it says so with 127 and 126. */
export function shellProblem(command: readonly string[], exit: Exit): StartProblem | undefined {
  const [shell = "", option, line = ""] = command;
  if (!/(^|\/)sh$/.test(shell) || option !== "-c") return undefined;
  if (exit.code === 127) return { sentence: `The command line "${line}" names a command that was not found; ${LOOKED_FOR}.`, lasting: true };
  if (exit.code === 126) return { sentence: `The command line "${line}" names a command that may not be executed.`, lasting: true };
  return undefined;
}
