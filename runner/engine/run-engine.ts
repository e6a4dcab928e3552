import { spawn } from "node:child_process";
import { EXIT, UserError } from "../errors.js";
import { projectRoot } from "./engine-environment.js";

/** How an engine command ended. */
export interface EngineResult {
  /** Exit code; 128 + n after signal n. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run the engine. */
export interface EngineOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Text for standard input; none by default. */
  readonly input?: string;
  /** `inherit`: the user talks with the engine directly. */
  readonly terminal?: "inherit" | "capture";
}

const SIGNALS: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGTERM: 15 };

/** Runs `pulumi` in the project. Rejects only when it cannot be started: UserError (missing) when there is none. */
export function runEngine(args: readonly string[], { environment, input, terminal = "capture" }: EngineOptions): Promise<EngineResult> {
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", args, {
      cwd: projectRoot(),
      env: { ...process.env, ...environment },
      stdio: terminal === "inherit" ? "inherit" : ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.stdin?.end(input ?? "");
    // In a terminal the engine gets the same Ctrl+C and stops in its own way; the runner waits for it.
    const ignore = () => undefined;
    if (terminal === "inherit") process.on("SIGINT", ignore);
    child.on("error", (error: NodeJS.ErrnoException) => reject(error.code === "ENOENT" ? new UserError(EXIT.missing, 'There is no "pulumi" on PATH; ./mission finds or builds it, so start this by ./mission.') : error));
    child.on("close", (code, signal) => {
      process.off("SIGINT", ignore);
      resolve({ code: code ?? 128 + ((signal && SIGNALS[signal]) ?? 15), stdout, stderr });
    });
  });
}
