import { createPublicKey, verify, type KeyObject } from "node:crypto";
import { z } from "zod";
import { keyIdOf, type SigningKey } from "./signing-key.js";

/** What the payload of an envelope with an in-toto statement is. */
export const PAYLOAD_TYPE = "application/vnd.in-toto+json";

// DSSE: signers may use either alphabet, verifiers must take both. Checked, because Buffer.from takes anything.
const base64Schema = z.string().regex(/^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/, "allowed is base64");

/** A DSSE envelope: https://github.com/secure-systems-lab/dsse/blob/master/envelope.md. Fields that are not known are ignored, as it demands. */
export const envelopeSchema = z.object({
  payloadType: z.string(),
  payload: base64Schema,
  signatures: z.array(z.object({ keyid: z.string().optional(), sig: base64Schema })).min(1),
});
export type Envelope = z.output<typeof envelopeSchema>;

/** What is signed: DSSE's pre-authentication encoding, `DSSEv1 <bytes of type> <type> <bytes of body> <body>`. */
export function preAuthenticationEncoding(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `), body]);
}

/** Signs a payload once. */
export function signEnvelope(payload: string, key: SigningKey, payloadType = PAYLOAD_TYPE): Envelope {
  const body = Buffer.from(payload);
  const sig = key.sign(preAuthenticationEncoding(payloadType, body)).toString("base64");
  return { payloadType, payload: body.toString("base64"), signatures: [{ keyid: key.keyId, sig }] };
}

/** The bytes of the payload; nothing is said of who signed them. */
export function payloadOf(envelope: Envelope): Buffer {
  return Buffer.from(envelope.payload, "base64");
}

/**
 * Which of some public keys have signed an envelope, by key id. The envelope's own `keyid` is a hint that nobody has signed, so it is not looked at.
 * @param keys Ed25519 public keys; one of another kind never counts
 */
export function signersOf(envelope: Envelope, keys: readonly KeyObject[]): readonly string[] {
  const signed = preAuthenticationEncoding(envelope.payloadType, payloadOf(envelope));
  const signatures = envelope.signatures.map(({ sig }) => Buffer.from(sig, "base64"));
  const signers = keys.filter((key) => key.asymmetricKeyType === "ed25519" && signatures.some((signature) => verify(null, signed, key, signature)));
  return [...new Set(signers.map(keyIdOf))];
}

/**
 * Reads a public key from SPKI PEM.
 * @returns null when the text is no Ed25519 public key; a private key is refused too, because it does not belong where public keys are named
 */
export function readPublicKey(pem: string): KeyObject | null {
  if (/PRIVATE KEY/.test(pem)) return null;
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === "ed25519" ? key : null;
  } catch {
    return null;
  }
}
