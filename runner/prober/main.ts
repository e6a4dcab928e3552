import { readFileSync } from "node:fs";
import { Command } from "commander";
import type { ProberMessage, SnapshotRequest } from "./messages.js";
import { readProberOptions } from "./options.js";
import { type Run, startRun } from "./run.js";

/** Exit codes of a prober. */
const EXIT = { measured: 0, failed: 1, refused: 2, abandoned: 3 } as const;

const program = new Command("prober")
  .description("Sends requests at a fixed rate, whatever the server does, and prints a summary as JSON when it is stopped.")
  .requiredOption("--options <json>", "what to send, as JSON; - reads it from stdin, so that headers do not show in the process list")
  .addHelpText("after", "\nSIGTERM and SIGINT stop it. Exit codes: 0 measured, 1 the log could not be written, 2 options refused, 3 the caller is gone.");

/** With a caller, messages go through the channel to it; without one, the summary goes to stdout. */
function tell(message: ProberMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send) process.send(message, undefined, undefined, () => resolve());
    else if (message.type === "finished") process.stdout.write(`${JSON.stringify(message.summary)}\n`, () => resolve());
    else if (message.type === "failed") process.stderr.write(`${message.reason}\n`, () => resolve());
    else resolve();
  });
}

function follow(run: Run): { abandoned: boolean } {
  const state = { abandoned: false };
  process.on("SIGTERM", () => run.stop());
  // A terminal sends these to the caller as well, and the caller decides how long measuring goes on.
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => (process.send ? undefined : run.stop()));
  if (process.send) {
    process.on("message", ({ type, ask }: SnapshotRequest) => {
      if (type === "mark") run.mark();
      void tell({ type: "snapshot", ask, summary: run.snapshot(type === "snapshot" ? "start" : "mark") });
    });
    process.on("disconnect", () => {
      state.abandoned = true;
      run.abandon();
    });
    if (!process.connected) process.emit("disconnect");
  }
  return state;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RangeError('"--options" is not JSON; allowed is an object such as {"url": "http://127.0.0.1:8080"}.');
  }
}

async function main(): Promise<number> {
  const { options: json } = program.parse().opts<{ options: string }>();
  let options;
  try {
    options = readProberOptions(parseJson(json === "-" ? readFileSync(0, "utf8") : json));
  } catch (error) {
    await tell({ type: "failed", reason: error instanceof Error ? error.message : String(error) });
    return EXIT.refused;
  }
  try {
    const run = await startRun(options, () => void tell({ type: "answered" }));
    const state = follow(run);
    await tell({ type: "started" });
    const summary = await run.summary;
    if (state.abandoned) return EXIT.abandoned;
    await tell({ type: "finished", summary });
    return EXIT.measured;
  } catch (error) {
    await tell({ type: "failed", reason: `The prober's log cannot be written: ${error instanceof Error ? error.message : String(error)}.` });
    return EXIT.failed;
  }
}

void main().then((code) => process.exit(code));
