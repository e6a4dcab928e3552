import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { errorCode } from "../../artifacts/artifact-error.js";
import { configurationSize, tooLarge } from "../../model/configuration-limit.js";
import type { Diagnostic } from "../../model/diagnostic.js";
import type { Release } from "../../model/release.js";
import { EXIT, UserError } from "../errors.js";
import { replaceFile } from "../replace-file.js";
import { setConfigEntry } from "./set-config-entry.js";

const KEY = "mission:release";

/**
 * Writes a release into a stack's file, which is made when it is missing. Everything else in the file stays byte for byte; a file that has
 * this very release already is not touched.
 * @throws UserError (usage) when the file is no stack file, cannot be written, or the configuration would be larger than CONFIGURATION_LIMIT;
 *   the file is as it was then
 */
export async function writeRelease(file: string, release: Release): Promise<void> {
  const reserved = mapsTakenForSecrets(release, KEY);
  if (reserved.length > 0) throw new UserError(EXIT.usage, `The release cannot be written into "${file}":`, reserved);
  const text = await inFile(file, async () => readFile(file, "utf8").catch((error: unknown) => (errorCode(error) === "ENOENT" ? "" : Promise.reject(error as Error))));
  const edited = setConfigEntry(text, file, KEY, release);
  if (edited.text === null) throw new UserError(EXIT.usage, `The release cannot be written into "${file}":`, edited.diagnostics);
  const why = tooLarge(configurationSize(edited.config));
  if (why !== null) throw new UserError(EXIT.usage, `With this release, the configuration in "${file}" ${why}`);
  if (edited.text !== text) await inFile(file, () => replaceFile(file, edited.text));
}

/** Pulumi reads `{secure: text}` as an encrypted value, wherever it stands. */
function mapsTakenForSecrets(value: unknown, path: string): Diagnostic[] {
  if (typeof value !== "object" || value === null) return [];
  const entries = Object.entries(value);
  const inside = entries.flatMap(([key, inner]) => mapsTakenForSecrets(inner, `${path}.${key}`));
  if (!isDeepStrictEqual(Object.keys(value), ["secure"]) || typeof entries[0]?.[1] !== "string") return inside;
  return [{ path, message: 'has the single key "secure", which Pulumi takes for an encrypted value; choose another name.' }];
}

async function inFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new UserError(EXIT.usage, `"${file}" cannot be read or written (${errorCode(error) ?? String(error)}); make it a file that can.`);
  }
}
