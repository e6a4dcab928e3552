import { join } from "node:path";
import type { SigningKey } from "../../evidence/signing-key.js";
import { missionHome } from "../../sandbox/home.js";
import { EXIT, UserError } from "../errors.js";
import { keyFile, makeKey, readKey } from "./key-files.js";

/** Name of the key that every machine has. */
export const DEVELOPMENT = "development";

/** Where this machine's signing keys lie. */
export function keysDirectory(): string {
  return join(missionHome(), "keys");
}

/**
 * The launcher's development key: Ed25519, made on first use, readable by its owner only, with its public half beside it (`development.pub.pem`) for the
 * policy pack. Processes that ask at once get the same one. It proves no more than that a statement was made on this machine, so only sandbox stacks trust it.
 * @param directory default: `keysDirectory()`
 * @throws UserError (missing) when the file is no such key, others may read it, or it cannot be read or made
 */
export async function developmentKey(directory = keysDirectory()): Promise<SigningKey> {
  const found = await readKey(directory, DEVELOPMENT);
  if (found !== null) return found;
  await makeKey(directory, DEVELOPMENT);
  const key = await readKey(directory, DEVELOPMENT);
  if (key === null) throw new UserError(EXIT.missing, `The signing key "${keyFile(directory, DEVELOPMENT)}" was removed while it was made; run the command again.`);
  return key;
}

/** The id of the development key; null while there is none. @throws as `developmentKey` */
export async function developmentKeyId(directory = keysDirectory()): Promise<string | null> {
  return (await readKey(directory, DEVELOPMENT))?.keyId ?? null;
}
