import { spawn } from "node:child_process";
import { closeSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { baseEnvironment } from "../process/environment.js";
import { openLog } from "../process/log-file.js";
import { sandboxAt } from "../supervisor/open-sandbox.js";
import { SandboxRefusal } from "./errors.js";

/** A supervisor that was started and may have ended already. */
export interface Started {
  readonly pid: number;
  /** Its exit code; undefined while it runs, null when a signal ended it. */
  exit(): number | null | undefined;
}

/** What tests set, with `MISSION_TEST=1`. */
const FOR_TESTS = ["MISSION_TEST", "MISSION_FAILPOINT", "MISSION_TEST_BACKOFF_MS", "MISSION_TEST_BUILD"];

/** Starts a supervisor that outlives this process. It gets nothing of this process's environment that it does not need. */
export function startSupervisor(directory: string, artifacts: string): Started {
  const paths = sandboxAt(directory);
  const log = openLog(paths.supervisorLog);
  try {
    const main = join(__dirname, "..", "supervisor", "main.js");
    const child = spawn(process.execPath, [main, realpathSync(directory), "--artifacts", artifacts], { cwd: paths.directory, env: supervisorEnvironment(), detached: true, stdio: ["ignore", log, log] });
    let exit: number | null | undefined;
    child.once("exit", (code) => (exit = code));
    child.once("error", () => (exit = null));
    child.unref();
    return { pid: child.pid ?? 0, exit: () => exit };
  } finally {
    closeSync(log);
  }
}

/** The base, certificates for webhooks, and what tests set. */
function supervisorEnvironment(): Record<string, string | undefined> {
  const more = ["NODE_EXTRA_CA_CERTS", ...(process.env["MISSION_TEST"] === "1" ? FOR_TESTS : [])];
  return { ...baseEnvironment(), ...Object.fromEntries(more.map((name) => [name, process.env[name]])) };
}

/** Why a supervisor ended at once, from the log that it shares with others. */
export function refusalOf(directory: string, pid: number): SandboxRefusal {
  const path = join(directory, "logs", "supervisor.log");
  const lines = lastOf(path).flatMap((line) => {
    try {
      return [JSON.parse(line) as { pid?: unknown; level?: unknown; message?: unknown }];
    } catch {
      return [];
    }
  });
  const refused = lines.findLast((line) => line.pid === pid && line.level === "refused");
  const why = typeof refused?.message === "string" ? refused.message : `The supervisor of the sandbox in "${directory}" ended at once; see "${path}".`;
  return new SandboxRefusal("broken", why, 0);
}

function lastOf(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n").slice(-200);
  } catch {
    return [];
  }
}
