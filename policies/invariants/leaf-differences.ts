import { digestOfValue, shortDigest } from "../../model/digest.js";
import { parseDuration } from "../../model/duration.js";
import { shareOfPercent } from "../../model/percent.js";
import type { GatedInputs } from "../gated-inputs.js";

/** An input of a leaf that is not what its service says. `fixed` is one that no leaf may differ in. */
export interface Difference {
  readonly field: string;
  readonly sentence: string;
}

type Props = Readonly<Record<string, unknown>>;

/** A slot runs the SlotSpec and the instances that are wanted for it. */
export function slotAgrees(props: Props, gated: GatedInputs): Difference[] {
  const slot = props["slot"];
  if (slot !== "blue" && slot !== "green") return [{ field: "fixed", sentence: `its slot is ${JSON.stringify(slot)}; allowed is "blue" or "green".` }];
  const wanted = gated.wanted.slots[slot];
  const spec = props["spec"] ?? null;
  const [is, named] = [spec === null ? null : digestOfValue(spec), wanted?.spec ?? null];
  return [
    ...(is === named ? [] : [{ field: "spec", sentence: wouldHold(is, named, slot) }]),
    ...same("instances", props["instances"], wanted?.instances ?? 0),
    ...same("base", props["base"], gated.wanted.base),
    ...same("environment", props["environment"], gated.environment),
  ];
}

/** A split shares the traffic as is wanted. */
export function splitAgrees(props: Props, { wanted }: GatedInputs): Difference[] {
  const split = (props["split"] ?? {}) as Readonly<Record<string, unknown>>;
  const agrees = split["blue"] === wanted.split.blue && split["green"] === wanted.split.green;
  return [
    ...(agrees ? [] : [{ field: "split", sentence: `its weights are blue ${String(split["blue"])} / green ${String(split["green"])}, those wanted are blue ${wanted.split.blue} / green ${wanted.split.green}.` }]),
    ...same("live", props["live"], wanted.live),
    ...same("returnTo", props["returnTo"] ?? null, wanted.returnTo),
    ...same("base", props["base"], wanted.base),
  ];
}

/** An alarm has the limit and the targets of its service. */
export function alarmAgrees(props: Props, { alarms, targets }: GatedInputs): Difference[] {
  const limits: Readonly<Record<string, number>> = {
    "error-rate": shareOfPercent(alarms.errorRate),
    "latency-p95": parseDuration(alarms.latencyP95),
    availability: shareOfPercent(alarms.availability),
  };
  const limit = limits[String(props["metric"])];
  return [
    ...(limit === undefined ? [{ field: "fixed", sentence: `its metric is ${JSON.stringify(props["metric"])}; allowed are error-rate, latency-p95 and availability.` }] : same("threshold", props["threshold"], limit)),
    ...same("windowMs", props["windowMs"], parseDuration(alarms.window)),
    ...(digestOfValue(props["targets"] ?? []) === digestOfValue(targets) ? [] : [{ field: "targets", sentence: "it tells others than the service's targets." }]),
  ];
}

function same(field: string, is: unknown, wanted: unknown): Difference[] {
  return is === wanted ? [] : [{ field, sentence: `its "${field}" is ${JSON.stringify(is)}, ${JSON.stringify(wanted)} is wanted.` }];
}

/** What is said of a slot that would hold another SlotSpec than is wanted, by digest; null is nothing. */
export function wouldHold(is: string | null, wanted: string | null, slot: string): string {
  return `it would hold ${name(is)}, but ${name(wanted)} is wanted in slot "${slot}".`;
}

function name(digest: string | null): string {
  return digest === null ? "nothing" : `SlotSpec ${shortDigest(digest)}`;
}
