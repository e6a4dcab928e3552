import type { Diagnostic } from "../../model/diagnostic.js";
import { environmentMistakes } from "../../model/environment-rules.js";
import { placeholderIn } from "../../model/placeholder.js";
import type { Release } from "../../model/release.js";
import type { GateResult } from "../../model/verdict.js";
import { differences, oddities, secretNames, variablesOf, type ConfiguredEnvironment } from "./configuration-differences.js";

const GATE = "configuration-complete";

export interface ConfigurationInput {
  readonly release: Release;
  /** Staging and production, or those of them that the mission is about. */
  readonly environments: readonly ConfiguredEnvironment[];
}

/**
 * Gate `configuration-complete`: every environment gives every variable and every secret that the release needs, secrets encrypted, and no value is a
 * placeholder. How staging and production differ, and what looks accidental, stands in the details. No value of a secret is looked at.
 */
export function configurationComplete({ release, environments }: ConfigurationInput): GateResult {
  const name = `${release.application} ${release.version}`;
  if (environments.length === 0) return { gate: GATE, verdict: "INCONCLUSIVE", summary: `No environment's configuration was given, so nothing is known of what ${name} would get; name at least one.`, details: [], measured: {} };
  const mistakes = environments.flatMap((environment) => mistakesOf(release, environment).map(({ path, message }) => `"${path}" of stack "${environment.stack}" ${message}`));
  const [staging, production] = (["staging", "production"] as const).map((kind) => environments.find(({ environment }) => environment === kind));
  const different = staging === undefined || production === undefined ? null : differences(release, staging, production);
  const odd = oddities(release, environments);
  const variables = new Set(Object.values(release.services).flatMap((service) => Object.keys(service.variables))).size;
  const measured = { environments: environments.length, variables, secrets: secretNames(release).length, mistakes: mistakes.length, differences: different?.length ?? null, oddities: odd.length };
  const details = [...mistakes, ...(different ?? []), ...odd];
  if (mistakes.length > 0) {
    const more = mistakes.length === 1 ? "" : ` And ${mistakes.length - 1} more.`;
    return { gate: GATE, verdict: "FAIL", summary: `The configuration for ${name} has ${mistakes.length === 1 ? "a mistake" : `${mistakes.length} mistakes`}: ${mistakes[0] ?? ""}${more}`, details, measured };
  }
  const stacks = environments.map(({ stack }) => `"${stack}"`).join(" and ");
  const differ = different === null ? "" : `; ${different.length === 0 ? "they do not differ" : `${different.length} of them ${different.length === 1 ? "differs" : "differ"}`}`;
  const look = odd.length === 0 ? "" : ` ${odd.length} ${odd.length === 1 ? "setting looks" : "settings look"} accidental; see the details.`;
  return { gate: GATE, verdict: "PASS", summary: `${stacks} ${environments.length === 1 ? "has" : "have"} all ${count(variables, "variable")} and ${count(measured.secrets, "secret")} that ${name} needs${differ}.${look}`, details, measured };
}

/** Judged with this release, whatever release the stack's file still names. */
function mistakesOf(release: Release, environment: ConfiguredEnvironment): Diagnostic[] {
  const { settings, secrets } = environment;
  return [...environmentMistakes({ ...settings, release }, secrets), ...valueMistakes(release, environment), ...webhookMistakes(environment)];
}

function valueMistakes(release: Release, environment: ConfiguredEnvironment): Diagnostic[] {
  const mistakes = variablesOf(release, environment).flatMap(({ service, name, value }) => {
    const path = `mission:variables.${name}`;
    if (value === null) return [];
    if (value.trim() === "" && release.services[service]?.variables[name] === null) return [{ path, message: `is empty; service "${service}" needs a value and has no default.` }];
    const placeholder = placeholderIn(value);
    if (placeholder === null) return [];
    const where = environment.settings.variables[name] === undefined ? `is not set, and its default for service "${service}" in mission.yaml holds` : "holds";
    return [{ path, message: `${where} ${JSON.stringify(placeholder.text)}, ${placeholder.kind}; set the real value.` }];
  });
  // A value that several services read is one mistake.
  return [...new Map(mistakes.map((mistake) => [`${mistake.path} ${mistake.message}`, mistake])).values()];
}

function webhookMistakes({ settings }: ConfiguredEnvironment): Diagnostic[] {
  return settings.notifications.flatMap((target, index) => {
    const placeholder = placeholderIn(target.type === "webhook" ? target.url : target.path);
    return placeholder === null ? [] : [{ path: `mission:notifications[${index}].${target.type === "webhook" ? "url" : "path"}`, message: `holds ${JSON.stringify(placeholder.text)}, ${placeholder.kind}; set the real target.` }];
  });
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
