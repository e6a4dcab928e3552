import { closedInWords } from "../../model/closed-window.js";
import { standingInWords } from "../../model/standing.js";
import { windowAt } from "../../model/window.js";
import { BEFORE_USERS, criterion } from "../criterion.js";
import { waiverFor } from "../waiver-for.js";

/** Production may begin to change now. A waiver stands for the window, never for a freeze or a hold. */
export const windowOpen = criterion({
  name: "window-open",
  description: "The window of production is open, and the stack is neither frozen nor on hold; a signed waiver of a hotfix may stand for the window.",
  severity: "high",
  remediation: "Wait until the window opens; end a freeze with ./mission unfreeze, a hold with ./mission release-hold.",
  demanded: BEFORE_USERS,
  async judge(judged, change) {
    // What has begun goes on: a shift that stops half way is no safer.
    if (change.goesOn) return [];
    const { gated, stack, context } = judged;
    const standing = standingInWords(stack, await context.standing(stack));
    const state = windowAt(gated.window ?? undefined, context.now.getTime());
    if (state.open) return standing;
    const waiver = await waiverFor(judged, change, "window-open");
    return waiver.waived ? standing : [...standing, closedInWords(state), ...waiver.reasons];
  },
});
