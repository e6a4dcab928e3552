import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { errorCode } from "../../artifacts/artifact-error.js";
import { readPublicKey } from "../../evidence/dsse.js";
import { PREDICATE } from "../../evidence/predicate-types.js";
import { ROLES, ROLE_TYPES, type Role } from "../../evidence/roles.js";
import { keyIdOf, publicKeyText, type SigningKey } from "../../evidence/signing-key.js";
import { show } from "../../model/diagnostic.js";
import { nameSchema } from "../../model/names.js";
import { EXIT, UserError } from "../errors.js";
import { replaceFile } from "../replace-file.js";
import { keyFile, makeKey, readKey, replaceKey } from "./key-files.js";
import { DEVELOPMENT, developmentKey, keysDirectory } from "./keys.js";

const metadataSchema = z.object({ role: z.enum(ROLES), createdAt: z.iso.datetime() });
type Metadata = z.output<typeof metadataSchema>;

/** A public half that was rotated away: what it has signed stays what it is. */
export interface RetiredKey {
  readonly keyId: string;
  readonly publicKey: string;
  /** ISO 8601, in UTC. */
  readonly retiredAt: string;
}

/** A key of this machine as it may be shown: nothing of its private half. */
export interface KeyCard {
  readonly name: string;
  readonly keyId: string;
  /** SPKI PEM. */
  readonly publicKey: string;
  /** Null for the development key, which has none: sandbox stacks of this machine trust it with everything. */
  readonly role: Role | null;
  /** Predicate types that it may sign. */
  readonly types: readonly string[];
  /** ISO 8601, in UTC; null where nobody has noted it. */
  readonly createdAt: string | null;
  /** Oldest first. */
  readonly retired: readonly RetiredKey[];
}

/**
 * Makes a key for a role.
 * @param name default: the role's
 * @throws UserError: usage for a role or a name that is none, refused when the name is taken, missing when it cannot be written
 */
export async function createKey(role: string, name = role, now = new Date(), directory = keysDirectory()): Promise<KeyCard> {
  const known = ROLES.find((each) => each === role);
  if (known === undefined) throw new UserError(EXIT.usage, `--role is ${show(role)}; allowed is ${ROLES.join(", ")}.`);
  checkName(name);
  if (name === DEVELOPMENT) throw new UserError(EXIT.usage, `--name is "${DEVELOPMENT}", which is the key that this machine makes for itself; choose another name.`);
  if (!(await makeKey(directory, name))) throw taken(name);
  await writeMetadata(directory, name, { role: known, createdAt: now.toISOString() });
  return cardOf(name, directory);
}

/**
 * Makes a new key of the same name and role; the old private half is gone then, its public half stays, as retired.
 * @returns the key as it is now; the one it replaces is the last of `retired`
 * @throws UserError: usage when there is no such key, missing when it cannot be read or written
 */
export async function rotateKey(name: string, now = new Date(), directory = keysDirectory()): Promise<KeyCard> {
  const { key } = await namedKey(name, directory);
  const metadata = await readMetadata(directory, name);
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, "");
  // Before the key is replaced: a public half too many is seen as what it is, one that is lost is lost.
  await replaceFile(join(directory, `${name}.retired-${stamp}-${key.keyId.slice(0, 12)}.pub.pem`), publicKeyText(key));
  await replaceKey(directory, name);
  if (metadata !== null) await writeMetadata(directory, name, { ...metadata, createdAt: now.toISOString() });
  return cardOf(name, directory);
}

/**
 * A key of this machine, to sign with. The development key is made when it is asked for.
 * @throws UserError: usage when there is no such key, missing when it cannot be read
 */
export async function namedKey(name: string, directory = keysDirectory()): Promise<{ readonly key: SigningKey; readonly role: Role | null; readonly types: readonly string[] }> {
  checkName(name);
  if (name === DEVELOPMENT) return { key: await developmentKey(directory), role: null, types: Object.values(PREDICATE) };
  const [key, metadata] = [await readKey(directory, name), await readMetadata(directory, name)];
  if (key === null) {
    const names = await keyNames(directory);
    throw new UserError(EXIT.usage, `There is no key "${name}" on this machine; there ${names.length === 0 ? "is none" : `is ${names.join(", ")}`}. Make one with: ./mission keys create --role operator --name ${name}`);
  }
  if (metadata === null) throw new UserError(EXIT.missing, `The role of key "${name}" is not known: "${metadataFile(directory, name)}" is missing. Restore it, or remove "${keyFile(directory, name)}" and make the key anew.`);
  return { key, role: metadata.role, types: ROLE_TYPES[metadata.role] };
}

/**
 * A key that may sign statements of some types.
 * @throws UserError (refused) when its role does not cover one; as `namedKey`
 */
export async function keyFor(name: string, types: readonly string[], directory = keysDirectory()): Promise<SigningKey> {
  const { key, role, types: allowed } = await namedKey(name, directory);
  const lacking = types.filter((type) => !allowed.includes(type));
  if (lacking.length > 0) {
    const roles = ROLES.filter((each) => lacking.every((type) => ROLE_TYPES[each].includes(type)));
    throw new UserError(EXIT.refused, `Key "${name}" has the role ${role ?? "of this machine"}, which does not cover ${lacking.join(", ")}; allowed is a key of the role ${roles.join(" or ")}. Nothing was signed.`);
  }
  return key;
}

/** Every key of this machine, by name. @throws UserError (missing) when one cannot be read */
export async function keyCards(directory = keysDirectory()): Promise<readonly KeyCard[]> {
  return Promise.all((await keyNames(directory)).map((name) => cardOf(name, directory)));
}

/** @throws UserError: usage when there is no such key, missing when it cannot be read */
export async function keyCard(name: string, directory = keysDirectory()): Promise<KeyCard> {
  return cardOf(name, directory);
}

async function cardOf(name: string, directory: string): Promise<KeyCard> {
  const { key, role, types } = await namedKey(name, directory);
  const metadata = await readMetadata(directory, name);
  const retired = (await retiredOf(name, directory)).filter(({ keyId }) => keyId !== key.keyId);
  return { name, keyId: key.keyId, publicKey: publicKeyText(key), role, types, createdAt: metadata?.createdAt ?? null, retired };
}

async function retiredOf(name: string, directory: string): Promise<readonly RetiredKey[]> {
  const form = new RegExp(`^${name}\\.retired-(\\d{4})(\\d\\d)(\\d\\d)T(\\d\\d)(\\d\\d)(\\d\\d)Z-[0-9a-f]{12}\\.pub\\.pem$`);
  const found = await Promise.all(
    (await filesIn(directory)).map(async (file): Promise<RetiredKey | null> => {
      const [, year, month, day, hours, minutes, seconds] = form.exec(file) ?? [];
      const publicKey = year === undefined ? null : readPublicKey(await readFile(join(directory, file), "utf8"));
      return publicKey === null ? null : { keyId: keyIdOf(publicKey), publicKey: publicKeyText({ publicKey }), retiredAt: `${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z` };
    }),
  );
  return found.filter((each) => each !== null).sort((a, b) => (a.retiredAt < b.retiredAt ? -1 : 1));
}

async function keyNames(directory: string): Promise<readonly string[]> {
  return (await filesIn(directory)).flatMap((file) => /^([a-z][a-z0-9-]*)\.pem$/.exec(file)?.[1] ?? []).sort();
}

async function filesIn(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch((error: unknown) => (errorCode(error) === "ENOENT" ? [] : Promise.reject(error as Error)));
}

function metadataFile(directory: string, name: string): string {
  return join(directory, `${name}.json`);
}

async function readMetadata(directory: string, name: string): Promise<Metadata | null> {
  const text = await readFile(metadataFile(directory, name), "utf8").catch(() => null);
  try {
    return text === null ? null : metadataSchema.parse(JSON.parse(text));
  } catch {
    throw new UserError(EXIT.missing, `"${metadataFile(directory, name)}" does not say the role of key "${name}"; allowed is {"role": "operator", "createdAt": "2026-01-01T00:00:00Z"} with one of the roles ${ROLES.join(", ")}.`);
  }
}

async function writeMetadata(directory: string, name: string, metadata: Metadata): Promise<void> {
  await replaceFile(metadataFile(directory, name), `${JSON.stringify(metadata)}\n`);
}

function checkName(name: string): void {
  if (!nameSchema.safeParse(name).success) throw new UserError(EXIT.usage, `The name of the key is ${show(name)}; allowed are 1 to 40 lower-case letters, digits and dashes, a letter first.`);
}

function taken(name: string): UserError {
  return new UserError(EXIT.refused, `There is a key "${name}" already, and it stays. Look at it: ./mission keys show ${name}. Replace it: ./mission keys rotate ${name}. Or choose another name with --name.`);
}
