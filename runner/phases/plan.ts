import type { GateResult } from "../../model/verdict.js";
import type { Json } from "../mission/journal-port.js";
import type { EvidenceDesk } from "../evidence/record-evidence.js";
import { planGates } from "../gates/plan-gates.js";
import { signedPlan } from "../gates/signed-plan.js";
import { makePlan } from "../plan/make-plan.js";
import { planMarkdown } from "../plan/plan-markdown.js";
import { gatherInputs, previewBoth, type Previews } from "../plan/gather-inputs.js";
import type { PlanInputs } from "../plan/plan-inputs.js";
import { replaceFile } from "../replace-file.js";
import { gatesOf } from "./gates-of.js";
import { releaseOf, type MissionContext } from "./mission-context.js";

/** The plan of a mission whose release is built: written down with its digest, its gates judged, and signed when all pass. */
export async function plan(context: MissionContext, evidence: EvidenceDesk): Promise<readonly GateResult[]> {
  const { steps, folder, subject, say } = context;
  const earlier = (steps.recorded("validate/gates") ?? []) as unknown as readonly GateResult[];
  const inputs: PlanInputs = { ...(await gatherInputs({ ...subject, release: releaseOf(context) }, { pause: subject.pause, previews: () => previews(context) })), gates: earlier };
  const gates = planGates(inputs);
  const made = makePlan({ ...inputs, gates: [...earlier, ...gates] });
  const markdown = planMarkdown(made);
  await replaceFile(folder.path("plan.md"), markdown);
  const document = await steps.conclude("plan/document", () => Promise.resolve({ digest: made.digest, markdown, json: JSON.parse(JSON.stringify(made)) as Json }));
  say(`  The plan (${made.digest.slice(7, 19)}) is in ${folder.path("plan.md")}`);
  return signedPlan({ ...subject, release: releaseOf(context) }, document, earlier, gates, evidence);
}

/**
 * Whether both environments serve this very release in this very configuration already: the live slots hold it, and the engine would change no leaf.
 * A hotfix looks at production alone.
 */
export async function nothingToDo(context: MissionContext): Promise<boolean> {
  const { subject, adapters } = context;
  const release = releaseOf(context);
  const names = subject.hotfix === null ? (["staging", "production"] as const) : (["production"] as const);
  for (const name of names) {
    const observed = await adapters[name].describe();
    const live = Object.entries(release.services).every(([service, { digest }]) => {
      const now = observed[service];
      const held = now?.live == null ? null : now.slots[now.live];
      return held !== null && held !== undefined && held.spec.version === release.version && held.spec.digest === digest && held.spec.commit === release.commit && now?.split?.of(now.live ?? "blue") === 100;
    });
    if (!live) return false;
  }
  const seen = await previews(context);
  return names.every((name) => seen[name].errors.length === 0 && seen[name].counts !== null && seen[name].changes.length === 0);
}

/** What the engine would do, asked once per mission: a preview changes nothing, but takes seconds. */
async function previews(context: MissionContext): Promise<Previews> {
  const { subject, steps } = context;
  const released = { ...subject, release: releaseOf(context) };
  return (await steps.measure("plan/previews", async () => JSON.parse(JSON.stringify(await previewBoth(released, gatesOf(context)))) as Json)) as unknown as Previews;
}
