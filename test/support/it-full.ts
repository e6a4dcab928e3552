import { skip } from "./skip.js";

/** Whether the long campaigns run, too: `npm run test:full`. */
export const FULL = process.env["MISSION_FULL"] === "1";

/** A test that is too long for every run, or that another one is close to; `npm run test:full` runs it. */
export function itFull(name: string, work: (this: Mocha.Context) => Promise<void>): void {
  it(name, async function () {
    if (!FULL) skip(this, "npm run test:full runs it");
    await work.call(this);
  });
}
