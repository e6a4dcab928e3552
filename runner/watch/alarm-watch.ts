import type { Slot } from "../../model/slot.js";
import { worstVerdict, type GateResult, type Verdict } from "../../model/verdict.js";
import type { Reading } from "./reading.js";

/** What the platform's own alarms on a candidate say at a look; null where it has none. */
export interface AlarmsLook {
  readonly verdict: Verdict;
  readonly text: string;
}

/** The alarms of the slot that holds the candidate. One that is on is a FAIL at once: its own window is behind it. One without data is not good. */
export function lookAtAlarms(service: string, { alarms }: Reading, slot: Slot | null): AlarmsLook | null {
  if (alarms === null || slot === null) return null;
  if (!alarms.ok) return { verdict: "ERROR", text: alarms.reason };
  const own = alarms.value[slot];
  if (own === null) return { verdict: "ERROR", text: `Service "${service}": slot "${slot}" has no alarms.` };
  const on = own.filter(({ state }) => state === "on");
  if (on.length > 0) return { verdict: "FAIL", text: `Service "${service}": alarm ${on.map(({ name, reason }) => `"${name}" is on${reason === "" ? "" : ` (${reason})`}`).join(", ")}.` };
  const unknown = own.filter(({ state }) => state === "unknown");
  if (unknown.length > 0) return { verdict: "INCONCLUSIVE", text: `Service "${service}": ${unknown.length === 1 ? "alarm" : "alarms"} ${unknown.map(({ name }) => `"${name}"`).join(", ")} ${unknown.length === 1 ? "lacks" : "lack"} data.` };
  return { verdict: "PASS", text: `Service "${service}": none of its ${own.length} alarms is on.` };
}

/** The gate `alarms-quiet` over all services; null where the platform has no alarms on slots. */
export function alarmsQuiet(looks: readonly (AlarmsLook | null)[]): GateResult | null {
  const known = looks.filter((look) => look !== null);
  if (known.length === 0) return null;
  const verdict = worstVerdict(known.map((look) => look.verdict));
  const texts = known.filter((look) => look.verdict === verdict).map(({ text }) => text);
  return { gate: "alarms-quiet", verdict, summary: texts[0] ?? "", details: texts.slice(1), measured: { services: known.length } };
}
