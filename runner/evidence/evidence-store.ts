import { canonicalJson } from "../../model/digest.js";
import type { EvidenceReference } from "../../model/evidence.js";
import { replaceFile } from "../replace-file.js";
import { payloadOf, type Envelope } from "../../evidence/dsse.js";
import { statementIn } from "../../evidence/read-envelope.js";
import { ENVELOPE_LIMIT, evidencePath, hexOf, readStored, type Stored } from "../../evidence/stored-evidence.js";

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
  return {
    async put(envelope) {
      const statement = statementIn(payloadOf(envelope));
      if (!statement.ok) throw new RangeError(`The envelope holds no statement: ${statement.problem}`);
      const text = `${canonicalJson(envelope)}\n`;
      if (Buffer.byteLength(text) > ENVELOPE_LIMIT) throw new RangeError(`The envelope has ${Buffer.byteLength(text)} bytes; the largest allowed is ${ENVELOPE_LIMIT}.`);
      const reference = { type: statement.value.predicateType, sha256: hexOf(Buffer.from(text)) };
      // Written again where it was damaged.
      if (!(await this.get(reference)).ok) await replaceFile(evidencePath(root, reference.sha256), text);
      return reference;
    },

    get: (reference) => readStored(root, reference),
  };
}
