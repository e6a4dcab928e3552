import { formatDuration } from "../../model/duration.js";
import { errorCode } from "../../artifacts/artifact-error.js";
import { EXIT, UserError } from "../errors.js";
import { runInCodebase } from "./run-in-codebase.js";

/** Characters of output that are kept until it is cut to its last lines. */
const KEPT = 65_536;
const SHOWN_LINES = 20;

export interface LimitedCommand {
  /** A program and its arguments. */
  readonly command: readonly string[];
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Milliseconds that it may take. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Applied to its whole output before that is cut. Default: nothing is hidden. */
  readonly mask?: (text: string) => string;
}

/** How a command with a time limit ended. */
export interface LimitedEnd {
  /** Such as `exit code 2`, `signal SIGKILL`, `no end within 5m`, `no start (ENOENT)`; null when it succeeded. */
  readonly failure: string | null;
  /** The last 20 lines of its output, masked. */
  readonly lastLines: string;
  readonly milliseconds: number;
}

/**
 * Runs a command to its end or to its time limit; everything that it started ends with it.
 * @throws UserError (interrupted) when the signal was given
 */
export async function runLimited({ command, directory, environment, limitMs, signal, mask = String }: LimitedCommand): Promise<LimitedEnd> {
  const limit = AbortSignal.timeout(limitMs);
  const started = performance.now();
  let output = "";
  let cut = false;
  const onOutput = (text: string) => {
    cut ||= output.length + text.length > KEPT;
    output = (output + text).slice(-KEPT);
  };
  const end = (failure: string | null): LimitedEnd => ({ failure, lastLines: lastLines(output, cut, mask), milliseconds: Math.round(performance.now() - started) });
  try {
    const { failure } = await runInCodebase({ command, directory, environment, onOutput, signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) });
    return end(failure);
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error instanceof UserError && error.exitCode === EXIT.interrupted) return end(`no end within ${formatDuration(limitMs)}`);
    const code = errorCode(error);
    if (code !== undefined) return end(`no start (${code})`);
    throw error;
  }
}

/** A failure and the output as a part of a message: `failed with exit code 2. Its last lines:` and the lines. */
export function inWords({ failure, lastLines: lines }: Pick<LimitedEnd, "failure" | "lastLines">): string {
  return `failed with ${failure ?? "nothing"}. ${lines === "" ? "It wrote nothing." : `Its last lines:\n${lines}`}`;
}

function lastLines(output: string, cut: boolean, mask: (text: string) => string): string {
  // A first line that was cut could hold the end of a secret that no mask recognises.
  const whole = cut ? output.slice(output.indexOf("\n") + 1) : output;
  return mask(whole).trimEnd().split(/\r?\n/).slice(-SHOWN_LINES).join("\n");
}
