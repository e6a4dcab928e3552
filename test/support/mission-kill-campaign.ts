import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readJournal } from "../../runner/journal/file-journal.js";
import { startProber } from "../../runner/prober/start-prober.js";
import { refuseLeftovers, strangers } from "./kill-campaign.js";
import { run, type Finished, type MissionProject } from "./mission-project.js";
import { eventually } from "./process-table.js";

/** Lines that one mission of `missionApp` writes when nobody disturbs it, without the first, which is written before the mission is carried out. */
export const UNDISTURBED_LINES = 76;

/** Where a process of the mission is killed, as `runner/journal/kill-point.ts` counts; null: nowhere, the mission may end. Gets how many lines are written. */
export type KillAt = (kills: number, linesBefore: number) => number | null;

/** A mission that was killed, and gone on with to its end. */
export interface KilledMission {
  readonly id: string;
  /** Line after line where a process was killed: `before 12 (result plan/gates)`. */
  readonly kills: readonly string[];
  readonly lines: number;
  /** Requests of an independent client on production meanwhile. */
  readonly sent: number;
  readonly longestGapMs: number;
}

/** A codebase whose missions are killed, its stacks, staging first, and its last version. */
export interface KillTarget {
  readonly project: MissionProject;
  readonly codebase: string;
  readonly stacks: readonly [staging: string, production: string];
}

/**
 * Takes a version to users by a mission whose process is killed with SIGKILL wherever `killAt` says, and is gone on with by `mission resume` each time. Fails unless
 * it ends as if nobody had killed it, and a client that knows nothing of it lost no request.
 */
export async function killedMission({ project, codebase, stacks }: KillTarget, version: string, killAt: KillAt): Promise<KilledMission> {
  const [, production] = stacks;
  const url = (await project.sandbox(production)).services["web"]?.endpoints?.production ?? "";
  const known = new Set(missionsOf(project));
  const prober = await startProber({ url, rate: 50 });
  const kills: string[] = [];
  let journal = "";
  let id = "";
  try {
    for (let at = killAt(0, 0), args = ["deploy", codebase, "--version", version]; ; at = killAt(kills.length, (await readJournal(journal)).lines.length - 1), args = ["resume", id]) {
      const said = `${version}, killed ${kills.join(", ") || "never"}, then at ${at ?? "no"} boundary`;
      const finished = await missionKilledAt(project, at, args);
      id = missionsOf(project).find((each) => !known.has(each)) ?? "";
      journal = join(project.home, "store", "missions", id, "journal.jsonl");
      if (finished.code !== 137) {
        assert.equal(finished.code, 0, `${said}: ${finished.all}`);
        break;
      }
      assert.notEqual(at, null, `${said}: something else has killed it`);
      const last = (await readJournal(journal)).lines.at(-1);
      kills.push(`${(at ?? 0) % 2 === 0 ? "before the line after" : "just after"} ${last?.seq} (${last?.line.kind} ${last?.line.id})`);
      if (last?.line.kind === "terminal") break;
    }
  } finally {
    await prober.stop().catch(() => undefined);
  }
  const { sent, failed, errors, longestGapMs } = await prober.finished;
  const said = `${id}, killed ${kills.join(", ")}`;
  const { lines } = await readJournal(journal);
  assert.deepEqual(lines.filter(({ line }) => line.kind === "terminal").map(({ line }) => line.id), ["succeeded"], said);
  assert.deepEqual([failed, sent > 0], [0, true], `${said}: ${JSON.stringify(errors)}`);
  await refuseUnfinished(project, stacks, version, said);
  const history = JSON.parse((await project.must("history", "--json")).stdout) as { mission: string; state: string }[];
  assert.deepEqual(history.filter(({ mission }) => mission === id).map(({ state }) => state), ["succeeded"], said);
  return { id, kills, lines: lines.length, sent, longestGapMs };
}

/** Runs a command of a mission whose process is killed at a boundary of its journal. */
export function missionKilledAt(project: MissionProject, at: number | null, args: readonly string[]): Promise<Finished> {
  const env = { ...project.environment(), MISSION_TEST: "1", ...(at === null ? {} : { MISSION_TEST_KILL_AT: String(at) }) };
  return run(process.execPath, [join(project.root, "dist", "runner", "cli", "main.js"), ...args], { cwd: project.root, env });
}

/** The version is live with all traffic everywhere, and nothing of the mission is left: no lock, no pending operation, no process. */
async function refuseUnfinished(project: MissionProject, stacks: readonly string[], version: string, said: string): Promise<void> {
  for (const stack of stacks) {
    const web = (await project.sandbox(stack)).services["web"];
    assert.ok(web?.live && web.split, said);
    assert.deepEqual([web.slots[web.live].spec?.version, web.split[web.live]], [version, 100], `${said}: ${stack}`);
    refuseLeftovers(project, stack, said);
  }
  await eventually(`${said}: no process is left behind`, async () => (await strangers(project, ...stacks)).length === 0, 15_000).catch(async (error: unknown) => {
    throw new Error(`${String(error)}: ${(await strangers(project, ...stacks)).join("; ")}`);
  });
}

function missionsOf(project: MissionProject): string[] {
  try {
    return readdirSync(join(project.home, "store", "missions"));
  } catch {
    return []; // There was none yet.
  }
}
