import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../artifacts/artifact-error.js";
import { canonicalJson, digestOf } from "../../model/digest.js";
import type { EvidenceReference } from "../../model/evidence.js";
import { replaceFile } from "../replace-file.js";
import { payloadOf, type Envelope } from "./dsse.js";
import { readEnvelope, statementIn } from "./read-envelope.js";

/** Bytes of an envelope: evidence carries counts and digests, not reports. */
export const ENVELOPE_LIMIT = 256 * 1024;

/** An envelope from the store, or in one sentence why there is none. */
export type Stored = { readonly ok: true; readonly bytes: Buffer; readonly envelope: Envelope } | { readonly ok: false; readonly problem: string };

/** Envelopes by the SHA-256 of their bytes. What was put stays as it is for ever. */
export interface EvidenceStore {
  /**
   * Stores an envelope with a statement, which must be one (`statement.ts`). The same again changes nothing.
   * @throws RangeError when it holds no statement, or is larger than ENVELOPE_LIMIT; system errors (`ENOSPC`, `EACCES`)
   */
  put(envelope: Envelope): Promise<EvidenceReference>;
  /** Reads an envelope; its bytes are those that the reference names. Nothing is said of its signature: see `verify-evidence.ts`. */
  get(reference: EvidenceReference): Promise<Stored>;
}

/** A store in a directory, `<root>/<sha256>.json`, which several processes may use at once. The directory is made by the first `put`. */
export function directoryEvidenceStore(root: string): EvidenceStore {
  const path = (sha256: string) => join(root, `${sha256}.json`);
  return {
    async put(envelope) {
      const statement = statementIn(payloadOf(envelope));
      if (!statement.ok) throw new RangeError(`The envelope holds no statement: ${statement.problem}`);
      const text = `${canonicalJson(envelope)}\n`;
      if (Buffer.byteLength(text) > ENVELOPE_LIMIT) throw new RangeError(`The envelope has ${Buffer.byteLength(text)} bytes; the largest allowed is ${ENVELOPE_LIMIT}.`);
      const reference = { type: statement.value.predicateType, sha256: hexOf(Buffer.from(text)) };
      // Written again where it was damaged.
      if (!(await this.get(reference)).ok) await replaceFile(path(reference.sha256), text);
      return reference;
    },

    async get({ sha256 }) {
      if (!/^[0-9a-f]{64}$/.test(sha256)) return { ok: false, problem: `The evidence is named by ${JSON.stringify(sha256.slice(0, 80))}; allowed are 64 hexadecimal digits.` };
      const name = `Evidence "${sha256.slice(0, 12)}"`;
      try {
        const { size } = await stat(path(sha256));
        if (size > ENVELOPE_LIMIT) return { ok: false, problem: `${name} has ${size} bytes; the largest allowed is ${ENVELOPE_LIMIT}.` };
        const bytes = await readFile(path(sha256));
        if (hexOf(bytes) !== sha256) return { ok: false, problem: `${name} was changed after it was stored: its bytes have another hash; run the gate again that made it.` };
        const envelope = readEnvelope(bytes);
        return envelope.ok ? { ok: true, bytes, envelope: envelope.value } : { ok: false, problem: `${name} ${envelope.problem}` };
      } catch (error) {
        const code = errorCode(error);
        if (code === undefined) throw error;
        return { ok: false, problem: code === "ENOENT" ? `${name} is not in the store; run the gate again that makes it.` : `${name} cannot be read (${code}); make the store readable.` };
      }
    },
  };
}

function hexOf(bytes: Buffer): string {
  return digestOf(bytes).slice("sha256:".length);
}
