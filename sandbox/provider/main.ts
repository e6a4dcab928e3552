import { alarmHandler } from "./alarm.js";
import { databaseHandler } from "./database.js";
import { observe } from "./observe.js";
import { resource } from "./resource.js";
import { serve } from "./server.js";
import { slotHandler } from "./slot.js";
import { trafficSplitHandler } from "./traffic-split.js";

/** How often the plugin looks whether the engine that started it still lives. */
const PARENT_CHECK_MS = 500;

async function main(): Promise<void> {
  const port = await serve({
    version: "0.1.0",
    resources: {
      "sandbox:index:Slot": resource(slotHandler),
      "sandbox:index:TrafficSplit": resource(trafficSplitHandler),
      "sandbox:index:Alarm": resource(alarmHandler),
      "sandbox:index:Database": resource(databaseHandler),
    },
    functions: { "sandbox:index:observe": observe },
  });
  process.stdout.write(`${port}\n`);

  // An engine that is killed tells nobody: without this the plugin would stay behind for ever.
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) process.exit(0);
  }, PARENT_CHECK_MS);
}

main().catch((error: unknown) => {
  process.stderr.write(`The sandbox provider cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
