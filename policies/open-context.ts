import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readPublicKey } from "../evidence/dsse.js";
import { publicKeyText } from "../evidence/signing-key.js";
import { readStored, type Stored } from "../evidence/stored-evidence.js";
import { nameSchema } from "../model/names.js";
import { standingStatementSchema, type StandingStatement } from "../model/standing.js";
import type { PackContext } from "./pack-context.js";
import { readConfig, type ConfigReading } from "./read-config.js";

/** Name of the pack's configuration, in the pack's folder. */
export const PACK_YAML = "pack.yaml";

/** Where the pack finds what it judges by. */
export interface PackPlaces {
  /** The pack's folder, with its configuration. */
  readonly pack: string;
  /** Where this machine's mission store and keys are: `homeOf` of `model/home.ts`. */
  readonly home: string;
  /** Default: now. */
  readonly now?: Date;
}

/** The context, or every mistake in the pack's configuration, a sentence each; each of them denies everything. */
export type OpenedContext = { readonly ok: true; readonly context: PackContext } | { readonly ok: false; readonly mistakes: readonly string[] };

/** Reads the pack's configuration. The mission store is read when a rule asks for it, so that one that is away stops no rollback. */
export function openContext({ pack, home, now = new Date() }: PackPlaces): OpenedContext {
  const reading = readConfigFile(join(pack, PACK_YAML), `policies/${PACK_YAML}`);
  if (!reading.ok) return reading;
  const store = join(home, "store");
  const kept = new Map<string, Promise<Stored>>();
  let development: Promise<string | null> | undefined;
  return {
    ok: true,
    context: {
      config: reading.config,
      read(reference) {
        // What lies under a hash never changes, and many services name the same evidence.
        const stored = kept.get(reference.sha256) ?? readStored(join(store, "evidence"), reference);
        kept.set(reference.sha256, stored);
        return stored;
      },
      standing: (stack) => standingOf(join(store, "environments"), stack),
      developmentKey: () => (development ??= developmentKeyOf(join(home, "keys"))),
      now,
    },
  };
}

function readConfigFile(path: string, file: string): ConfigReading {
  try {
    return readConfig(readFileSync(path, "utf8"), file);
  } catch (error) {
    const code = codeOf(error);
    return { ok: false, mistakes: [code === "ENOENT" ? `"${file}" is not there, so nothing can be judged; restore it.` : `"${file}" cannot be read (${code}); make it a readable file.`] };
  }
}

async function standingOf(root: string, stack: string) {
  const name = nameSchema.safeParse(stack);
  if (!name.success) throw new Error(`Whether stack ${JSON.stringify(stack)} is frozen cannot be found out: it is no name of a stack; allowed are 1 to 40 lower-case letters, digits and dashes, a letter first.`);
  const of = (kind: "freeze" | "hold") => statementIn(join(root, name.data, `${kind}.json`), stack);
  return { freeze: await of("freeze"), hold: await of("hold") };
}

/** A file that cannot be understood is never taken for "nobody". */
async function statementIn(path: string, stack: string): Promise<StandingStatement | null> {
  const problem = (why: string) => new Error(`Whether stack "${stack}" is frozen cannot be found out: "${path}" ${why}`);
  const text = await readIfThere(path, problem);
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = standingStatementSchema.safeParse(value);
  if (!parsed.success) throw problem("is not what was written there; restore it, or remove it when nobody works on that environment.");
  return parsed.data;
}

/** The public half; from its own file where there is one, so that the private one need not be read. */
async function developmentKeyOf(folder: string): Promise<string | null> {
  for (const name of ["development.pub.pem", "development.pem"]) {
    const path = join(folder, name);
    const problem = (why: string) => new Error(`The development key "${path}" ${why}`);
    const text = await readIfThere(path, problem);
    if (text === null) continue;
    const key = name === "development.pub.pem" ? readPublicKey(text) : publicHalfOf(text);
    // What the file holds must not get into a message.
    if (key === null) throw problem("is no Ed25519 key in PEM; restore it, or remove it, and a new one is made.");
    return publicKeyText({ publicKey: key });
  }
  return null;
}

function publicHalfOf(pem: string) {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === "ed25519" ? key : null;
  } catch {
    return null;
  }
}

async function readIfThere(path: string, problem: (why: string) => Error): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return null;
    throw problem(`cannot be read (${code}); make it a readable file.`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);
}
