import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import type { Release } from "../../model/release.js";
import { replaceFile } from "../replace-file.js";
import { writeRelease } from "./write-release.js";

/** What of a release remains without one of its services, or why it cannot go: a sentence for each reason. */
export type Remaining = { readonly release: Release; readonly refusals: readonly [] } | { readonly release: null; readonly refusals: readonly string[] };

/** A release without one of its services. */
export function withoutService(release: Release, service: string): Remaining {
  const services = Object.fromEntries(Object.entries(release.services).filter(([name]) => name !== service));
  const refusals: string[] = [];
  const others = Object.values(services);
  if (others.length === 0) refusals.push(`Service "${service}" is the only one of ${release.application} ${release.version}; a release has at least one. To give up the whole environment: ./mission destroy <stack>`);
  else if (release.services[service]?.database === true && !others.some(({ database }) => database)) {
    refusals.push(`Service "${service}" is the last one of ${release.application} ${release.version} that uses the database, which would leave with it; let another service name it (database: true) first, or give up the whole environment: ./mission destroy <stack>`);
  }
  if (release.migrations?.service === service) refusals.push(`The migrations of ${release.application} ${release.version} run in the artifact of service "${service}"; let another service bring them first ("migrations.service" in mission.yaml), and deploy that.`);
  return refusals.length > 0 ? { release: null, refusals } : { release: { ...release, services }, refusals: [] };
}

/**
 * Writes what remains of a release into a stack's file, and removes the values of variables that no service names any more: the program refuses those.
 * @returns the names of the variables that were removed
 * @throws UserError (usage) as `writeRelease`
 */
export async function writeRemaining(file: string, before: Release, remaining: Release): Promise<string[]> {
  const named = (release: Release) => new Set(Object.values(release.services).flatMap(({ variables }) => Object.keys(variables)));
  const [was, is] = [named(before), named(remaining)];
  const document = parseDocument(await readFile(file, "utf8"));
  const removed = [...was].filter((name) => !is.has(name) && document.hasIn(["config", "mission:variables", name]));
  for (const name of removed) document.deleteIn(["config", "mission:variables", name]);
  if (removed.length > 0) await replaceFile(file, document.toString());
  await writeRelease(file, remaining);
  return removed;
}
