import { EXIT, UserError } from "../errors.js";
import { runEngine } from "./run-engine.js";
import type { OpenStack } from "./stack.js";

/** A resource as the engine's state has it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly parent?: string;
  readonly protect?: boolean;
}

/** Every resource in a stack's state. @throws UserError (failed) when it cannot be read */
export async function readState(stack: OpenStack): Promise<StateResource[]> {
  const { stdout } = await engine(stack, ["stack", "export"], "cannot be read");
  const { deployment } = JSON.parse(stdout) as { deployment: { resources?: StateResource[] } | null };
  return deployment?.resources ?? [];
}

/** The component of a service and everything below it. */
export function resourcesOfService(resources: readonly StateResource[], service: string): StateResource[] {
  const root = resources.find(({ urn, type }) => type === "mission:index:BlueGreenService" && urn.endsWith(`::${service}`));
  if (root === undefined) return [];
  const found = new Set([root.urn]);
  // A parent always stands before its children in the state.
  for (const { urn, parent } of resources) if (parent !== undefined && found.has(parent)) found.add(urn);
  return resources.filter(({ urn }) => found.has(urn));
}

/** The leaves that share the services' traffic. */
export function trafficLeaves(resources: readonly StateResource[]): StateResource[] {
  const splits = new Set(resources.filter(({ type }) => type === "mission:index:TrafficSplit").map(({ urn }) => urn));
  return resources.filter(({ parent }) => parent !== undefined && splits.has(parent));
}

/** Lets resources be deleted; those that are not protected are left alone. @throws UserError (failed) */
export async function unprotect(stack: OpenStack, resources: readonly StateResource[]): Promise<void> {
  const urns = resources.filter(({ protect }) => protect === true).map(({ urn }) => urn);
  if (urns.length > 0) await engine(stack, ["state", "unprotect", ...urns, "--yes"], "cannot be unprotected");
}

/**
 * Deletes exactly these resources, or everything. The engine refuses when something else depends on one of them.
 * @throws UserError (failed) with the engine's words; what was deleted until then stays so, and doing it again does the rest
 */
export async function destroy(stack: OpenStack, what: readonly StateResource[] | "everything"): Promise<void> {
  if (what.length === 0) return;
  const targets = what === "everything" ? [] : what.flatMap(({ urn }) => ["--target", urn]);
  await engine(stack, ["destroy", "--yes", "--skip-preview", "--color", "never", ...targets], "cannot be destroyed; what is gone is gone, and the same command again does the rest");
}

/** Removes a stack without resources from the backend, and its file. @throws UserError (failed) */
export async function removeStack(stack: OpenStack): Promise<void> {
  await engine(stack, ["stack", "rm", "--yes", "--preserve-config", "--remove-backups"], "cannot be removed");
}

async function engine(stack: OpenStack, args: readonly string[], problem: string): Promise<{ readonly stdout: string }> {
  const { code, stdout, stderr } = await runEngine(args, { environment: stack.environment });
  if (code === 0) return { stdout };
  const locked = stderr.includes("currently locked by") || stdout.includes("currently locked by");
  throw new UserError(locked ? EXIT.locked : EXIT.failed, `The state of stack "${stack.name}" ${problem}: ${[stdout, stderr].map((text) => text.trim()).filter((text) => text !== "").join("\n")}`);
}
