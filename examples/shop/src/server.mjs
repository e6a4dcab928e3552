import { setTimeout as sleep } from "node:timers/promises";
import { createApp } from "./app.mjs";
import { readBuildInfo } from "./build-info.mjs";
import { createFaults } from "./faults.mjs";
import { createGracefulStop } from "./http/graceful-stop.mjs";
import { SettingsError, readSettings } from "./settings.mjs";
import { createRepository } from "./storage/repository.mjs";

const EX_CONFIG = 78;
const STOP_DEADLINE_MS = 9000;
const PREPARE_RETRY_MS = 500;

// Whoever reads the logs may end before the shop does; that is no reason to stop selling.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});
const warn = (message, details = {}) => process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), message, ...details })}\n`);

const build = readBuildInfo();
const settings = settingsOrExit();
const faults = createFaults(build, settings);
faults.atStart();

const repository = createRepository(settings);
const state = { ready: false };
const stopping = new AbortController();
const server = createApp({ settings, build, repository, state, faults, stopping: stopping.signal, writeLog: (line) => process.stdout.write(line), warn });
const stopServer = createGracefulStop(server);

server.on("error", (error) => {
  warn("cannot listen", { error: error.message });
  process.exit(1);
});
server.listen(settings.port, settings.host, () => {
  const address = server.address();
  warn("listening", { version: build.version, host: address.address, port: address.port });
});
process.once("SIGTERM", stop);
process.once("SIGINT", stop);
await prepare();

function settingsOrExit() {
  try {
    return readSettings(process.env, build);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EX_CONFIG);
  }
}

/** Until the database answers the shop is alive, but not ready. */
async function prepare() {
  while (!state.ready && !stopping.signal.aborted) {
    try {
      await repository.prepare();
      state.ready = true;
    } catch (error) {
      warn("the tables could not be prepared", { error: error.message });
      await sleep(PREPARE_RETRY_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }
}

async function stop() {
  stopping.abort();
  const cut = await stopServer(STOP_DEADLINE_MS);
  if (cut > 0) warn("requests were cut off at the deadline", { requests: cut });
  await Promise.race([repository.close().catch(() => {}), sleep(500)]);
  process.exit(0);
}
