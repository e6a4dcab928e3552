import { createPrivateKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../artifacts/artifact-error.js";
import { missionHome } from "../../sandbox/home.js";
import { EXIT, UserError } from "../errors.js";
import { replaceFile } from "../replace-file.js";
import { signingKey, type SigningKey } from "../../evidence/signing-key.js";

const FILE = "development.pem";

/** Where this machine's signing keys lie. */
export function keysDirectory(): string {
  return join(missionHome(), "keys");
}

/**
 * The launcher's development key: Ed25519, made on first use, readable by its owner only. Processes that ask at once get the same one. It proves
 * no more than that a statement was made on this machine, so only sandbox stacks trust it.
 * @param directory default: `keysDirectory()`
 * @throws UserError (missing) when the file is no such key, others may read it, or it cannot be read or made
 */
export async function developmentKey(directory = keysDirectory()): Promise<SigningKey> {
  const file = join(directory, FILE);
  try {
    return (await readKey(file)) ?? (await makeKey(directory, file));
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined || error instanceof UserError) throw error;
    throw new UserError(EXIT.missing, `The signing key "${file}" cannot be read or made (${code}); make its folder readable and writable for this user.`);
  }
}

/** Null when there is none. */
async function readKey(file: string): Promise<SigningKey | null> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  });
  if (text === null) return null;
  const mode = (await stat(file)).mode & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new UserError(EXIT.missing, `The signing key "${file}" has mode ${mode.toString(8).padStart(4, "0")}, so others can use it; allowed is 0600. Remove it, and a new one is made.`);
  }
  try {
    return signingKey(createPrivateKey(text));
  } catch {
    // What the file holds must not get into a message.
    throw new UserError(EXIT.missing, `The signing key "${file}" is no Ed25519 private key in PEM; restore it, or remove it, and a new one is made.`);
  }
}

/** Of several processes that make one at once, the first to link its complete file wins; all read the winner's. */
async function makeKey(directory: string, file: string): Promise<SigningKey> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = join(directory, `.${FILE}.${randomBytes(6).toString("hex")}`);
  try {
    await replaceFile(draft, generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString());
    await link(draft, file).catch((error: unknown) => {
      if (errorCode(error) !== "EEXIST") throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  const key = await readKey(file);
  if (key === null) throw new UserError(EXIT.missing, `The signing key "${file}" was removed while it was made; run the command again.`);
  return key;
}
