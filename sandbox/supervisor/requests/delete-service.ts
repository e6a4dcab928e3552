import type { Context } from "../context.js";
import { Refusal } from "../refusal.js";
import { serviceOf, withService } from "../state.js";
import { savePushed } from "./save-pushed.js";

/** `DELETE /v1/services/:service`: its routes and its split; from then on its slots may be removed. @throws Refusal */
export async function deleteService(context: Context, service: string): Promise<void> {
  const { store } = context;
  await store.exclusive(async (save) => {
    const record = serviceOf(store.current, service);
    if (record.split === null && record.routing === null) throw new Refusal(404, `Service "${service}" has no split and no routes.`);
    await savePushed(context, save, withService(store.current, service, { ...record, live: null, split: null, returnTo: null, routing: null, generation: record.generation + 1 }));
  });
}
