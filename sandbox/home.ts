import { join } from "node:path";
import { homeOf } from "../model/home.js";

/**
 * Where everything of this machine lives that is not tracked: state, artifacts, sandboxes. `MISSION_HOME`, or `.mission` in the project.
 * Compiled, this file is `<project>/dist/sandbox/home.js`.
 */
export function missionHome(): string {
  return homeOf(join(__dirname, "..", ".."));
}

/** Releases' artifacts, by digest. */
export function artifactsDirectory(): string {
  return join(missionHome(), "artifacts");
}

/** The directory of one sandbox; there is one per stack. */
export function sandboxDirectory(sandbox: string): string {
  return join(missionHome(), "sandboxes", sandbox);
}
