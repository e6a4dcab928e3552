import { setTimeout as sleep } from "node:timers/promises";
import { signalOne } from "../process/end.js";
import { isAlive, type ProcessIdentity } from "../process/identity.js";

/** Milliseconds for a fast shutdown (SIGINT), and for an immediate one (SIGQUIT) after it. */
const FAST = 20_000;
const IMMEDIATE = 10_000;

/** Stops a server: fast (clients are disconnected, everything is written), then immediately (recovery at the next start), then with SIGKILL. */
export async function stopPostgres(server: ProcessIdentity): Promise<void> {
  for (const [signal, limit] of [["SIGINT", FAST], ["SIGQUIT", IMMEDIATE], ["SIGKILL", IMMEDIATE]] as const) {
    const deadline = performance.now() + limit;
    signalOne(server, signal);
    while (isAlive(server) && performance.now() < deadline) await sleep(20);
    if (!isAlive(server)) return;
  }
}
