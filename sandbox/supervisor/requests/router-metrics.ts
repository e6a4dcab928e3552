import type { RouterMetrics } from "../../protocol.js";
import type { Context } from "../context.js";
import { Refusal } from "../refusal.js";
import { RouterSilent } from "../router-admin.js";

/** `GET /v1/metrics` @throws Refusal 503 while no router answers */
export async function routerMetrics({ router }: Context): Promise<RouterMetrics> {
  try {
    const before = router.process.pid;
    const text = await router.metrics();
    const after = router.process.pid;
    if (before === null || before !== after) throw new RouterSilent("The router was started anew in between.");
    return { router: after, at: Date.now(), text };
  } catch (error) {
    if (error instanceof RouterSilent) throw new Refusal(503, error.message, "router");
    throw error;
  }
}
