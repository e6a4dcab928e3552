import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import type { Release } from "../../model/release.js";
import { runEngine } from "../engine/run-engine.js";
import type { OpenStack } from "../engine/stack.js";

/**
 * Gives a sandbox stack a random value for each secret that a release needs and the stack lacks, so that everybody can try a release.
 * Nothing is made up for any other platform: there a missing secret is refused.
 * @returns the names that got a value.
 */
export async function giveExampleSecrets(stack: OpenStack, release: Release): Promise<string[]> {
  const config = (parseDocument(readFileSync(stack.file, "utf8")).toJS() as { config?: Record<string, unknown> }).config ?? {};
  if ((config["mission:platform"] ?? "sandbox") !== "sandbox") return [];
  const needed = new Set(Object.values(release.services).flatMap(({ secrets }) => secrets));
  const keys = [...needed].map((name) => `secrets:${name}`);
  if (needed.size > 0) keys.push("mission:digestKey");
  const missing = keys.filter((key) => config[key] === undefined);
  for (const key of missing) {
    // By standard input: an argument could be read by every process of this machine.
    const { code, stderr } = await runEngine(["config", "set", "--secret", key], { environment: stack.environment, input: randomBytes(32).toString("hex") });
    if (code !== 0) throw new Error(`The example value of "${key}" cannot be stored: ${stderr.trim()}`);
  }
  return missing.filter((key) => key.startsWith("secrets:")).map((key) => key.slice("secrets:".length));
}
