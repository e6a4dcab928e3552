import { setTimeout as sleep } from "node:timers/promises";
import { EXIT, UserError } from "../../errors.js";
import { holdLeases } from "../../mission/hold-leases.js";
import { allMissions, findUnfinished, stacksOf, stateOf, unfinishedMissions, type FoundMission } from "../../mission/find-mission.js";
import { Requests } from "../../mission/requests.js";
import { openAdapter } from "../../platforms/open-adapter.js";
import { bringBack, type LiveSpecs } from "../../rollout/bring-back.js";
import { emergency } from "../../rollout/emergency.js";
import { returnPoint } from "../../rollout/return-point.js";
import { takeTrafficBack } from "../../rollout/take-traffic-back.js";
import { MissionFolder } from "../../store/mission-folder.js";
import { openStore } from "../../store/open-store.js";
import { who } from "../../who.js";
import { goOn, sayHowItEnded } from "./deploy.js";
import { engineIsBehind, table } from "./rollout.js";
import type { Terminal } from "../terminal.js";

/** Options of `mission rollback`. */
export interface RollbackOptions {
  readonly reason?: string | undefined;
  readonly verbose?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** How long a mission that runs may take to notice and to end before this command looks whether it still lives, milliseconds. */
const PATIENCE_MS = 10 * 60_000;

/**
 * Takes users off a release: of a mission that has not ended, or of what a stack's last mission brought. Traffic goes first, by the platform's own interface;
 * then the mission that runs is told and waited for, or one that was cut off is gone on with, to its recorded end.
 */
export async function rollback(what: string | undefined, options: RollbackOptions, terminal: Terminal): Promise<void> {
  const reason = options.reason?.trim() || "a person decided so.";
  const mission = await unfinished(what);
  if (mission !== null) return rollBackMission(mission, reason, options, terminal);
  if (what === undefined) throw new UserError(EXIT.usage, "No mission is under way. Name the stack whose last release is to go back, such as: ./mission rollback production");
  const ended = (await allMissions()).find(({ folder }) => folder.id === what);
  if (ended !== undefined) throw new UserError(EXIT.refused, `Mission "${what}" has ended already: ${stateOf(ended.record) ?? "?"}. To take its release off users, name the stack: ./mission rollback ${ended.record.subject.production.stack}`);
  await rollBackStack(what, reason, options, terminal);
}

async function unfinished(what: string | undefined): Promise<FoundMission | null> {
  const open = what === undefined ? await unfinishedMissions() : (await unfinishedMissions()).filter(({ folder, record }) => folder.id === what || stacksOf(record).includes(what) || record.subject.application.name === what);
  return open.length === 0 ? null : findUnfinished(what);
}

async function rollBackMission({ folder, record }: FoundMission, reason: string, options: RollbackOptions, terminal: Terminal): Promise<void> {
  await new Requests(folder.path("requests")).askRollBack({ by: who(), reason, at: new Date().toISOString() });
  await moveAtOnce({ folder, record }, terminal);
  terminal.say(`Mission "${folder.id}" is asked to go back.`);
  const store = openStore();
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const now = await (await MissionFolder.open(folder.id)).record();
    const state = stateOf(now);
    if (state !== null) {
      terminal.say(`Mission "${folder.id}" has ended: ${state}: ${String(now.lines.at(-1)?.line["reason"])}`);
      process.exitCode = state === "failed-safe" ? EXIT.failed : EXIT.ok;
      return;
    }
    try {
      const leases = await holdLeases(store, stacksOf(now), folder.id);
      try {
        const performed = await goOn({ folder, record: now }, leases, options, terminal);
        await sayHowItEnded(folder, performed, options, terminal);
        // What was asked for has happened.
        if (performed.kind === "ended" && performed.outcome.state !== "failed-safe") process.exitCode = EXIT.ok;
        return;
      } finally {
        await leases.release();
      }
    } catch (error) {
      // Its own process lives, and does it.
      if (!(error instanceof UserError) || error.exitCode !== EXIT.locked || performance.now() > deadline) throw error;
      await sleep(500);
    }
  }
}

/** Users first: what the mission's candidates have goes back before anything else is waited for. */
async function moveAtOnce({ record }: FoundMission, terminal: Terminal): Promise<void> {
  for (const phase of ["production", "staging"] as const) {
    const before = record.lines.find(({ line }) => line.kind === "result" && line.id === `${phase}/before`)?.line["value"] as LiveSpecs | undefined;
    if (before === undefined || Object.keys(before).length === 0) continue;
    const { stack } = record.subject[phase];
    const adapter = await openAdapter(stack);
    // Staging's release stays once it is proved there: it is what staging is for.
    if (phase === "staging" && record.lines.some(({ line }) => line.kind === "result" && line.id === "staging/decided" && line["value"] === null)) continue;
    const left = await bringBack({ describe: () => adapter.describe(), takeBack: (intent, services) => takeTrafficBack(stack, adapter, intent, services) }, before);
    terminal.say(left.length === 0 ? `Stack "${stack}": all traffic is with what was live before the mission.` : `Stack "${stack}": ${left.join(" ")}`);
  }
}

async function rollBackStack(stack: string, reason: string, { json }: RollbackOptions, terminal: Terminal): Promise<void> {
  const adapter = await openAdapter(stack);
  const before = returnPoint(await adapter.describe());
  if (Object.keys(before).length === 0) throw new UserError(EXIT.refused, `There is nothing to go back to in stack "${stack}": no candidate has traffic, and the slot that was live before is empty, retired or was restored already.`);
  const { notBack, observed, engine } = await emergency({ stack, adapter, before, say: (line) => terminal.say(line) });
  await openStore().set(stack, "hold", { reason: `rolled back by hand: ${reason}`, by: who(), at: new Date().toISOString() });
  for (const line of table(observed)) terminal.print(line);
  if (notBack.length > 0) throw new UserError(EXIT.failed, notBack.join("\n"));
  terminal.say(`Stack "${stack}" is on hold; a new release gets traffic again after: ./mission release-hold ${stack} --reason TEXT`);
  if (json === true) terminal.print(JSON.stringify(observed, null, 2));
  if (engine !== null) throw engineIsBehind(engine, observed);
}
