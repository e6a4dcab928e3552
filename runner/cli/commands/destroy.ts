import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readOffline, removeSandbox, stopSandbox } from "../../../sandbox/client.js";
import { sandboxDirectory } from "../../../sandbox/home.js";
import { EXIT, UserError } from "../../errors.js";
import { stackFilePath } from "../../engine/engine-environment.js";
import { openStack, stackExists, stackOrigin } from "../../engine/stack.js";
import { destroy as destroyResources, readState, removeStack, unprotect } from "../../engine/state.js";
import { openAdapter } from "../../platforms/open-adapter.js";
import { removeFinished } from "../../store/finished.js";
import type { Lease } from "../../store/mission-store.js";
import { openStore } from "../../store/open-store.js";
import { refuseWhileFrozen } from "../../store/refuse-raise.js";
import { withLease } from "../../store/with-lease.js";
import { confirm } from "../confirm.js";
import type { Terminal } from "../terminal.js";
import { table } from "./rollout.js";

/** Options of `mission destroy <stack>`. */
export interface DestroyOptions {
  readonly yes?: boolean;
  readonly confirm?: string;
}

/**
 * Removes an environment for good, its database included. A command that was killed can be run again. What the mission store
 * says of the environment (journals, freezes, holds) stays: it is the record.
 */
export async function destroy(name: string, options: DestroyOptions, terminal: Terminal): Promise<void> {
  stackOrigin(name);
  if (!(await isHere(name))) return terminal.say(`There is nothing of stack "${name}" on this machine; nothing was changed.`);
  if (options.confirm !== undefined && options.confirm !== name) throw new UserError(EXIT.usage, `"--confirm" is "${options.confirm}"; to destroy stack "${name}" it must be "${name}". Nothing was changed.`);
  refuseWhileFrozen(name, await openStore().standing(name));
  await sayLoss(name, terminal);
  await confirm({ question: `Destroy stack "${name}"? Type its name:`, expected: name, given: options.yes === true && options.confirm === name, flags: `--yes --confirm ${name}` });
  await withLease(openStore(), name, "destroy", (lease) => remove(lease, terminal));
  if (await isHere(name)) throw new UserError(EXIT.failed, `Something of stack "${name}" is left; the same command again removes it.`);
  terminal.say(`Nothing of stack "${name}" is left. A release made for it again starts from nothing.`);
}

async function isHere(name: string): Promise<boolean> {
  return existsSync(sandboxDirectory(name)) || existsSync(stackFilePath(name)) || (await stackExists(name));
}

async function sayLoss(name: string, terminal: Terminal): Promise<void> {
  const adapter = await openAdapter(name);
  const observed = await adapter.describe();
  const database = (await readOffline(sandboxDirectory(name)))?.database != null;
  terminal.say(`Stack "${name}" will be destroyed for good:`);
  for (const line of table(observed)) terminal.say(`  ${line}`);
  for (const service of Object.keys(observed)) {
    const endpoints = await adapter.endpoints(service);
    if (endpoints !== undefined) terminal.say(`  ${service}: ${endpoints.production} answers nobody any more.`);
  }
  if (database) terminal.say("  Its database with all data in it.");
  terminal.say("  Its state in the backend, and this machine's copy of its file, with its settings and secrets.");
}

/** The platform first and the engine's record last, so that a kill leaves something that the next run finds. */
async function remove(lease: Lease, terminal: Terminal): Promise<void> {
  const name = lease.environment;
  refuseWhileFrozen(name, await openStore().standing(name));
  const stack = await openStack(name);
  for (const line of stack.settled) terminal.say(line);
  const resources = await readState(stack);
  await lease.check();
  await unprotect(stack, resources);
  if (resources.length > 0) await destroyResources(stack, "everything");
  await lease.check();
  // What the state did not know of: a slot that an engine was killed over, say.
  await stopSandbox(sandboxDirectory(name), { traffic: true });
  await removeSandbox(sandboxDirectory(name));
  await removeFinished(name);
  await removeStack(stack);
  await rm(join(dirname(stack.file), `${name}.tracked.json`), { force: true });
  await rm(stack.file, { force: true });
}
