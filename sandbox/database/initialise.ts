import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { baseEnvironment } from "../process/environment.js";
import type { Binaries } from "./binaries.js";

const run = promisify(execFile);

/** Name of the database and of the role that owns it. */
export const DATABASE = "app";
/** Name of the superuser. */
export const SUPERUSER = "mission";

/** Passwords of the two roles, hexadecimal. */
export interface Passwords {
  readonly superuser: string;
  readonly app: string;
}

/** New passwords. */
export function newPasswords(): Passwords {
  return { superuser: randomBytes(24).toString("hex"), app: randomBytes(24).toString("hex") };
}

/**
 * Makes a cluster in `directory`, which must not exist: the database `app`, owned by the role `app`, which may make further databases (a
 * scratch one for migrations). The directory appears in one step, when it is complete.
 * @throws Error with what the programs said
 */
export async function initialise(binaries: Binaries, directory: string, passwords: Passwords): Promise<void> {
  removeUnfinished(directory);
  const unfinished = `${directory}.new-${randomBytes(6).toString("hex")}`;
  const passwordFile = `${unfinished}.password`;
  const environment = { ...baseEnvironment(), ...binaries.environment, LC_ALL: "C" };
  try {
    await writeFile(passwordFile, `${passwords.superuser}\n`, { mode: 0o600 });
    const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
    const [program = "", ...args] = [...binaries.prefix, binaries.initdb, "-D", unfinished, "-U", SUPERUSER, "-A", "scram-sha-256", `--pwfile=${passwordFile}`, ...locale];
    await run(program, args, { env: environment, timeout: 120_000 });
    await single(binaries, environment, unfinished, [
      `CREATE ROLE ${DATABASE} LOGIN CREATEDB PASSWORD '${passwords.app}'`,
      `CREATE DATABASE ${DATABASE} OWNER ${DATABASE}`,
    ]);
    await rename(unfinished, directory);
  } catch (error) {
    const { stderr = "", message } = error as Error & { stderr?: string };
    throw new Error(`PostgreSQL's cluster cannot be made: ${stderr.trim().split("\n").slice(-3).join(" ") || message}`);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Runs statements in single-user mode: without a server, a port or a password. They go over standard input, so no argument shows them. */
async function single(binaries: Binaries, environment: Readonly<Record<string, string>>, directory: string, statements: readonly string[]): Promise<void> {
  const [program = "", ...args] = [...binaries.prefix, binaries.postgres, "--single", "-D", directory, "-j", "-c", "exit_on_error=on", "postgres"];
  const child = spawn(program, args, { env: environment, stdio: ["pipe", "ignore", "pipe"], timeout: 120_000 });
  let errors = "";
  child.stderr.on("data", (bytes: Buffer) => (errors = (errors + bytes.toString("utf8")).slice(-4_096)));
  child.stdin.on("error", () => undefined);
  child.stdin.end(statements.map((statement) => `${statement};\n\n`).join(""));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  // What it says may quote the statement, and with it a password.
  if (code !== 0) throw new Error(`single-user mode exited with ${code ?? "a signal"}: ${errors.replaceAll(/'[0-9a-f]{16,}'/g, "'[secret]'").trim()}`);
}

function removeUnfinished(directory: string): void {
  const prefix = `${basename(directory)}.new-`;
  for (const name of readdirSync(dirname(directory))) {
    if (name.startsWith(prefix)) void rm(join(dirname(directory), name), { recursive: true, force: true });
  }
}
