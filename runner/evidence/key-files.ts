import { createPrivateKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../artifacts/artifact-error.js";
import { publicKeyText, signingKey, type SigningKey } from "../../evidence/signing-key.js";
import { EXIT, UserError } from "../errors.js";
import { replaceFile } from "../replace-file.js";

/*
 *   <keys>/<name>.pem                                the private half: Ed25519, PKCS #8, for its owner only
 *          <name>.pub.pem                            the public half
 *          <name>.json                               role, and since when; not for the development key
 *          <name>.retired-<time>-<key id>.pub.pem    the public half of one that was rotated away
 */

/** Where the private half of a key lies. */
export function keyFile(directory: string, name: string): string {
  return join(directory, `${name}.pem`);
}

/** Where the public half of a key lies. */
export function publicKeyFile(directory: string, name: string): string {
  return join(directory, `${name}.pub.pem`);
}

/**
 * A key of a name; null when there is none. Its public half lies beside it when this returns.
 * @throws UserError (missing) when the file is no such key, others may read it, or it cannot be read
 */
export async function readKey(directory: string, name: string): Promise<SigningKey | null> {
  const file = keyFile(directory, name);
  return inKeys(file, async () => {
    const text = await textOf(file);
    if (text === null) return null;
    const mode = (await stat(file)).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      throw new UserError(EXIT.missing, `The signing key "${file}" has mode ${mode.toString(8).padStart(4, "0")}, so others can use it; allowed is 0600. Correct that with chmod 600, and if somebody may have read it, rotate it: ./mission keys rotate ${name}`);
    }
    const key = privateKeyIn(file, text);
    await writePublicHalf(directory, name, key);
    return key;
  });
}

/**
 * Makes a key of a name. Of several processes that make one at once, the first to link its complete file wins.
 * @returns false when there is one already, which stays
 * @throws UserError (missing) when it cannot be written
 */
export async function makeKey(directory: string, name: string): Promise<boolean> {
  const file = keyFile(directory, name);
  return inKeys(file, async () => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const draft = join(directory, `.${name}.pem.${randomBytes(6).toString("hex")}`);
    try {
      await replaceFile(draft, newPrivateKey());
      return await link(draft, file).then(
        () => true,
        (error: unknown) => (errorCode(error) === "EEXIST" ? false : Promise.reject(error as Error)),
      );
    } finally {
      await rm(draft, { force: true });
    }
  });
}

/** Puts a new private half in the place of the old one, at once. @throws UserError (missing) when it cannot be written */
export async function replaceKey(directory: string, name: string): Promise<void> {
  await inKeys(keyFile(directory, name), () => replaceFile(keyFile(directory, name), newPrivateKey()));
}

function newPrivateKey(): string {
  return generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function privateKeyIn(file: string, text: string): SigningKey {
  try {
    return signingKey(createPrivateKey(text));
  } catch {
    // What the file holds must not get into a message.
    throw new UserError(EXIT.missing, `The signing key "${file}" is no Ed25519 private key in PEM; restore it, or remove it and make a new one.`);
  }
}

async function writePublicHalf(directory: string, name: string, key: SigningKey): Promise<void> {
  const [file, text] = [publicKeyFile(directory, name), publicKeyText(key)];
  if ((await textOf(file)) !== text) await replaceFile(file, text);
}

async function textOf(file: string): Promise<string | null> {
  return readFile(file, "utf8").catch((error: unknown) => (errorCode(error) === "ENOENT" ? null : Promise.reject(error as Error)));
}

async function inKeys<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined || error instanceof UserError) throw error;
    throw new UserError(EXIT.missing, `The signing key "${file}" cannot be read or made (${code}); make its folder readable and writable for this user.`);
  }
}
