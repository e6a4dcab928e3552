import { seed } from "../support/seed.js";
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { firstRelease, missionApp } from "../support/mission-app.js";
import { killedMission, UNDISTURBED_LINES, type KillTarget } from "../support/mission-kill-campaign.js";
import { randomFrom } from "../support/kill-campaign.js";
import { FULL } from "../support/it-full.js";
import { MissionProject } from "../support/mission-project.js";

/** Drawn boundaries per mission, and missions: 2 kills in all, 8 with MISSION_FULL. `npm run bench -- mission-kills` takes every boundary. */
const KILLS = 2;
const MISSIONS = FULL ? 4 : 1;

describe("a mission's process that is killed at boundaries of its journal", function () {
  this.timeout(600_000);
  const project = MissionProject.create();
  const target: KillTarget = { project, codebase: missionApp("sinking"), stacks: ["sinking-staging", "sinking-production"] };

  before(() => firstRelease(project, target.codebase, target.stacks));

  after(async () => {
    await project.remove();
    rmSync(target.codebase, { recursive: true, force: true });
  });

  for (let mission = 1; mission <= MISSIONS; mission += 1) {
    it(`is gone on with to the same end, and no user notices (seed ${seed + mission})`, async () => {
      const random = randomFrom(seed + mission);
      const drawn = (linesBefore: number) => Math.floor(random() * 2 * (UNDISTURBED_LINES - linesBefore));
      const { kills, sent } = await killedMission(target, `1.${mission}.0`, (killed, linesBefore) => (killed < KILLS ? drawn(linesBefore) : null));
      // One only, where the first was drawn just after the last line.
      assert.ok(kills.length === KILLS || kills.some((kill) => kill.includes("terminal")), kills.join(", "));
      process.stdout.write(`      killed ${kills.join(" and ")}; none of ${sent} requests failed\n`);
    });
  }
});
