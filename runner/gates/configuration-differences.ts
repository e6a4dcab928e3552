import { show } from "../../model/diagnostic.js";
import { parseDuration } from "../../model/duration.js";
import type { SecretsPresent } from "../../model/environment-rules.js";
import type { EnvironmentSettings } from "../../model/environment-settings.js";
import { shareOfPercent } from "../../model/percent.js";
import type { Release } from "../../model/release.js";

/** One environment's configuration. */
export interface ConfiguredEnvironment {
  readonly environment: EnvironmentSettings["environment"];
  readonly stack: string;
  readonly settings: EnvironmentSettings;
  readonly secrets: SecretsPresent;
}

/** Names that say of a value that it had better be a secret. */
const SECRET_NAME = /(^|_)(secret|password|passwd|token|credential|private_?key|api_?key|access_?key)s?($|_)/i;
/** An address with a password in it. */
const WITH_PASSWORD = /:\/\/[^/\s@:]*:[^/\s@]+@/;

/** What a service gets for one of its variables; null where nobody gives a value. */
export interface VariableValue {
  readonly service: string;
  readonly name: string;
  readonly value: string | null;
}

/** What every service of a release gets for each of its variables in an environment, in order of names. */
export function variablesOf(release: Release, { settings }: Pick<ConfiguredEnvironment, "settings">): readonly VariableValue[] {
  return Object.entries(release.services)
    .flatMap(([service, { variables }]) => Object.entries(variables).map(([name, fallback]) => ({ service, name, value: settings.variables[name] ?? fallback })))
    .sort((a, b) => (a.name === b.name ? compare(a.service, b.service) : compare(a.name, b.name)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether a variable's value must not be shown. */
export function looksSecret(name: string, value: string): boolean {
  return SECRET_NAME.test(name) || WITH_PASSWORD.test(value);
}

/** How staging and production differ: variables by value, secrets by name and presence only. Sentences, in order. */
export function differences(release: Release, staging: ConfiguredEnvironment, production: ConfiguredEnvironment): string[] {
  const other = variablesOf(release, production);
  const say = (name: string, value: string | null | undefined) => (value == null ? "none" : looksSecret(name, value) ? "a value that is not shown" : show(value));
  const variables = variablesOf(release, staging).flatMap(({ service, name, value }, index) => {
    const there = other[index]?.value;
    const of = Object.keys(release.services).length === 1 ? "" : ` of service "${service}"`;
    return value === there ? [] : [`Variable "${name}"${of} is ${say(name, value)} in staging and ${say(name, there)} in production.`];
  });
  const secrets = secretNames(release).map((name) => [name, staging.secrets.state(name), production.secrets.state(name)] as const);
  const unlike = secrets.filter(([, a, b]) => a !== b).map(([name, a, b]) => `Secret "${name}" is ${inWords(a)} in staging and ${inWords(b)} in production.`);
  return [...variables, ...unlike];
}

/** Settings that look as if nobody meant them; sentences, in order. None of them is a mistake for certain. */
export function oddities(release: Release, environments: readonly ConfiguredEnvironment[]): string[] {
  const readable = environments.flatMap(({ stack, settings }) =>
    Object.entries(settings.variables).flatMap(([name, value]) => (value !== "" && looksSecret(name, value) ? [`"mission:variables.${name}" of stack "${stack}" looks like a secret and stands readable in the configuration; keep it in secrets:<NAME> if it is one.`] : [])),
  );
  const staging = environments.find(({ environment }) => environment === "staging");
  const production = environments.find(({ environment }) => environment === "production");
  if (staging === undefined || production === undefined) return readable;
  return [...readable, ...lessStrict(staging, production), ...sameAddress(release, staging, production)];
}

function lessStrict({ settings: staging }: ConfiguredEnvironment, { settings: production }: ConfiguredEnvironment): string[] {
  const weaker = (key: string, a: string, b: string, number: (text: string) => number, allowsMore: "greater" | "smaller") =>
    (allowsMore === "greater" ? number(b) > number(a) : number(b) < number(a)) ? [`"mission:${key}" is ${b} in production and ${a} in staging: production allows more than staging.`] : [];
  return [
    ...weaker("alarms.errorRate", staging.alarms.errorRate, production.alarms.errorRate, shareOfPercent, "greater"),
    ...weaker("alarms.latencyP95", staging.alarms.latencyP95, production.alarms.latencyP95, parseDuration, "greater"),
    ...weaker("alarms.availability", staging.alarms.availability, production.alarms.availability, shareOfPercent, "smaller"),
    ...weaker("limits.errorRate", staging.limits.errorRate, production.limits.errorRate, shareOfPercent, "greater"),
    ...weaker("limits.errorRateIncrease", staging.limits.errorRateIncrease, production.limits.errorRateIncrease, shareOfPercent, "greater"),
    ...weaker("limits.latencyP95Increase", staging.limits.latencyP95Increase, production.limits.latencyP95Increase, shareOfPercent, "greater"),
    ...(staging.platform === production.platform ? [] : [`"mission:platform" is ${staging.platform} in staging and ${production.platform} in production: what staging shows may not hold there.`]),
  ];
}

/** An environment that says an address by itself, and the same as the other one's, may reach into the other one. */
function sameAddress(release: Release, staging: ConfiguredEnvironment, production: ConfiguredEnvironment): string[] {
  return [...new Set(variablesOf(release, staging).map(({ name }) => name))].flatMap((name) => {
    const value = staging.settings.variables[name];
    return value !== undefined && value === production.settings.variables[name] && /^[a-z][a-z0-9+.-]*:\/\/\S/i.test(value) ? [`Variable "${name}" leads to the same address in staging and production.`] : [];
  });
}

/** Names of all secrets of a release, in order. */
export function secretNames(release: Release): string[] {
  return [...new Set(Object.values(release.services).flatMap(({ secrets }) => secrets))].sort();
}

function inWords(state: ReturnType<SecretsPresent["state"]>): string {
  return state === "encrypted" ? "set and encrypted" : state === "plain" ? "set but not encrypted" : "missing";
}
