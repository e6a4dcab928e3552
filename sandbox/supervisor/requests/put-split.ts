import { baseOf } from "../../../model/rollout.js";
import { SLOTS, type Slot } from "../../../model/slot.js";
import { specDigest } from "../../../model/slot-spec.js";
import type { z } from "zod";
import type { splitRequestSchema } from "../../protocol.js";
import type { Context } from "../context.js";
import { failpoint } from "../failpoint.js";
import { conflict } from "../refusal.js";
import { observedOf, serviceOf, withService, type ServiceRecord } from "../state.js";
import { savePushed } from "./save-pushed.js";

type SplitChange = z.output<typeof splitRequestSchema>;

/** `PUT /v1/services/:service/split` Answers only when the router routes by it. @throws Refusal */
export async function putSplit(context: Context, service: string, request: SplitChange): Promise<void> {
  const { store, slots } = context;
  await store.exclusive(async (save) => {
    const record = serviceOf(store.current, service);
    const { live, split, returnTo } = request;
    if (record.split?.equals(split) === true && record.live === live && record.returnTo === returnTo) return context.router.push();
    checkBase(service, record, request);
    for (const slot of SLOTS) checkReady(service, record, request, slot, (each) => slots.of(service, each).ready);
    await savePushed(context, save, withService(store.current, service, { ...record, live, split, returnTo, generation: record.generation + 1 }));
    failpoint("split-applied");
  });
}

function checkBase(service: string, record: ServiceRecord, { base, live, split }: SplitChange): void {
  if (record.split !== null && base === null) {
    throw conflict("exists", `Service "${service}" has a split already (${record.split.describe(record.live ?? "blue")}); a first split cannot replace it. Read its state and change that.`);
  }
  if (record.split !== null && base !== baseOf(observedOf(record))) {
    throw conflict("base", `Service "${service}" is no longer what this split was decided on (it is at generation ${record.generation} now); read its state and decide again.`);
  }
  if (record.split === null && base !== null) {
    throw conflict("base", `Service "${service}" has no split; the first one rests on nothing (base null).`);
  }
  if (record.split === null && split.of(live) !== 100) {
    throw conflict("live", `The first split of service "${service}" gives slot "${live}" ${split.of(live)} %; it must give its live slot 100 %.`);
  }
  if (record.slots[live] === null) {
    throw conflict("not-ready", `Slot "${live}" of service "${service}" is empty; it cannot become live.`);
  }
  if (record.routing === null) {
    throw conflict("no-routing", `Service "${service}" has no routes; set its routing first.`);
  }
}

/**
 * A slot may get more traffic only when it can take it. The way back is open nevertheless, because moving away from a bad candidate must not
 * fail for a detail: to the slot that is recorded live, or was before the last `finish`, with a part of its instances; and everything to the
 * slot that is recorded live whatever its state.
 */
function checkReady(service: string, record: ServiceRecord, { split }: SplitChange, slot: Slot, ready: (slot: Slot) => number): void {
  if (split.of(slot) <= (record.split?.of(slot) ?? 0)) return;
  const held = record.slots[slot];
  if (held === null) throw conflict("not-ready", `Slot "${slot}" of service "${service}" is empty; it cannot get ${split.of(slot)} % of the traffic.`);
  const well = ready(slot);
  const complete = held.everReady && held.failure === null && held.instances > 0 && well >= held.instances;
  const back = record.live === slot || (record.returnTo !== null && record.returnTo === specDigest(held.spec));
  if (complete || (back && well > 0) || (record.live === slot && split.of(slot) === 100)) return;
  throw conflict("not-ready", `Slot "${slot}" of service "${service}" has ${well} of ${held.instances} instances ready; it cannot get ${split.of(slot)} % of the traffic.`, { ready: well, instances: held.instances });
}
