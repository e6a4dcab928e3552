import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { hexOf } from "../../evidence/stored-evidence.js";
import { replaceFile } from "../replace-file.js";

/** Where envelopes that others have signed lie, byte for byte as they came; the policy pack reads ours, which name them by hash. */
export function importedDirectory(evidence: string): string {
  return join(evidence, "imported");
}

/** Keeps an envelope of somebody else's. The same again changes nothing. @returns the SHA-256 of its bytes @throws system errors */
export async function keepImported(evidence: string, bytes: Buffer): Promise<string> {
  const sha256 = hexOf(bytes);
  const file = join(importedDirectory(evidence), `${sha256}.json`);
  const there = await readFile(file).catch(() => null);
  if (there !== null && hexOf(there) === sha256) return sha256;
  await mkdir(importedDirectory(evidence), { recursive: true, mode: 0o700 });
  await replaceFile(file, bytes);
  return sha256;
}
