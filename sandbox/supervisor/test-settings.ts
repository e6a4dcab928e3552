/** The first back-off after an instance ended, in milliseconds; undefined: as usual. Tests set it (with `MISSION_TEST=1`) to be quick. */
export function firstBackoff(): number | undefined {
  if (process.env["MISSION_TEST"] !== "1") return undefined;
  const value = Number(process.env["MISSION_TEST_BACKOFF_MS"]);
  return value > 0 ? value : undefined;
}
