import { existsSync, readFileSync } from "node:fs";

/**
 * What this build is.
 * @typedef {{ version: string, commit: string | null, fault: string | null }} BuildInfo
 */

/** The faults that a version can carry in its name, such as `1.2.0-bad-errors`. */
export const FAULTS = ["bad-errors", "bad-latency", "never-ready", "exits-at-start", "crash-loop"];

const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/**
 * The build information that belongs to a version.
 * @param {string} version
 * @param {string} [commit]
 * @returns {BuildInfo}
 * @throws {RangeError} when the version is not a semantic version.
 */
export function describeBuild(version, commit) {
  if (!VERSION.test(version)) {
    throw new RangeError(`"${version}" is not a version; allowed is major.minor.patch with an optional suffix, such as 1.2.0.`);
  }
  const suffix = version.replace(/^[\d.]+-?/, "");
  const fault = FAULTS.find((name) => suffix === name || (suffix.startsWith(name) && ".+-".includes(suffix[name.length])));
  return { version, commit: commit || null, fault: fault ?? null };
}

/**
 * Reads what the build wrote beside the bundle; from sources, package.json says the version.
 * @returns {BuildInfo}
 */
export function readBuildInfo() {
  const built = new URL("./build-info.json", import.meta.url);
  if (existsSync(built)) return JSON.parse(readFileSync(built, "utf8"));
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return describeBuild(version);
}
