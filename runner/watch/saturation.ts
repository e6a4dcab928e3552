import { shareOfPercent } from "../../model/percent.js";
import { processorShare, type ProcessorUse } from "../../model/processor-use.js";
import type { Slot } from "../../model/slot.js";
import { worstVerdict, type GateResult, type Verdict } from "../../model/verdict.js";
import type { Reading } from "./reading.js";

/** What is known of the processor of one service's candidate; null where the platform does not tell. */
type Known = { readonly verdict: Verdict; readonly text: string; readonly busiest: number | null } | null;

/** The processor of the candidate's instances, from the first reading of a watch to the last one. */
export class SaturationWatch {
  #first: ProcessorUse | null = null;
  #last: ProcessorUse | null = null;
  #trouble: string | null = null;

  constructor(
    private readonly service: string,
    private readonly limit: string,
  ) {}

  look(reading: Reading, slot: Slot | null): void {
    this.#trouble = reading.processor.ok ? null : reading.processor.reason;
    const use = reading.processor.ok && slot !== null ? reading.processor.value[slot] : null;
    if (use === null) {
      if (this.#last !== null) this.#trouble ??= `Service "${this.service}": the platform no longer tells the processor time of the candidate.`;
      return;
    }
    this.#first ??= use;
    this.#last = use;
  }

  known(): Known {
    if (this.#trouble !== null) return { verdict: "ERROR", text: this.#trouble, busiest: null };
    if (this.#first === null || this.#last === null) return null;
    const share = processorShare(this.#first, this.#last);
    if (!share.ok) return { verdict: "INCONCLUSIVE", text: `Service "${this.service}": ${share.reason}`, busiest: null };
    const text = `Service "${this.service}": the candidate's busiest instance used ${percent(share.busiest)} of a processor, all of them ${percent(share.mean)} on average; allowed are ${this.limit}.`;
    return { verdict: share.busiest <= shareOfPercent(this.limit) ? "PASS" : "FAIL", text, busiest: share.busiest };
  }
}

/** The gate `saturation` over all services, or why there is none. */
export function saturation(watches: readonly SaturationWatch[]): GateResult | string {
  const known = watches.map((watch) => watch.known()).filter((each) => each !== null);
  if (known.length === 0) return "The platform does not tell the processor time of instances, so saturation is not judged.";
  const verdict = worstVerdict(known.map((each) => each.verdict));
  const texts = known.filter((each) => each.verdict === verdict).map(({ text }) => text);
  const busiest = known.flatMap((each) => (each.busiest === null ? [] : [each.busiest]));
  return { gate: "saturation", verdict, summary: texts[0] ?? "", details: texts.slice(1), measured: { busiest: busiest.length === 0 ? null : Math.max(...busiest) } };
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
