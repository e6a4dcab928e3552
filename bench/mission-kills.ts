import { rmSync } from "node:fs";
import { firstRelease, missionApp } from "../test/support/mission-app.js";
import { killedMission, type KillTarget } from "../test/support/mission-kill-campaign.js";
import { MissionProject } from "../test/support/mission-project.js";

/**
 * Every boundary of a mission's journal: one mission whose process is killed just after each line is on disk, and one where it is killed just before. Each process
 * comes one line further, so that a mission is killed as often as it has lines. `ROUNDS`: kills in each of the two at the most.
 */
const ROUNDS = Number(process.env["ROUNDS"] ?? Infinity);

/** Just after a process's first line; just before its second: then that line's work is done and not recorded. */
const WALKS = [
  { name: "just after each line", at: 1, version: "1.1.0" },
  { name: "just before each line", at: 2, version: "1.2.0" },
] as const;

async function main(): Promise<void> {
  const project = MissionProject.create();
  const target: KillTarget = { project, codebase: missionApp("sinking"), stacks: ["sinking-staging", "sinking-production"] };
  let total = 0;
  let ended = 0;
  try {
    await firstRelease(project, target.codebase, target.stacks);
    for (const { name, at, version } of WALKS) {
      const { kills, lines, sent, longestGapMs } = await killedMission(target, version, (killed) => {
        if (killed > 0) console.log(`${version}: kill ${killed}`);
        return killed < ROUNDS ? at : null;
      });
      for (const kill of kills) console.log(`killed ${kill}: went on`);
      console.log(`${name}: ${kills.length} kills in a mission of ${lines} lines, succeeded; none of ${sent} requests failed, longest time without an answer ${Math.round(longestGapMs)} ms`);
      total += kills.length;
      ended += 1;
    }
  } finally {
    console.log(`${ended} of ${WALKS.length} missions ended as if nobody had killed them; ${total} kills`);
    await project.remove();
    rmSync(target.codebase, { recursive: true, force: true });
  }
}

void main();
