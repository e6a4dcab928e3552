import { bullets } from "./markdown.js";
import { ENVIRONMENTS, type PerEnvironment } from "./plan-inputs.js";
import type { PreviewSummary } from "./preview-summary.js";

/** What a first `up` of each stack with this release would change: it brings the release dark, or live where nothing serves. */
export function previewMarkdown(preview: PerEnvironment<PreviewSummary>): string[] {
  return ENVIRONMENTS.flatMap((environment) => [...of(preview[environment]), ""]);
}

function of({ stack, exists, counts, changes, errors }: PreviewSummary): string[] {
  if (counts === null) return [`**${stack}**: the preview failed.`, "", ...bullets(errors)];
  const { create, update, replace, delete: removed, same } = counts;
  const words = `${create} made, ${update} changed, ${replace} replaced, ${removed} removed, ${same} as before`;
  return [`**${stack}**: ${words}${exists ? "" : " (the stack does not exist yet)"}.`, "", ...bullets(changes.length === 0 ? ["No resource of the platform changes."] : changes.map((change) => change.words))];
}
