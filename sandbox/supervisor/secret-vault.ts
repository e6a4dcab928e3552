import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { createWhole, writeDurably } from "../process/atomic-file.js";
import { Mutex } from "../process/mutex.js";
import type { SandboxPaths } from "./paths.js";

const fileSchema = z.strictObject({ format: z.literal(1), entries: z.record(z.string(), z.string()) });
const valuesSchema = z.record(z.string(), z.string());

/** Secret values by name. */
export type SecretValues = Readonly<Record<string, string>>;

/**
 * Secrets at rest: AES-256-GCM under a key in a file beside them, both mode 0600. That is hygiene, not a boundary: it keeps values out of
 * searches, listings and copies of single files, and does nothing against somebody who may read the whole directory. They are kept because
 * a later supervisor must be able to start an instance again.
 */
export class SecretVault {
  readonly #paths: SandboxPaths;
  readonly #key: Buffer;
  readonly #mutex = new Mutex();
  #entries: Readonly<Record<string, string>>;

  private constructor(paths: SandboxPaths, key: Buffer, entries: Readonly<Record<string, string>>) {
    this.#paths = paths;
    this.#key = key;
    this.#entries = entries;
  }

  /** Opens the vault of a sandbox; makes an empty one, and a key, where there is none. @throws Error when a file is there but not understood. */
  static open(paths: SandboxPaths): SecretVault {
    createWhole(paths.key, randomBytes(32).toString("hex"));
    const key = Buffer.from(readFileSync(paths.key, "utf8").trim(), "hex");
    if (key.length !== 32) throw new Error(`The key file "${paths.key}" does not hold 64 hexadecimal digits; restore it from a copy.`);
    return new SecretVault(paths, key, readEntries(paths.secrets));
  }

  /** The values of an entry; undefined when there is none or it was encrypted with another key. */
  get(name: string): SecretValues | undefined {
    const sealed = Object.hasOwn(this.#entries, name) ? this.#entries[name] : undefined;
    if (sealed === undefined) return undefined;
    try {
      return valuesSchema.parse(JSON.parse(open(this.#key, name, sealed)));
    } catch {
      return undefined;
    }
  }

  /** Keeps an entry; resolves when it is on the disk. */
  set(name: string, values: SecretValues): Promise<void> {
    return this.#mutex.run(() => this.#write({ ...this.#entries, [name]: seal(this.#key, name, JSON.stringify(values)) }));
  }

  /** Forgets every entry that `keep` does not name. */
  retain(keep: (name: string) => boolean): Promise<void> {
    return this.#mutex.run(async () => {
      const kept = Object.entries(this.#entries).filter(([name]) => keep(name));
      if (kept.length < Object.keys(this.#entries).length) await this.#write(Object.fromEntries(kept));
    });
  }

  async #write(entries: Readonly<Record<string, string>>): Promise<void> {
    await writeDurably(this.#paths.secrets, JSON.stringify({ format: 1, entries }));
    this.#entries = entries;
  }
}

function readEntries(path: string): Readonly<Record<string, string>> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
  try {
    return fileSchema.parse(JSON.parse(text)).entries;
  } catch {
    throw new Error(`The file of secrets "${path}" is not understood (torn or edited); restore it from a copy, or remove it and deploy again so that the values are given anew.`);
  }
}

function seal(key: Buffer, name: string, text: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(name));
  return Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]).toString("base64");
}

function open(key: Buffer, name: string, sealed: string): string {
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12)).setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString("utf8");
}
