import { createHmac } from "node:crypto";

/**
 * Signs orders, so that a receipt shown later can be told from an invented one.
 * @param {string} key
 * @returns {(order: { id: string, total: number }) => string} HMAC-SHA256 in hexadecimal digits
 */
export function createSigner(key) {
  return ({ id, total }) => createHmac("sha256", key).update(`${id}:${total}`).digest("hex");
}
