/** The first back-off after an instance ended, in milliseconds; undefined: as usual. Tests set it (with `MISSION_TEST=1`) to be quick. */
export function firstBackoff(): number | undefined {
  if (process.env["MISSION_TEST"] !== "1") return undefined;
  const value = Number(process.env["MISSION_TEST_BACKOFF_MS"]);
  return value > 0 ? value : undefined;
}

/** The build that this program takes itself for; undefined: its own. Tests set it (with `MISSION_TEST=1`) to be two builds in one. */
export function buildForTests(): string | undefined {
  return process.env["MISSION_TEST"] === "1" ? process.env["MISSION_TEST_BUILD"] : undefined;
}
