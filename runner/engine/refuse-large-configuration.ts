import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import { configurationSize, tooLarge } from "../../model/configuration-limit.js";
import { EXIT, UserError } from "../errors.js";

/**
 * Refuses a stack's file whose configuration is too large to reach the program for certain; the engine's own words about that help nobody.
 * @throws UserError (usage)
 */
export async function refuseLargeConfiguration(stack: string, file: string): Promise<void> {
  const { config = {} } = (parseDocument(await readFile(file, "utf8")).toJS() ?? {}) as { readonly config?: Readonly<Record<string, unknown>> | null };
  const why = tooLarge(configurationSize(config ?? {}));
  if (why !== null) throw new UserError(EXIT.usage, `The configuration of stack "${stack}" ${why}`);
}
