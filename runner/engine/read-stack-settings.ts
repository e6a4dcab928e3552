import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import { configurationSize, tooLarge } from "../../model/configuration-limit.js";
import { diagnose, type Diagnostic } from "../../model/diagnostic.js";
import type { SecretsPresent } from "../../model/environment-rules.js";
import { environmentSettingsSchema, type EnvironmentSettings } from "../../model/environment-settings.js";
import { EXIT, UserError } from "../errors.js";

/** A stack's file, read without the engine. */
export interface StackFileSettings {
  /** Null when there are mistakes. */
  readonly settings: EnvironmentSettings | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly secrets: SecretsPresent;
}

/** Stands for an encrypted value, which only the engine can read; nothing but its presence is looked at here. */
const ENCRYPTED = "encrypted".padEnd(64, ".");

/**
 * What this machine's copy of a stack's file says. Values stay encrypted.
 * @throws UserError (usage) when the file is not valid YAML
 */
export async function readStackFileSettings(file: string): Promise<StackFileSettings> {
  return stackSettingsIn(await readFile(file, "utf8"), file);
}

/**
 * What the text of a stack's file says.
 * @param file what it is called in a message
 * @throws UserError (usage) when it is not valid YAML
 */
export function stackSettingsIn(text: string, file: string): StackFileSettings {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new UserError(EXIT.usage, `"${file}" is not valid YAML; correct it there:\n${document.errors.map(({ message }) => message.trim()).join("\n")}`);
  const config = ((document.toJS() as { config?: Record<string, unknown> } | null)?.config ?? {}) as Record<string, unknown>;
  const state = (key: string) => (config[key] === undefined ? "missing" : isEncrypted(config[key]) ? "encrypted" : "plain");
  const secrets: SecretsPresent = { state: (name) => state(`secrets:${name}`), digestKey: state("mission:digestKey") };
  const large = tooLarge(configurationSize(config));
  if (large !== null) return { settings: null, diagnostics: [{ path: "config", message: large }], secrets };
  const raw = Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) => (key.startsWith("mission:") ? [[key.slice("mission:".length), key === "mission:digestKey" && isEncrypted(value) ? ENCRYPTED : plainValue(value)]] : [])),
  );
  const parsed = environmentSettingsSchema.safeParse(raw);
  return parsed.success ? { settings: parsed.data, diagnostics: [], secrets } : { settings: null, diagnostics: diagnose(parsed.error, raw, "mission:"), secrets };
}

/** The engine writes every number and truth value of the first level as text, as soon as it changes anything in the file. */
function plainValue(value: unknown): unknown {
  return typeof value === "string" && /^(0|[1-9]\d{0,14}|true|false)$/.test(value) ? (JSON.parse(value) as unknown) : value;
}

function isEncrypted(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}
