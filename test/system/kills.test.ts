import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { seed } from "../support/seed.js";
import { killRound, randomFrom } from "../support/kill-campaign.js";
import { MissionProject } from "../support/mission-project.js";
import { tinyApp } from "../support/tiny-app.js";

/** Rounds here; `npm run bench -- kills` runs 50. */
const ROUNDS = 5;

describe("kills at random moments", function () {
  this.timeout(240_000);
  const project = MissionProject.create();
  const codebase = tinyApp("kills");
  const stack = "kills-staging";

  before(async () => {
    await project.must("release", codebase, "--version", "1.0.0", "--stack", stack);
    assert.equal((await project.up(stack)).code, 0);
    await project.must("release", codebase, "--version", "1.1.0", "--stack", stack);
    assert.equal((await project.up(stack)).code, 0);
  });

  after(async () => {
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
  });

  for (let round = 0; round < ROUNDS; round += 1) {
    it(`converges by up after a kill (seed ${seed + round})`, () => killRound(project, stack, randomFrom(seed + round)).then(() => undefined));
  }
});
