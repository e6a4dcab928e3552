import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildForTests } from "./test-settings.js";

/** What a supervisor says that was compiled without the launcher, which writes `dist/build.json`. */
export const UNKNOWN_BUILD = "unknown";

/** Hash of the sources that this program was built from. Compiled, this file is `<build>/sandbox/supervisor/build.js`. */
export function ownBuild(): string {
  const pretended = buildForTests();
  if (pretended !== undefined) return pretended;
  try {
    const { sources } = JSON.parse(readFileSync(join(__dirname, "..", "..", "build.json"), "utf8")) as { sources?: unknown };
    return typeof sources === "string" && sources !== "" ? sources : UNKNOWN_BUILD;
  } catch {
    return UNKNOWN_BUILD;
  }
}
