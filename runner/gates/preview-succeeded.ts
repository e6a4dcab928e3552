import type { GateResult } from "../../model/verdict.js";
import type { PreviewSummary } from "../plan/preview-summary.js";

/** Gate `preview-succeeded`: the engine can work out an `up` of every stack with the release; what keeps it from that would keep the `up` as well. */
export function previewSucceeded(previews: readonly PreviewSummary[]): GateResult {
  const said = previews.flatMap(({ stack, counts, errors }) => (counts === null ? [`The preview of stack "${stack}" failed: ${errors.join(" ")}`] : []));
  return {
    gate: "preview-succeeded",
    verdict: previews.length === 0 ? "INCONCLUSIVE" : said.length > 0 ? "FAIL" : "PASS",
    summary: said[0] ?? (previews.length === 0 ? "No stack was previewed." : `The engine has worked out what changes in ${previews.map(({ stack }) => `"${stack}"`).join(" and ")}.`),
    details: said.slice(1),
    measured: Object.fromEntries(previews.map(({ stack, counts }) => [`${stack}.changes`, counts === null ? null : counts.create + counts.update + counts.replace + counts.delete])),
  };
}
