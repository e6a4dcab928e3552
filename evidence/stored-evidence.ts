import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { digestOf } from "../model/digest.js";
import type { EvidenceReference } from "../model/evidence.js";
import type { Envelope } from "./dsse.js";
import { readEnvelope } from "./read-envelope.js";

/** Bytes of an envelope: evidence carries counts and digests, not reports. */
export const ENVELOPE_LIMIT = 256 * 1024;

/** An envelope from the store, or in one sentence why there is none. */
export type Stored = { readonly ok: true; readonly bytes: Buffer; readonly envelope: Envelope } | { readonly ok: false; readonly problem: string };

/** Where an envelope lies below a store's root. */
export function evidencePath(root: string, sha256: string): string {
  return join(root, `${sha256}.json`);
}

/** Reads an envelope; its bytes are those that the reference names. Nothing is said of its signature: see `verify-evidence.ts`. */
export async function readStored(root: string, { sha256 }: EvidenceReference): Promise<Stored> {
  if (!/^[0-9a-f]{64}$/.test(sha256)) return { ok: false, problem: `The evidence is named by ${JSON.stringify(sha256.slice(0, 80))}; allowed are 64 hexadecimal digits.` };
  const name = `Evidence "${sha256.slice(0, 12)}"`;
  const path = evidencePath(root, sha256);
  try {
    const { size } = await stat(path);
    if (size > ENVELOPE_LIMIT) return { ok: false, problem: `${name} has ${size} bytes; the largest allowed is ${ENVELOPE_LIMIT}.` };
    const bytes = await readFile(path);
    if (hexOf(bytes) !== sha256) return { ok: false, problem: `${name} was changed after it was stored: its bytes have another hash; run the gate again that made it.` };
    const envelope = readEnvelope(bytes);
    return envelope.ok ? { ok: true, bytes, envelope: envelope.value } : { ok: false, problem: `${name} ${envelope.problem}` };
  } catch (error) {
    const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
    if (code === undefined) throw error;
    return { ok: false, problem: code === "ENOENT" ? `${name} is not in the store; run the gate again that makes it.` : `${name} cannot be read (${code}); make the store readable.` };
  }
}

/** The 64 digits that name some bytes. */
export function hexOf(bytes: Buffer): string {
  return digestOf(bytes).slice("sha256:".length);
}
