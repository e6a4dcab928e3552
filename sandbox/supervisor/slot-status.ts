import type { SlotPhase } from "../protocol.js";
import type { SlotRecord } from "./state.js";

/** What the processes of a slot are like. */
export interface SlotFacts {
  readonly ready: number;
  readonly leaving: number;
  /** A sentence for each wanted instance that is not ready. Masked. */
  readonly notes: readonly string[];
  /** What keeps a slot in use from being well. Masked. */
  readonly trouble: string | null;
}

/** The phase of a slot, from its record alone. */
export function slotPhase(record: SlotRecord | null): SlotPhase {
  if (record === null) return "empty";
  if (record.instances === 0) return "retired";
  if (record.failure !== null) return "failed";
  return record.everReady ? "ready" : "starting";
}

/** Why a slot failed or what it waits for; null when all is well. */
export function slotReason(record: SlotRecord | null, facts: SlotFacts): string | null {
  if (record?.failure != null && record.instances > 0) return record.failure;
  if (record === null || record.instances === 0) return facts.leaving === 0 ? null : `${facts.leaving} of its former instances may finish what is in flight.`;
  if (facts.ready >= record.instances) return null;
  const trouble = facts.trouble === null ? [] : [facts.trouble];
  return [`${facts.ready} of ${record.instances} instances ready.`, ...trouble, ...facts.notes.slice(0, 3)].join(" ");
}
