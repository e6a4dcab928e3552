import { closedInWords } from "../../model/closed-window.js";
import { windowAt } from "../../model/window.js";
import type { WindowSettings } from "../../model/window-settings.js";
import type { GateResult } from "../../model/verdict.js";

/**
 * Gate `window-open`: whether a release may begin to get traffic at an instant. The refusal names the rule and says when the window opens.
 * @param at milliseconds since 1970
 */
export function windowOpen(settings: WindowSettings | undefined, at: number): GateResult {
  const state = windowAt(settings, at);
  if (state.open) return { gate: "window-open", verdict: "PASS", summary: state.rule, details: [], measured: { open: true, opens: null } };
  return { gate: "window-open", verdict: "FAIL", summary: closedInWords(state), details: [], measured: { open: false, by: state.by, opens: state.opens?.iso ?? null } };
}
