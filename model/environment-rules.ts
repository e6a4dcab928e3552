import { awsMistakes, liesInAws } from "./aws-rules.js";
import type { Diagnostic } from "./diagnostic.js";
import type { EnvironmentSettings } from "./environment-settings.js";
import type { Release } from "./release.js";

/** What the program knows of the stack's secrets: which are set, and whether encrypted. */
export interface SecretsPresent {
  /** `plain` when the value stands unencrypted in the configuration. */
  readonly state: (name: string) => "encrypted" | "plain" | "missing";
  /** Whether `mission:digestKey` is encrypted. */
  readonly digestKey: "encrypted" | "plain" | "missing";
}

/** Mistakes that one key alone does not show: what the environment's kind, the release and the secrets demand together. */
export function environmentMistakes(settings: EnvironmentSettings, secrets: SecretsPresent): Diagnostic[] {
  const mistakes: Diagnostic[] = [];
  if (settings.environment === "production" && settings.instances < 2) {
    mistakes.push({ path: "mission:instances", message: `is ${settings.instances}; production needs at least 2, so that one may die.` });
  }
  if (settings.platform === "aws") mistakes.push(...awsMistakes(settings));
  else if (settings.aws !== undefined) mistakes.push({ path: "mission:aws", message: `is set, but the platform is "${settings.platform}"; remove it, or make another stack for AWS.` });
  if (settings.release !== undefined) mistakes.push(...releaseMistakes(settings, settings.release, secrets));
  return mistakes;
}

function releaseMistakes(settings: EnvironmentSettings, release: Release, secrets: SecretsPresent): Diagnostic[] {
  const mistakes: Diagnostic[] = [];
  const services = Object.entries(release.services);
  const known = new Set(services.flatMap(([, service]) => Object.keys(service.variables)));
  for (const name of Object.keys(settings.variables)) {
    if (!known.has(name)) mistakes.push({ path: `mission:variables.${name}`, message: `is not a variable of any service of ${release.application} ${release.version}; name it in mission.yaml or remove it.` });
  }
  for (const [service, { variables }] of services) {
    for (const [name, fallback] of Object.entries(variables)) {
      if (fallback === null && settings.variables[name] === undefined) {
        mistakes.push({ path: `mission:variables.${name}`, message: `is missing; service "${service}" needs a value and has no default.` });
      }
    }
  }
  const needed = new Set(services.flatMap(([, service]) => service.secrets));
  if (settings.platform === "sandbox") {
    for (const [service, { image }] of services) {
      if (image !== undefined) mistakes.push({ path: `mission:release.services.${service}`, message: "is a container image, which the sandbox does not run; name `artifact` and `command` for the service in mission.yaml." });
    }
  }
  for (const name of needed) {
    if (liesInAws(settings, name)) continue;
    const state = secrets.state(name);
    const set = `set it with: pulumi config set --secret secrets:${name}`;
    if (state === "missing") mistakes.push({ path: `secrets:${name}`, message: `is missing; the release needs this secret; ${set}` });
    if (state === "plain") mistakes.push({ path: `secrets:${name}`, message: `is not encrypted in the configuration; a secret must be; ${set}` });
  }
  if ([...needed].some((name) => !liesInAws(settings, name)) && secrets.digestKey !== "encrypted") {
    const seen = secrets.digestKey === "missing" ? "is missing" : "is not encrypted in the configuration";
    mistakes.push({ path: "mission:digestKey", message: `${seen}; releases with secrets need it; set it with: openssl rand -hex 32 | pulumi config set --secret mission:digestKey` });
  }
  return mistakes;
}
