import { existsSync, readFileSync } from "node:fs";
import { isMap, parseDocument } from "yaml";
import type { Release } from "../../model/release.js";
import { writeAtomically } from "../engine/stack-file.js";
import { EXIT, UserError } from "../errors.js";

/** Bytes of a stack's configuration as JSON: it reaches the program in one environment variable, and 130 KiB no longer start. */
export const CONFIGURATION_LIMIT = 64 * 1024;

/**
 * Writes a release into a stack's file; comments and order of everything else stay.
 * @throws UserError (usage) when the file is no valid stack file or the configuration would be larger than CONFIGURATION_LIMIT
 */
export async function writeRelease(file: string, release: Release): Promise<void> {
  const document = parseDocument(existsSync(file) ? readFileSync(file, "utf8") : "config: {}\n");
  const mistake = document.errors[0];
  if (mistake !== undefined) throw new UserError(EXIT.usage, `"${file}" is not valid YAML: ${mistake.message}`);
  if (!isMap(document.get("config"))) document.set("config", document.createNode({}));
  document.setIn(["config", "mission:release"], document.createNode(release));
  const size = Buffer.byteLength(JSON.stringify((document.toJS() as { config: unknown }).config));
  if (size > CONFIGURATION_LIMIT) {
    throw new UserError(EXIT.usage, `The configuration in "${file}" would have ${size} bytes with this release; allowed are ${CONFIGURATION_LIMIT}. Split the application, or shorten its variables and commands.`);
  }
  writeAtomically(file, document.toString());
}
