import { randomBytes } from "node:crypto";

const LONGEST = 80;

/**
 * Names a mission: `<application>-<version>-<yyyymmddthhmmss>-<4 hexadecimal digits>` in UTC, of lower-case letters, digits, dots and dashes, at most 80 characters;
 * a longer version is cut.
 */
export function missionId(application: string, version: string, now: Date, random = randomBytes(2).toString("hex")): string {
  const time = now.toISOString().replace(/\.\d+Z$/, "").replace(/[-:]/g, "").toLowerCase();
  const room = LONGEST - application.length - time.length - random.length - 3;
  const plain = version.toLowerCase().replace(/[^a-z0-9.]+/g, "-").slice(0, room).replace(/[-.]+$/, "");
  return [application, ...(plain === "" ? [] : [plain]), time, random].join("-");
}
