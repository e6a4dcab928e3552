import type { Gates } from "../../model/gates.js";
import type { ReleasedSubject } from "../mission/subject.js";
import { openAdapter } from "../platforms/open-adapter.js";
import { configAskingForApproval } from "../policies/pack-approval.js";
import { packDirectory } from "../policies/policy-pack.js";
import { openStore } from "../store/open-store.js";
import type { PerEnvironment, PlanInputs } from "./plan-inputs.js";
import type { PreviewSummary } from "./preview-summary.js";
import { previewRelease } from "./preview.js";
import { countTraffic } from "./traffic-seen.js";

/** What a preview of both stacks says. */
export type Previews = PerEnvironment<PreviewSummary>;

/** How inputs are gathered. */
export interface Gathering {
  /** Whether a person approves each further step. */
  readonly pause?: boolean;
  /** Default: the engine is asked now. */
  readonly previews?: () => Promise<Previews>;
}

/**
 * Looks at both environments, and asks the engine for a preview of both stacks. Changes nothing of them.
 * @throws UserError when a stack's file cannot be used, a platform is none of ours, or there is no engine
 */
export async function gatherInputs(subject: ReleasedSubject, { pause = false, previews = () => previewBoth(subject) }: Gathering = {}): Promise<PlanInputs> {
  const { staging, production } = subject;
  const [inStaging, inProduction] = await Promise.all([openAdapter(staging.stack), openAdapter(production.stack)]);
  const store = openStore();
  const before = await inProduction.describe();
  const trafficSince = await countTraffic(inProduction, Object.keys(before));
  const preview = await previews();
  return {
    subject,
    observed: { staging: await inStaging.describe(), production: await inProduction.describe() },
    capabilities: { staging: inStaging.capabilities, production: inProduction.capabilities },
    standing: { staging: await store.standing(staging.stack), production: await store.standing(production.stack) },
    now: Date.now(),
    traffic: await trafficSince(),
    pause,
    planApproval: configAskingForApproval(packDirectory()) !== null,
    preview,
  };
}

/**
 * What an `up` of the release would change in both stacks, and what this project's policy pack says of it.
 * @param gates the evidence that there is by now
 */
export async function previewBoth({ staging, production, release }: ReleasedSubject, gates?: Gates): Promise<Previews> {
  const judging = { pack: { directory: packDirectory(), pinned: null }, gates };
  const [inStaging, inProduction] = await Promise.all([previewRelease(staging, release, judging), previewRelease(production, release, judging)]);
  return { staging: inStaging, production: inProduction };
}
