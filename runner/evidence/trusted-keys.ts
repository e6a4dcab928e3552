import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PREDICATE } from "../../evidence/predicate-types.js";
import { publicKeyText } from "../../evidence/signing-key.js";
import type { TrustedKey } from "../../evidence/verify-evidence.js";
import type { EnvironmentSettings } from "../../model/environment-settings.js";
import type { PackConfig } from "../../policies/pack-config.js";
import { readConfig } from "../../policies/read-config.js";
import { projectRoot } from "../engine/engine-environment.js";
import { EXIT, UserError } from "../errors.js";
import { developmentKey } from "./keys.js";
import { keyCards } from "./named-keys.js";

/**
 * The keys whose signatures count for a stack, as the policy pack says: those in its configuration for the environment, and on a sandbox the development
 * key of this machine.
 * @throws UserError: usage when the pack's configuration has mistakes, missing when the development key cannot be read
 */
export async function trustedFor({ environment, platform }: Pick<EnvironmentSettings, "environment" | "platform">, config = packConfig()): Promise<readonly TrustedKey[]> {
  const development = { publicKey: publicKeyText(await developmentKey()), types: Object.values(PREDICATE) };
  const configured = config.trust.filter((key) => key.environments.includes(environment));
  // Elsewhere it never counts, even where it is named: whoever uses the machine has it.
  return platform === "sandbox" ? [...configured, development] : configured.filter(({ publicKey }) => publicKey.trim() !== development.publicKey.trim());
}

/**
 * Every key that this machine knows: its own, those that it has retired, and those of the pack's configuration. For records of what was, where a key need
 * not count any more.
 * @throws as `trustedFor`
 */
export async function knownKeys(config = packConfig()): Promise<readonly TrustedKey[]> {
  await developmentKey();
  const own = (await keyCards()).flatMap(({ publicKey, types, retired }) => [publicKey, ...retired.map((each) => each.publicKey)].map((each) => ({ publicKey: each, types })));
  return [...own, ...config.trust];
}

/** The pack's own configuration. @throws UserError (usage) with every mistake in it */
function packConfig(): PackConfig {
  const file = join(projectRoot(), "policies", "pack.yaml");
  const read = readConfig(existsSync(file) ? readFileSync(file, "utf8") : "", "policies/pack.yaml");
  if (read.ok) return read.config;
  throw new UserError(EXIT.usage, ["The configuration of the policy pack has mistakes:", ...read.mistakes].join("\n"));
}
