import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { removeTree } from "../../artifacts/remove-tree.js";
import { baseEnvironment } from "../process/environment.js";
import { freePort } from "../process/free-port.js";
import { isAlive, type ProcessIdentity } from "../process/identity.js";
import { tailOf } from "../process/log-file.js";
import { spawnDetached } from "../process/spawn.js";
import { findBinaries, NoDatabase, type Binaries } from "./binaries.js";
import { DATABASE, initialise, newPasswords } from "./initialise.js";
import { readPostmaster } from "./postmaster.js";
import { stopPostgres } from "./stop-postgres.js";

/*
 * node scratch-guard.js FOLDER
 *
 * Holds one throw-away PostgreSQL server for the process that started it. Writes one line to standard output (a GuardMessage), then waits until its
 * standard input ends, which it does when the other process closes it or dies; then stops the server, removes the folder and ends.
 */

/** What a guard says once. `missing`: PostgreSQL cannot be run on this machine. */
export type GuardMessage = { readonly url: string; readonly server: ProcessIdentity } | { readonly error: string; readonly missing: boolean };

/** Nothing in it has to survive a power cut. */
const SETTINGS = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=50", "logging_collector=off"];
const START_LIMIT = 60_000;
/** Another process may take a port between choosing and listening. */
const ATTEMPTS = 3;

let server: ProcessIdentity | null = null;

async function main(folder: string): Promise<void> {
  const ownerGone = new Promise<void>((resolve) => {
    process.stdin.resume().once("end", resolve).once("error", () => resolve());
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
  // Whoever reads may be gone already.
  process.stdout.on("error", () => undefined);
  const message = await start(folder).catch((error: unknown): GuardMessage => ({ error: error instanceof Error ? error.message : String(error), missing: error instanceof NoDatabase }));
  process.stdout.write(`${JSON.stringify(message)}\n`);
  if ("url" in message) await ownerGone;
  if (server !== null) await stopPostgres(server);
  await removeTree(folder);
  process.exit(0);
}

async function start(folder: string): Promise<GuardMessage> {
  const binaries = await findBinaries(join(folder, "lib"));
  const [data, log] = [join(folder, "data"), join(folder, "postgres.log")];
  const passwords = newPasswords();
  await initialise(binaries, data, passwords);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(new Set());
    const found = await launch(binaries, folder, data, log, port);
    if (found !== null) return { url: `postgres://${DATABASE}:${passwords.app}@127.0.0.1:${port}/${DATABASE}`, server: found };
    if (attempt === ATTEMPTS) throw new Error(`PostgreSQL did not start as a scratch database: ${tailOf(log, 3, String).join(" ") || "it wrote nothing"}`);
  }
}

/** The server once it accepts connections; null when it ended before that. */
async function launch(binaries: Binaries, folder: string, data: string, log: string, port: number): Promise<ProcessIdentity | null> {
  const settings = [...SETTINGS, `port=${port}`].flatMap((setting) => ["-c", setting]);
  const spawned = await spawnDetached({
    command: [...binaries.prefix, binaries.postgres, "-D", data, ...settings],
    directory: folder,
    environment: { ...baseEnvironment(), ...binaries.environment, LC_ALL: "C" },
    log,
  });
  if (!spawned.ok) throw new Error(`PostgreSQL cannot be started as a scratch database (${spawned.code}).`);
  server = spawned.identity;
  const deadline = performance.now() + START_LIMIT;
  while (isAlive(server)) {
    const postmaster = readPostmaster(data);
    if (postmaster?.pid === server.pid && postmaster.ready) return server;
    if (performance.now() > deadline) await stopPostgres(server);
    await sleep(20);
  }
  return null;
}

if (require.main === module) void main(process.argv[2] ?? "");
