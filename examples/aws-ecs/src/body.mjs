/** Bytes that a request's body may have. */
const LONGEST = 16 * 1024;

/** The JSON object in a request's body; null when it is none, or longer than 16 KiB. */
export async function jsonOf(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > LONGEST) return null;
    parts.push(part);
  }
  try {
    const value = JSON.parse(Buffer.concat(parts).toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
