import type { Slot } from "../../../model/slot.js";
import type { Context } from "../context.js";
import { conflict, Refusal } from "../refusal.js";
import { neededEntries } from "../secret-entry.js";
import { inUse, serviceOf, withService, withSlot } from "../state.js";

/** `DELETE /v1/services/:service/slots/:slot` @throws Refusal */
export async function deleteSlot(context: Context, service: string, slot: Slot): Promise<void> {
  const { store, vault, slots } = context;
  await store.exclusive(async (save) => {
    const record = serviceOf(store.current, service);
    if (record.slots[slot] === null) throw new Refusal(404, `Slot "${slot}" of service "${service}" is empty.`);
    if (inUse(record, slot)) throw conflict("slot-in-use", `Slot "${slot}" of service "${service}" has weight or is recorded live; remove the service's split first.`);
    await save(withService(store.current, service, { ...withSlot(record, slot, null), generation: record.generation + 1 }));
    await vault.retain((entry) => neededEntries(store.current).has(entry));
  });
  slots.reconcile();
}
