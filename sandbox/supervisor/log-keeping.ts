import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { removeLog, rotateLog } from "../process/log-file.js";
import type { SandboxPaths } from "./paths.js";
import type { SupervisorLog } from "./supervisor-log.js";

const INTERVAL = 5_000;
/** Logs that are kept of instances that are gone. */
const KEPT = 20;
const INSTANCE_LOG = /^([a-z][a-z0-9-]*-(?:blue|green)-\d+)\.log$/;

/** Rotates the logs that grow too long and removes those of instances that are long gone. `known` names the instances there are. */
export function keepLogs(paths: SandboxPaths, log: SupervisorLog, known: () => ReadonlySet<string>): NodeJS.Timeout {
  return setInterval(() => {
    try {
      turn(paths, known());
    } catch (error) {
      log.write("warning", "the logs cannot be rotated", { reason: (error as NodeJS.ErrnoException).code ?? String(error) });
    }
  }, INTERVAL);
}

function turn(paths: SandboxPaths, known: ReadonlySet<string>): void {
  const names = readdirSync(paths.logs).filter((name) => name.endsWith(".log"));
  for (const name of names) rotateLog(join(paths.logs, name));
  const gone = names.filter((name) => !known.has(INSTANCE_LOG.exec(name)?.[1] ?? "") && INSTANCE_LOG.test(name)).map((name) => join(paths.logs, name));
  if (gone.length <= KEPT) return;
  const newestFirst = gone.map((path) => ({ path, at: statSync(path).mtimeMs })).sort((a, b) => b.at - a.at);
  for (const { path } of newestFirst.slice(KEPT)) removeLog(path);
}
