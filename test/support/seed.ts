import fc from "fast-check";

/** The seed of this run's random tests: MISSION_SEED, or a new one; printed, so that a failure can be run again. */
export const seed = Number(process.env["MISSION_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

process.stdout.write(`random tests use seed ${seed} (again: MISSION_SEED=${seed})\n`);
fc.configureGlobal({ seed });
