import type { Release } from "../../../model/release.js";
import { baseOf, type Observed, type ObservedService } from "../../../model/rollout.js";
import { EXIT, UserError } from "../../errors.js";
import { stackFilePath } from "../../engine/engine-environment.js";
import { readStackFileSettings } from "../../engine/read-stack-settings.js";
import { openStack } from "../../engine/stack.js";
import { destroy, readState, resourcesOfService, unprotect } from "../../engine/state.js";
import type { PlatformAdapter } from "../../platforms/adapter.js";
import { openAdapter } from "../../platforms/open-adapter.js";
import { withoutService, writeRemaining } from "../../release/remove-service.js";
import type { Lease } from "../../store/mission-store.js";
import { openStore } from "../../store/open-store.js";
import { refuseWhileFrozen } from "../../store/refuse-raise.js";
import { withLease } from "../../store/with-lease.js";
import { confirm } from "../confirm.js";
import { sayStillRunning } from "../still-running.js";
import type { Terminal } from "../terminal.js";
import { table } from "./rollout.js";

/** Options of `mission retire <stack> <service>`. */
export interface RetireServiceOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
}

/**
 * Removes a service from an environment for good: its slots, routes and alarms; the other services are not touched. It leaves the release of this
 * machine's stack file first, so that from then on no `up` brings it back. A command that was killed can be run again.
 */
export async function retireService(name: string, service: string, { yes, json }: RetireServiceOptions, terminal: Terminal): Promise<void> {
  const adapter = await openAdapter(name);
  const { observed } = await decide(name, service, adapter);
  await sayLoss(name, service, observed[service], adapter, terminal);
  await confirm({ question: `Remove service "${service}" from stack "${name}"? Type yes:`, expected: "yes", given: yes === true, flags: "--yes" });
  await withLease(openStore(), name, `retire ${service}`, (lease) => remove(service, adapter, lease, terminal));
  const now = await adapter.describe();
  terminal.say(`Service "${service}" has left stack "${name}", and the platform confirms it. Remove it from the codebase's mission.yaml too: the next release made from it would bring it back.`);
  if (json === true) terminal.print(JSON.stringify(now, null, 2));
  else for (const line of table(now)) terminal.print(line);
  sayStillRunning(name, terminal);
}

interface Decision {
  readonly observed: Observed;
  readonly before: Release;
  readonly remaining: Release;
}

/** @throws UserError (refused) with every reason why the service may not leave now; (usage) when there is none of this name */
async function decide(name: string, service: string, adapter: PlatformAdapter): Promise<Decision> {
  refuseWhileFrozen(name, await openStore().standing(name));
  const file = stackFilePath(name);
  const { settings, diagnostics } = await readStackFileSettings(file);
  if (settings === null) throw new UserError(EXIT.usage, `"${file}" has mistakes; correct them first:`, diagnostics);
  const { release } = settings;
  if (release === undefined) throw new UserError(EXIT.refused, `Stack "${name}" has no release on this machine, so what remains of it cannot be written; run this where it was deployed from, or make it again: ./mission release <codebase>`);
  const observed = await adapter.describe();
  const known = [...new Set([...Object.keys(release.services), ...Object.keys(observed)])].sort();
  // The engine alone may still know one whose removal was killed.
  if (!known.includes(service) && resourcesOfService(await readState(await openStack(name)), service).length === 0) {
    throw new UserError(EXIT.usage, `Stack "${name}" has no service "${service}"; it has ${known.join(", ")}.`);
  }
  const rest = withoutService(release, service);
  const refusals = [...rest.refusals, ...inRollout(service, observed[service])];
  if (rest.release === null || refusals.length > 0) throw new UserError(EXIT.refused, refusals.join("\n"));
  return { observed, before: release, remaining: rest.release };
}

function inRollout(service: string, now: ObservedService | undefined): string[] {
  if (now?.live == null || now.split === null || now.split.of(now.live) === 100) return [];
  return [`Service "${service}" is in a rollout (${now.split.describe(now.live)}); a service leaves only while its live slot has all traffic. Take the candidate back, or finish it, first.`];
}

async function sayLoss(name: string, service: string, now: ObservedService | undefined, adapter: PlatformAdapter, terminal: Terminal): Promise<void> {
  const endpoints = await adapter.endpoints(service);
  terminal.say(`Service "${service}" will leave stack "${name}" for good: both slots with their instances, its routes${endpoints === undefined ? "" : ` (${endpoints.production} answers nobody any more)`} and its alarms.`);
  if (now !== undefined) for (const line of table({ [service]: now })) terminal.say(`  ${line}`);
  terminal.say("The other services, the database and its data stay as they are.");
}

async function remove(service: string, adapter: PlatformAdapter, lease: Lease, terminal: Terminal): Promise<void> {
  const name = lease.environment;
  const { observed, before, remaining } = await decide(name, service, adapter);
  const stack = await openStack(name);
  for (const line of stack.settled) terminal.say(line);
  const removed = await writeRemaining(stack.file, before, remaining);
  if (removed.length > 0) terminal.say(`No service names ${removed.map((variable) => `"mission:variables.${variable}"`).join(", ")} any more; removed from this machine's copy of the stack's file.`);
  const resources = resourcesOfService(await readState(stack), service);
  await lease.check();
  await unprotect(stack, resources);
  await destroy(stack, resources);
  const left = resourcesOfService(await readState(stack), service);
  const missing = notAsWanted(service, observed, await adapter.describe());
  if (left.length > 0) missing.push(`The engine still has ${left.length} resources of service "${service}".`);
  if (missing.length > 0) throw new UserError(EXIT.failed, [`Service "${service}" has not left stack "${name}" as it should; the same command again does the rest:`, ...missing].join("\n"));
}

/** What the platform does not show as it should: the service gone, the others as they were. */
function notAsWanted(service: string, before: Observed, after: Observed): string[] {
  const now = after[service];
  const missing = now !== undefined && (now.split !== null || now.slots.blue !== null || now.slots.green !== null) ? [`Service "${service}" is still there.`] : [];
  for (const [other, seen] of Object.entries(before)) {
    if (other === service) continue;
    if (after[other] === undefined || baseOf(after[other]) !== baseOf(seen)) missing.push(`Service "${other}" is no longer as it was.`);
  }
  return missing;
}
