import { createHash, createPublicKey, sign, type KeyObject } from "node:crypto";

/** Something that signs. The private key stays inside. */
export interface SigningKey {
  /** SHA-256 of the public key's SPKI DER, 64 hexadecimal digits. */
  readonly keyId: string;
  readonly publicKey: KeyObject;
  /** Signs with Ed25519. */
  sign(bytes: Buffer): Buffer;
}

/** SHA-256 of a public key's SPKI DER, 64 hexadecimal digits. */
export function keyIdOf(publicKey: KeyObject): string {
  return createHash("sha256").update(publicKey.export({ type: "spki", format: "der" })).digest("hex");
}

/** @throws RangeError when it is no Ed25519 private key */
export function signingKey(privateKey: KeyObject): SigningKey {
  if (privateKey.type !== "private" || privateKey.asymmetricKeyType !== "ed25519") throw new RangeError("A signing key must be an Ed25519 private key.");
  const publicKey = createPublicKey(privateKey);
  return { keyId: keyIdOf(publicKey), publicKey, sign: (bytes) => sign(null, bytes, privateKey) };
}

/** A public key as text (SPKI PEM), for those who trust it. */
export function publicKeyText(key: Pick<SigningKey, "publicKey">): string {
  return key.publicKey.export({ type: "spki", format: "pem" }).toString();
}
