import { existsSync, readdirSync } from "node:fs";
import { allMissions, findUnfinished, stateOf, unfinishedMissions } from "../../mission/find-mission.js";
import { historyOf, historyText, statusOf, statusText } from "../../report/history.js";
import { MissionFolder } from "../../store/mission-folder.js";
import { environmentsDirectory, openStore } from "../../store/open-store.js";
import type { Terminal } from "../terminal.js";

/** Prints what is under way: one mission, or all that have not ended, with who works where and what is frozen or on hold. */
export async function status(what: string | undefined, json: boolean, terminal: Terminal): Promise<void> {
  const now = Date.now();
  if (what !== undefined) {
    const record = await (await byIdOrPlace(what)).record();
    const seen = statusOf(record, now);
    return terminal.print(json ? JSON.stringify(seen, null, 2) : statusText(seen));
  }
  const missions = (await unfinishedMissions()).map(({ record }) => statusOf(record, now));
  const environments = await environmentsNow();
  if (json) return terminal.print(JSON.stringify({ missions, environments }, null, 2));
  terminal.print(missions.length === 0 ? "No mission is under way." : missions.map(statusText).join("\n\n"));
  for (const { stack, holder, freeze, hold } of environments) {
    if (holder !== null) terminal.print(`${stack}: in the hands of mission "${holder.mission}" since ${holder.since}`);
    if (freeze !== null) terminal.print(`${stack}: frozen by ${freeze.by} since ${freeze.at}: ${freeze.reason}   (./mission unfreeze ${stack} --reason TEXT)`);
    if (hold !== null) terminal.print(`${stack}: on hold by ${hold.by} since ${hold.at}: ${hold.reason}   (./mission release-hold ${stack} --reason TEXT)`);
  }
}

/** Prints every mission, the newest first. */
export async function history(json: boolean, terminal: Terminal): Promise<void> {
  const entries = historyOf((await allMissions()).map(({ record }) => record));
  terminal.print(json ? JSON.stringify(entries, null, 2) : historyText(entries));
}

async function byIdOrPlace(what: string): Promise<MissionFolder> {
  const known = (await allMissions()).find(({ folder, record }) => folder.id === what && stateOf(record) !== null);
  return known?.folder ?? (await findUnfinished(what)).folder;
}

async function environmentsNow() {
  const store = openStore();
  const stacks = existsSync(environmentsDirectory()) ? readdirSync(environmentsDirectory()).sort() : [];
  return Promise.all(stacks.map(async (stack) => ({ stack, holder: await store.holder(stack), ...(await store.standing(stack)) })));
}
