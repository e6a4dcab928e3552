import { createHash } from "node:crypto";
import { z } from "zod";

/** `sha256:` and 64 lower-case hexadecimal digits. */
export const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/, "allowed is sha256: and 64 hexadecimal digits");

/** `sha256:...` of some bytes. */
export function digestOf(bytes: string | Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/**
 * JSON with sorted keys and without white space, so that equal values have equal text.
 * Keys whose value is undefined are left out, as JSON does.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === null || typeof inner !== "object" || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

/** Digest of a value's canonical JSON. */
export function digestOfValue(value: unknown): string {
  return digestOf(canonicalJson(value));
}

/** The first 12 digits: enough for a person to tell two digests apart. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, "").slice(0, 12);
}
