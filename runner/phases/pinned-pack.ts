import { EXIT } from "../errors.js";
import { packDirectory, PackRefusal, type PolicyPack } from "../policies/policy-pack.js";
import type { MissionContext } from "./mission-context.js";

/** The pack that the mission's plan was judged by: every `up` of the mission is judged by that one. @throws PackRefusal (refused) when the plan pins none */
export function pinnedPack({ steps, subject }: Pick<MissionContext, "steps" | "subject">): PolicyPack {
  const recorded = steps.recorded("plan/document") as { readonly json?: { readonly decided?: { readonly policies?: { readonly pack?: string | null } } } } | undefined;
  const pinned = recorded?.json?.decided?.policies?.pack ?? null;
  if (pinned === null) throw new PackRefusal(EXIT.refused, `The plan of mission "${subject.id}" pins no policy pack, so nothing of it may be deployed. Begin the mission anew.`);
  return { directory: packDirectory(), pinned };
}
