import type { ReleasedSubject } from "../mission/subject.js";
import { openAdapter } from "../platforms/open-adapter.js";
import { openStore } from "../store/open-store.js";
import type { PlanInputs } from "./plan-inputs.js";
import { previewRelease } from "./preview.js";
import { countTraffic } from "./traffic-seen.js";

/**
 * Looks at both environments, and asks the engine for a preview of both stacks. Changes nothing of them.
 * @throws UserError when a stack's file cannot be used, a platform is none of ours, or there is no engine
 */
export async function gatherInputs(subject: ReleasedSubject, { pause = false }: { readonly pause?: boolean } = {}): Promise<PlanInputs> {
  const { staging, production, release } = subject;
  const [inStaging, inProduction] = await Promise.all([openAdapter(staging.stack), openAdapter(production.stack)]);
  const store = openStore();
  const before = await inProduction.describe();
  const trafficSince = await countTraffic(inProduction, Object.keys(before));
  const [stagingPreview, productionPreview] = await Promise.all([staging, production].map(({ stack, environment }) => previewRelease({ stack, environment }, release)));
  if (stagingPreview === undefined || productionPreview === undefined) throw new Error("A preview is missing.");
  return {
    subject,
    observed: { staging: await inStaging.describe(), production: await inProduction.describe() },
    capabilities: { staging: inStaging.capabilities, production: inProduction.capabilities },
    standing: { staging: await store.standing(staging.stack), production: await store.standing(production.stack) },
    now: Date.now(),
    traffic: await trafficSince(),
    pause,
    preview: { staging: stagingPreview, production: productionPreview },
  };
}
