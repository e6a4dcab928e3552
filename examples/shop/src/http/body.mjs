import { Refusal } from "../refusal.mjs";

const LIMIT = 16 * 1024;

/**
 * The JSON object in a request's body.
 * @param {import("node:http").IncomingMessage} request
 * @returns {Promise<Record<string, unknown>>}
 * @throws {Refusal} 400 when it is not a JSON object, 413 above 16 KiB, 415 for any other content type
 */
export async function readJson(request) {
  const text = await readText(request, "application/json");
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(400, "The body is not JSON.");
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Refusal(400, "The body is not a JSON object.");
  return value;
}

/**
 * The fields of a submitted HTML form.
 * @param {import("node:http").IncomingMessage} request
 * @returns {Promise<URLSearchParams>}
 * @throws {Refusal} 413 above 16 KiB, 415 for any other content type
 */
export async function readForm(request) {
  return new URLSearchParams(await readText(request, "application/x-www-form-urlencoded"));
}

async function readText(request, type) {
  const given = (request.headers["content-type"] ?? "").split(";", 1)[0].trim().toLowerCase();
  if (given !== type) throw new Refusal(415, `The content type is "${given}"; allowed is ${type}.`);
  if (Number(request.headers["content-length"]) > LIMIT) throw new Refusal(413, `The body is larger than ${LIMIT} bytes.`);
  const chunks = [];
  let size = 0;
  // Without `destroyOnReturn: false` a refusal inside the loop would reset the connection before the answer is sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > LIMIT) throw new Refusal(413, `The body is larger than ${LIMIT} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
