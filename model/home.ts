import { join, resolve } from "node:path";

/**
 * Where everything of a machine lives that is not tracked: `MISSION_HOME`, or `.mission` in the project. One rule for those who write there and for the
 * policy pack, which reads there.
 * @param project folder of the project
 * @param named value of MISSION_HOME; undefined: not set
 */
export function homeOf(project: string, named = process.env["MISSION_HOME"]): string {
  return resolve(named ?? join(project, ".mission"));
}
