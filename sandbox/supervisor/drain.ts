import { setTimeout as sleep } from "node:timers/promises";
import type { RouterLink } from "./router-link.js";

/** Resolves when the router says that an instance has nothing in flight, or when its time is over. A silent router counts as "something". */
export async function drained(router: RouterLink, id: string, limitMs: number, cancelled: () => boolean): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline && !cancelled()) {
    const inFlight = await router.inFlight().catch(() => undefined);
    if (inFlight !== undefined && (inFlight[id] ?? 0) === 0) return;
    await sleep(Math.min(100, Math.max(1, deadline - performance.now())));
  }
}

/** Resolves when the router has taken the table that is wanted now, however long that takes. */
export async function taken(router: RouterLink, cancelled: () => boolean): Promise<void> {
  while (!cancelled()) {
    try {
      return await router.push();
    } catch {
      await sleep(500);
    }
  }
}
