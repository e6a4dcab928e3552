import type { EnvironmentSettings } from "../../model/environment-settings.js";
import type { Release } from "../../model/release.js";

/** The variables that a release's services see in an environment: the defaults, and what the environment says instead. */
export function variablesOf(release: Release, settings: Pick<EnvironmentSettings, "variables">): Readonly<Record<string, string>> {
  const defaults = Object.values(release.services).flatMap(({ variables }) => Object.entries(variables).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])));
  return { ...Object.fromEntries(defaults), ...settings.variables };
}
