import { createHmac, timingSafeEqual } from "node:crypto";

/*
 * A quote carries what was offered, signed: `<payload>.<signature>`, both base64url, the signature HMAC-SHA256. Nothing is stored, so any instance of
 * any release takes what another one has made, and a visitor whose next request lands elsewhere notices nothing.
 */

/** @param quote {product, quantity, total, expires}; `expires` in milliseconds since 1970 */
export function signQuote(quote, key) {
  const payload = Buffer.from(JSON.stringify(quote)).toString("base64url");
  return `${payload}.${signatureOf(payload, key).toString("base64url")}`;
}

/** What a text offers; null when it was not signed by this key. Whether it is still valid is for the caller. */
export function readQuote(text, key) {
  if (typeof text !== "string") return null;
  const [payload = "", signature = "", ...more] = text.split(".");
  const given = Buffer.from(signature, "base64url");
  const right = signatureOf(payload, key);
  if (more.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return null;
  return JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
}

function signatureOf(payload, key) {
  return createHmac("sha256", key).update(payload).digest();
}
