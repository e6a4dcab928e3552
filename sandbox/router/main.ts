import fs from "node:fs";
import path from "node:path";
import type { RouterConfig } from "./config.js";
import { Router } from "./router.js";

/** How long requests in flight may take to end after SIGTERM, in ms. */
const DRAIN = 30_000;

/**
 * The router process: `node main.js <directory>`. Serves by `router.json` of the directory first; the admin API, with the
 * schema it checks configurations by, is loaded when requests are being answered already.
 */
async function main(directory: string): Promise<void> {
  const startedAt = new Date().toISOString();
  const token = fs.readFileSync(path.join(directory, "token"), "utf8").trim();
  if (token === "") throw new Error(`"${path.join(directory, "token")}" is empty; it must hold the token for the admin API.`);
  const router = new Router(directory);
  survive(router);
  await restore(router, path.join(directory, "router.json"));
  const { openAdmin } = await import("./admin.js");
  const port = await openAdmin(router, token);
  writeAtomically(path.join(directory, "router-admin.json"), JSON.stringify({ pid: process.pid, port, startedAt }));
}

/** The file was checked before it was written; one that cannot be routed by leaves the router empty until it is told better. */
async function restore(router: Router, file: string): Promise<void> {
  if (!fs.existsSync(file)) return;
  try {
    await router.restore(JSON.parse(fs.readFileSync(file, "utf8")) as RouterConfig);
  } catch (error) {
    report(`"${file}" cannot be routed by: ${(error as Error).message}. The router serves nothing until it gets a configuration.`);
  }
}

/**
 * Ends on SIGTERM only: stops listening, lets what is in flight end, at a second SIGTERM or after the drain time exits at
 * once. The end of a terminal, of the parent or of its pipes is no reason to drop everybody's traffic.
 */
function survive(router: Router): void {
  for (const signal of ["SIGHUP", "SIGINT"] as const) process.on(signal, () => undefined);
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  process.on("uncaughtException", (error) => report(error.stack ?? error.message));
  process.once("SIGTERM", () => {
    process.once("SIGTERM", () => process.exit(0));
    const finish = (): void => void router.log.flush().finally(() => process.exit(0));
    setTimeout(finish, DRAIN);
    void router.close().finally(finish);
  });
}

function report(sentence: string): void {
  process.stderr.write(`${new Date().toISOString()} router ${process.pid}: ${sentence}\n`);
}

function writeAtomically(file: string, content: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, content, { mode: 0o600 });
  fs.renameSync(temporary, file);
}

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write("Usage: node main.js <directory>, where the directory holds router.json and token.\n");
  process.exit(2);
}
main(directory).catch((error: Error) => {
  report(error.message);
  process.exit(1);
});
