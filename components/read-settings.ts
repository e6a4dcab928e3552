import * as pulumi from "@pulumi/pulumi";
import { liesInAws } from "../model/aws-rules.js";
import { configurationSize, tooLarge } from "../model/configuration-limit.js";
import { diagnose, formatDiagnostics, type Diagnostic } from "../model/diagnostic.js";
import { environmentMistakes, type SecretsPresent } from "../model/environment-rules.js";
import { environmentSettingsSchema, type EnvironmentSettings } from "../model/environment-settings.js";
import { secretReference, type SecretReference } from "../model/slot-spec.js";
import type { SecretLookup } from "./blue-green-service.js";
import { refusal } from "./refusal.js";

/** The stack's configuration, checked. */
export interface StackSettings {
  readonly settings: EnvironmentSettings;
  /** References to every secret that the release names. */
  readonly secrets: readonly SecretReference[];
  readonly secret: SecretLookup;
}

const NAMESPACE = "mission:";
const SECRETS = "secrets:";
/** Keys whose value is text even where it looks like a number. */
const TEXT = new Set(["digestKey", "environment", "platform", "progressDeadline", "drain", "bake", "monitor", "keepWarm", "approvalTimeout"]);

/**
 * Reads and checks the stack's configuration.
 * @throws RunError with every mistake, one sentence each; the engine prints it without a stack.
 */
export function readStackSettings(): StackSettings {
  const all = pulumi.runtime.allConfig();
  const large = tooLarge(configurationSize(all));
  if (large !== null) throw refusal(`The configuration of stack "${pulumi.getStack()}" ${large}`);
  const raw: Record<string, unknown> = {};
  for (const [key, text] of Object.entries(all)) {
    if (!key.startsWith(NAMESPACE)) continue;
    const name = key.slice(NAMESPACE.length);
    raw[name] = TEXT.has(name) ? text : parse(text);
  }
  const parsed = environmentSettingsSchema.safeParse(raw);
  const mistakes = [...encryptedSettings(), ...(parsed.success ? environmentMistakes(parsed.data, secretsPresent(all)) : diagnose(parsed.error, raw, NAMESPACE))];
  if (parsed.success && mistakes.length === 0) return withSecrets(parsed.data, all);
  const stack = pulumi.getStack();
  throw refusal(formatDiagnostics(`The configuration of stack "${stack}" has ${mistakes.length === 1 ? "a mistake" : `${mistakes.length} mistakes`}:`, mistakes));
}

function withSecrets(settings: EnvironmentSettings, all: Readonly<Record<string, string>>): StackSettings {
  const names = [...new Set(Object.values(settings.release?.services ?? {}).flatMap(({ secrets }) => secrets))].sort();
  const secrets = names.map((name) => secretReference(name, secretArn(settings, name) ?? all[SECRETS + name] ?? "", settings.digestKey ?? ""));
  return {
    settings,
    secrets,
    secret(reference) {
      if (liesInAws(settings, reference.name)) return undefined;
      const current = secrets.find(({ name }) => name === reference.name);
      return current?.keyedDigest === reference.keyedDigest ? pulumi.secret(all[SECRETS + reference.name] ?? "") : undefined;
    },
  };
}

/** Where a secret lies in AWS, the reference is one to its ARN. */
function secretArn(settings: EnvironmentSettings, name: string): string | undefined {
  return liesInAws(settings, name) ? settings.aws?.secrets[name] : undefined;
}

/** A setting becomes a plain input of a resource, so an encrypted one would stand readable in the state. */
function encryptedSettings(): Diagnostic[] {
  return [...encryptedKeys()]
    .filter((key) => key.startsWith(NAMESPACE) && key !== `${NAMESPACE}digestKey`)
    .map((path) => ({ path, message: "is encrypted, but settings are written into the state readably; keep a secret in secrets:<NAME>, name it in mission.yaml, and remove it here." }));
}

function secretsPresent(all: Readonly<Record<string, string>>): SecretsPresent {
  const encrypted = encryptedKeys();
  const state = (key: string) => (all[key] === undefined ? "missing" : encrypted.has(key) ? "encrypted" : "plain");
  return { state: (name) => state(SECRETS + name), digestKey: state(`${NAMESPACE}digestKey`) };
}

/** The SDK knows which keys are encrypted but does not publish it; the engine hands it over in this variable. */
function encryptedKeys(): ReadonlySet<string> {
  return new Set(JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]") as string[]);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
