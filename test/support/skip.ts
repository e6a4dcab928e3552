/** Why tests were skipped, one line each, for the end of the run. */
export const skipped: string[] = [];

/** Skips the running test and says why: a skip nobody hears of is a hole. */
export function skip(context: Mocha.Context, reason: string): never {
  skipped.push(`${context.test?.fullTitle() ?? "a test"}: ${reason}`);
  context.skip();
  throw new Error("unreachable: skip ends the test");
}
