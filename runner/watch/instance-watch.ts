import { SLOTS, type Slot } from "../../model/slot.js";
import type { GateResult, Verdict } from "../../model/verdict.js";
import type { Reading } from "./reading.js";

/** Whether instances are ready, and whether that can become better. */
export interface InstancesLook {
  readonly verdict: Verdict;
  readonly sentences: readonly string[];
  readonly final: boolean;
}

/** The instances of one service's slots while it is watched: a slot with weight that loses one does not pass, also when it comes back. */
export class InstanceWatch {
  /** What was seen of each slot that lost something, once. */
  readonly #lost = new Map<Slot, string>();
  /** Processes by slot at the look before, where the platform tells them. */
  readonly #processes = new Map<Slot, ReadonlySet<string>>();
  #lacking = 0;
  #looks = 0;

  constructor(private readonly service: string) {}

  look(reading: Reading): InstancesLook {
    if (!reading.observed.ok) return { verdict: "ERROR", sentences: [reading.observed.reason], final: false };
    const observed = reading.observed.value;
    if (observed?.split == null) return { verdict: "ERROR", sentences: [`The platform knows no service "${this.service}" that gets traffic.`], final: false };
    const { split, slots } = observed;
    const weighted = SLOTS.filter((slot) => split.of(slot) > 0);
    const now = weighted.map((slot) => {
      const [ready, wanted] = [slots[slot]?.ready ?? 0, slots[slot]?.instances ?? 0];
      const enough = wanted > 0 && ready >= wanted;
      return { slot, enough, none: !(ready > 0), text: `Slot "${slot}" of service "${this.service}" has ${ready} of ${wanted} instances ready.` };
    });
    const lacking = now.filter(({ enough }) => !enough);
    // What is not there when watching begins was not lost while it was watched; it has to be there at the end all the same.
    if (this.#looks > 0) for (const { slot, text } of lacking) if (!this.#lost.has(slot)) this.#lost.set(slot, text);
    for (const slot of weighted) this.#seeProcesses(slot, reading);
    this.#looks += 1;
    this.#lacking = lacking.length > 0 ? this.#lacking + 1 : 0;
    if (lacking.length > 0) return { verdict: "FAIL", sentences: lacking.map(({ text }) => text), final: this.#lacking > 1 || (this.#looks > 1 && lacking.some(({ none }) => none)) };
    if (this.#lost.size > 0) return { verdict: "FAIL", sentences: [...this.#lost.values()].map((text) => `While it was watched, an instance was lost: ${text}`), final: true };
    return { verdict: "PASS", sentences: now.map(({ text }) => text), final: false };
  }

  #seeProcesses(slot: Slot, { processor }: Reading): void {
    const seen = processor.ok ? processor.value[slot] : null;
    if (seen === null) return;
    const ids = new Set(seen.instances.map(({ id }) => id));
    const ended = [...(this.#processes.get(slot) ?? [])].filter((id) => !ids.has(id)).length;
    if (ended > 0 && !this.#lost.has(slot)) this.#lost.set(slot, `${ended} ${ended === 1 ? "process" : "processes"} of slot "${slot}" of service "${this.service}" ended.`);
    this.#processes.set(slot, ids);
  }
}

/** The gate `instances-ready` over all services. */
export function instancesReady(looks: readonly InstancesLook[]): GateResult {
  const bad = (["FAIL", "ERROR"] as const).find((verdict) => looks.some((look) => look.verdict === verdict));
  const sentences = looks.filter(({ verdict }) => bad === undefined || verdict === bad).flatMap((look) => look.sentences);
  return { gate: "instances-ready", verdict: bad ?? (looks.length === 0 ? "INCONCLUSIVE" : "PASS"), summary: sentences[0] ?? "No service was watched.", details: sentences.slice(1), measured: { services: looks.length } };
}
