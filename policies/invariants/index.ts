import type { Rule } from "../rule.js";

/** What holds for every service at any time, in any transition. */
export const INVARIANTS: readonly Rule[] = [];
