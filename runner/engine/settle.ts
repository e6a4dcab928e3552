import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { EXIT, UserError } from "../errors.js";
import { runEngine } from "./run-engine.js";

/*
 * An engine that was killed leaves its lock and, perhaps, a pending operation in the state. Both are cleared here, but only after the
 * owner is proven dead, and only where doing the operation again is harmless. Other backends than a directory clear up by `pulumi cancel`.
 */

interface Lock {
  readonly pid: number;
  readonly hostname: string;
  readonly timestamp: string;
}

interface Operation {
  readonly type: string;
  readonly resource: { readonly urn: string; readonly type: string };
}

/** What was found and put right, a sentence each; nothing when all was well. */
export type Settled = readonly string[];

/**
 * Puts right what a killed engine left behind.
 * @throws UserError (locked) when the lock's owner lives, or may live; (refused) when a pending operation is not known to be repeatable.
 */
export async function settle(stack: string, project: string, environment: Readonly<Record<string, string>>): Promise<Settled> {
  const backend = environment["PULUMI_BACKEND_URL"] ?? process.env["PULUMI_BACKEND_URL"] ?? "";
  if (!backend.startsWith("file://")) return [];
  const root = join(backend.slice("file://".length), ".pulumi");
  const said = await clearLocks(stack, join(root, "locks", "organization", project, stack), environment);
  return [...said, ...(await clearPending(stack, join(root, "stacks", project, `${stack}.json`), environment))];
}

async function clearLocks(stack: string, directory: string, environment: Readonly<Record<string, string>>): Promise<string[]> {
  const locks = (existsSync(directory) ? readdirSync(directory) : []).filter((name) => name.endsWith(".json")).flatMap((name) => readLock(join(directory, name)));
  if (locks.length === 0) return [];
  for (const lock of locks) {
    const owner = `process ${lock.pid} on "${lock.hostname}" since ${lock.timestamp}`;
    if (lock.hostname !== hostname()) {
      throw new UserError(EXIT.locked, `Stack "${stack}" is locked by ${owner}; this is another machine, so whether it lives cannot be seen from here. If it does not: pulumi cancel --stack ${stack}`);
    }
    if (isEngine(lock.pid)) throw new UserError(EXIT.locked, `Stack "${stack}" is locked by ${owner}, which is running; wait for it or stop it.`);
  }
  const result = await runEngine(["cancel", "--yes"], { environment });
  if (result.code !== 0) throw new Error(`The lock of stack "${stack}" cannot be cleared: ${result.stderr.trim()}`);
  return [`The lock of stack "${stack}" was left by process ${locks.map(({ pid }) => pid).join(", ")}, which is dead; it was cleared.`];
}

function readLock(path: string): Lock[] {
  try {
    return [JSON.parse(readFileSync(path, "utf8")) as Lock];
  } catch {
    return []; // It went away meanwhile.
  }
}

/** Whether a process runs and is an engine: a number alone may belong to somebody else by now. */
function isEngine(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  const commandLine = `/proc/${pid}/cmdline`;
  return existsSync(commandLine) ? readFileSync(commandLine, "utf8").includes("pulumi") : true;
}

async function clearPending(stack: string, checkpoint: string, environment: Readonly<Record<string, string>>): Promise<string[]> {
  if (!existsSync(checkpoint) || !readFileSync(checkpoint, "utf8").includes('"pending_operations"')) return [];
  const exported = await runEngine(["stack", "export"], { environment });
  if (exported.code !== 0) throw new Error(`The state of stack "${stack}" cannot be read: ${exported.stderr.trim()}`);
  const state = JSON.parse(exported.stdout) as { deployment: { pending_operations?: Operation[] } };
  const pending = state.deployment.pending_operations ?? [];
  if (pending.length === 0) return [];
  const foreign = pending.filter((operation) => !canBeDoneAgain(operation));
  if (foreign.length > 0) {
    throw new UserError(
      EXIT.refused,
      `Stack "${stack}" has operations whose end is not known (${foreign.map(({ type, resource }) => `${type} ${resource.urn}`).join(", ")}); look at the platform, then: pulumi refresh --stack ${stack}`,
    );
  }
  delete state.deployment.pending_operations;
  const imported = await runEngine(["stack", "import"], { environment, input: JSON.stringify(state) });
  if (imported.code !== 0) throw new Error(`The state of stack "${stack}" cannot be mended: ${imported.stderr.trim()}`);
  return pending.map(({ type, resource }) => `${type} ${resource.urn.split("::").pop()} was cut off; it can be done again, so it was cleared.`);
}

/** Every operation of the sandbox can; of AWS all but one that makes something: that may be there now under its name, and the engine does not know it. */
function canBeDoneAgain({ type, resource }: Operation): boolean {
  if (resource.type.startsWith("sandbox:") || resource.type.startsWith("mission:")) return true;
  return resource.type.startsWith("aws:") && type !== "creating";
}
