import { rmSync } from "node:fs";
import { killRound, randomFrom, type Round } from "../test/support/kill-campaign.js";
import { MissionProject } from "../test/support/mission-project.js";
import { tinyApp } from "../test/support/tiny-app.js";

/** 50 rounds of `test/system/kills.test.ts`: a process is killed at a random moment of a change of weight, and `up` must converge. */
const ROUNDS = Number(process.env["ROUNDS"] ?? 50);

async function main(): Promise<void> {
  const seed = Number(process.env["MISSION_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  const project = MissionProject.create();
  const codebase = tinyApp("kills");
  const stack = "kills-staging";
  const rounds: Round[] = [];
  try {
    for (const version of ["1.0.0", "1.1.0"]) {
      await project.must("release", codebase, "--version", version, "--stack", stack);
      await project.must("pulumi", "up", "--yes", "--skip-preview", "--stack", stack);
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      const done = await killRound(project, stack, randomFrom(seed + round));
      rounds.push(done);
      console.log(`seed ${seed + round}: ${done.victim} killed ${done.afterMs} ms into a change to ${done.weight}: converged`);
    }
  } finally {
    console.log(`${rounds.length} of ${ROUNDS} rounds converged (seeds from ${seed})`);
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
  }
}

void main();
