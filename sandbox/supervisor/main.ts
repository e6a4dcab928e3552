import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { BrokenState } from "./state-file.js";
import { openSandbox, sandboxAt } from "./open-sandbox.js";
import { Supervisor } from "./supervisor.js";
import { SupervisorLog } from "./supervisor-log.js";

/** Exit code when the sandbox's records cannot be believed; nothing was started or stopped. */
const REFUSED = 3;

/**
 * The supervisor of one sandbox: `node main.js <sandbox directory> --artifacts <directory of artifacts>`. Ends at once, and well, when
 * another one has the sandbox.
 */
async function main(): Promise<void> {
  const { directory, artifacts } = readArguments();
  const paths = sandboxAt(directory);
  const log = new SupervisorLog(paths.supervisorLog);
  // A supervisor that goes on with what is recorded is better than none; what is recorded is never half changed.
  process.on("uncaughtException", (error) => log.write("error", "a mistake", { error: error.stack ?? String(error) }));
  process.on("unhandledRejection", (error) => log.write("error", "a mistake", { error: error instanceof Error ? error.stack : String(error) }));
  try {
    const sandbox = await openSandbox(paths, artifacts);
    if (sandbox === undefined) return process.exit(0);
    const supervisor = new Supervisor(sandbox, artifacts, log);
    supervisor.stopped = () => process.exit(0);
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void supervisor.stop(false));
    process.on("SIGHUP", () => undefined);
    await supervisor.start();
  } catch (error) {
    log.write("refused", error instanceof Error ? error.message : String(error), error instanceof BrokenState || !(error instanceof Error) ? {} : { error: error.stack });
    process.exit(REFUSED);
  }
}

function readArguments(): { directory: string; artifacts: string } {
  const { values, positionals } = parseArgs({ options: { artifacts: { type: "string" } }, allowPositionals: true });
  const [directory] = positionals;
  if (directory === undefined || positionals.length > 1 || values.artifacts === undefined) {
    process.stderr.write("Usage: node main.js <sandbox directory> --artifacts <directory of artifacts>\n");
    process.exit(2);
  }
  return { directory: resolve(directory), artifacts: resolve(values.artifacts) };
}

void main();
