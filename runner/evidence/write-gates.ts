import { readFile } from "node:fs/promises";
import { configurationSize, tooLarge } from "../../model/configuration-limit.js";
import { gatesSchema, type Gates } from "../../model/gates.js";
import { EXIT, UserError } from "../errors.js";
import { setConfigEntry } from "../release/set-config-entry.js";
import { replaceFile } from "../replace-file.js";

/**
 * Writes what a stack's changes rest on into this machine's copy of its file; everything else in it stays byte for byte.
 * @throws UserError (usage) when there are too many references, the file cannot be edited, or would be too large; it is as it was then
 */
export async function writeGates(file: string, gates: Gates): Promise<void> {
  if (!gatesSchema.safeParse(gates).success) {
    throw new UserError(EXIT.usage, `"mission:gates" in "${file}" would have ${gates.evidence.length} pieces of evidence; the most allowed is 64. Remove those that count no more: ./mission evidence list says which.`);
  }
  const text = await readFile(file, "utf8");
  const edited = setConfigEntry(text, file, "mission:gates", gates);
  if (edited.text === null) throw new UserError(EXIT.usage, `The evidence cannot be written into "${file}":`, edited.diagnostics);
  const why = tooLarge(configurationSize(edited.config));
  if (why !== null) throw new UserError(EXIT.usage, `With this evidence, the configuration in "${file}" ${why}`);
  if (edited.text !== text) await replaceFile(file, edited.text);
}
