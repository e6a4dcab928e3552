import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run, type MissionProject } from "./mission-project.js";
import { eventually, processesWith } from "./process-table.js";

/** What a campaign kills. */
export const VICTIMS = ["supervisor", "router", "instance", "pulumi"] as const;
export type Victim = (typeof VICTIMS)[number];

/** Numbers from 0 to 1 that a seed determines (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What one round did, for a failure's message. */
export interface Round {
  readonly weight: number;
  readonly victim: Victim;
  readonly afterMs: number;
}

/**
 * One round: a change of weight runs, one process is killed with SIGKILL at a random moment, then `up` runs until it says it is done. Afterwards
 * the split is the old or the new one and a further bare `up` keeps it; nothing is locked, pending or left behind.
 */
export async function killRound(project: MissionProject, stack: string, random: () => number): Promise<Round> {
  const round: Round = { weight: Math.floor(random() * 101), victim: VICTIMS[Math.floor(random() * VICTIMS.length)] ?? "pulumi", afterMs: Math.floor(random() * 2_500) };
  const said = JSON.stringify(round);
  const before = (await project.sandbox(stack)).services["web"]?.split;
  assert.ok(before, said);

  const changing = run(process.execPath, [join(project.root, "dist", "runner", "cli", "main.js"), "rollout", "set", stack, String(round.weight)], { cwd: project.root, env: project.environment() });
  await sleep(round.afterMs);
  await kill(project, stack, round.victim);
  await changing;

  const converged = await project.up(stack);
  assert.equal(converged.code, 0, `${said}: up after the kill: ${converged.all}`);
  const after = (await project.sandbox(stack)).services["web"];
  assert.ok(after?.split, said);
  assert.ok([before.green, round.weight].includes(after.split.green), `${said}: green had ${before.green} and has ${after.split.green}`);
  await eventually(`${said}: all instances ready`, async () => Object.values((await project.sandbox(stack)).services["web"]?.slots ?? {}).every(({ instances, processes }) => processes.filter(({ ready }) => ready).length === instances));
  assert.deepEqual((await project.sandbox(stack)).services["web"]?.split, after.split, said);
  refuseLeftovers(project, stack, said);
  await eventually(`${said}: no process is left behind`, async () => (await strangers(project, stack)).length === 0, 15_000).catch(async (error: unknown) => {
    throw new Error(`${String(error)}: ${(await strangers(project, stack)).join("; ")}`);
  });
  return round;
}

async function kill(project: MissionProject, stack: string, victim: Victim): Promise<void> {
  if (victim === "pulumi") {
    const engine = processesWith("MISSION_HOME", project.home).find(({ command }) => /(^|\/)pulumi (up|preview|stack|config)/.test(command));
    if (engine !== undefined) signal(engine.pid);
    return;
  }
  const state = await project.sandbox(stack);
  const instances = Object.values(state.services["web"]?.slots ?? {}).flatMap(({ processes }) => processes.flatMap(({ pid }) => (pid === null ? [] : [pid])));
  const pid = victim === "supervisor" ? state.supervisor.pid : victim === "router" ? state.router?.pid : instances[0];
  if (pid !== undefined) signal(pid);
}

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Fails when a lock or a pending operation is left in a stack. */
export function refuseLeftovers(project: MissionProject, stack: string, said: string): void {
  const backend = join(project.home, "state", ".pulumi");
  const locks = join(backend, "locks", "organization", "mission-deploy", stack);
  assert.deepEqual(existsSync(locks) ? readdirSync(locks).filter((name) => name.endsWith(".json")) : [], [], `${said}: a lock is left`);
  const checkpoint = readFileSync(join(backend, "stacks", "mission-deploy", `${stack}.json`), "utf8");
  const { latest } = (JSON.parse(checkpoint) as { checkpoint: { latest: { pending_operations?: unknown[] } } }).checkpoint;
  assert.deepEqual(latest.pending_operations ?? [], [], `${said}: an operation is pending`);
}

/** Processes of this home that nobody should have left: engines, plugins, second supervisors, instances that no slot knows. */
export async function strangers(project: MissionProject, ...stacks: readonly string[]): Promise<string[]> {
  const states = await Promise.all(stacks.map((stack) => project.sandbox(stack)));
  const known = new Set<number | null | undefined>([process.pid]);
  for (const { supervisor, router, database, services } of states) {
    const instances = Object.values(services).flatMap(({ slots }) => Object.values(slots).flatMap(({ processes }) => processes.map(({ pid }) => pid)));
    for (const pid of [supervisor.pid, router?.pid, database?.pid, ...instances]) known.add(pid);
  }
  const marked = [...processesWith("MISSION_HOME", project.home), ...states.flatMap(readSandboxMarked)];
  return marked.filter(({ pid, parent }) => !known.has(pid) && !known.has(parent)).map(({ pid, command }) => `${pid} ${command}`);
}

/** Instances carry the marker of their sandbox, not the home: the runner's environment is none of their business. */
function readSandboxMarked(state: Awaited<ReturnType<MissionProject["sandbox"]>>): ReturnType<typeof processesWith> {
  const first = Object.values(state.services).flatMap(({ slots }) => Object.values(slots).flatMap(({ processes }) => processes)).find(({ pid }) => pid !== null);
  if (first?.pid == null) return [];
  const marker = readFileSync(`/proc/${first.pid}/environ`, "utf8").split("\0").find((variable) => variable.startsWith("MISSION_SANDBOX="));
  return marker === undefined ? [] : processesWith("MISSION_SANDBOX", marker.slice("MISSION_SANDBOX=".length));
}
