import { parseDuration } from "../../../model/duration.js";
import { unchangedRollout } from "../../../model/rollout.js";
import { EXIT, UserError } from "../../errors.js";
import { stackFilePath } from "../../engine/engine-environment.js";
import { readStackFileSettings } from "../../engine/read-stack-settings.js";
import { openAdapter } from "../../platforms/open-adapter.js";
import { planRollout } from "../../rollout/rollout-intent.js";
import { warmSlots } from "../../rollout/warm.js";
import { noteFinished } from "../../store/finished.js";
import { openStore } from "../../store/open-store.js";
import { withLease } from "../../store/with-lease.js";
import type { Terminal } from "../terminal.js";
import { applyPlan, move, sayPlan, table } from "./rollout.js";

/** Options of `mission retire <stack>`. */
export interface RetireOptions {
  readonly due?: boolean;
  readonly json?: boolean;
}

/** Gives up the capacity of the slots that are not live; with `due`, only of those whose time to be kept warm is over. */
export async function retire(name: string, { due, json }: RetireOptions, terminal: Terminal): Promise<void> {
  if (due === true) await retireDue(name, json === true, terminal);
  else await move(name, { kind: "retire" }, { json: json === true }, terminal);
}

async function retireDue(name: string, json: boolean, terminal: Terminal): Promise<void> {
  const adapter = await openAdapter(name);
  await withLease(openStore(), name, "retire --due", async (lease) => {
    const observed = await adapter.describe();
    const now = new Date();
    const { text, milliseconds } = await keepWarm(name);
    const warm = warmSlots(observed, await noteFinished(name, observed, now), milliseconds);
    for (const { service, slot, version, finishedAt, due } of warm) {
      if (due > now) terminal.say(`Service "${service}": ${version} in "${slot}" is kept warm until ${due.toISOString()} (keepWarm ${text}, finished ${finishedAt.toISOString()}).`);
    }
    const over = warm.filter(({ due }) => due <= now).flatMap(({ service }) => (observed[service] === undefined ? [] : [[service, observed[service]] as const]));
    if (over.length === 0) return terminal.say(warm.length === 0 ? `No slot of stack "${name}" is kept warm; there is nothing to retire.` : "Nothing is due yet; nothing was changed.");
    const plan = planRollout(name, Object.fromEntries(over), { kind: "retire" });
    sayPlan(plan, terminal);
    // The others are handed over as they are: an up that knows nothing of them would bring a newer release of the configuration to their free slots.
    await applyPlan(adapter, { kind: "retire" }, { ...plan, rollout: { ...unchangedRollout(observed), ...plan.rollout } }, lease, terminal);
  });
  const observed = await adapter.describe();
  if (json) terminal.print(JSON.stringify(observed, null, 2));
  else for (const line of table(observed)) terminal.print(line);
}

async function keepWarm(name: string): Promise<{ readonly text: string; readonly milliseconds: number }> {
  const file = stackFilePath(name);
  const { settings, diagnostics } = await readStackFileSettings(file);
  if (settings === null) throw new UserError(EXIT.usage, `"${file}" does not say how long a slot is kept warm:`, diagnostics);
  return { text: settings.keepWarm, milliseconds: parseDuration(settings.keepWarm) };
}
