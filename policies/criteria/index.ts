import type { Rule } from "../rule.js";

/** The mission's criteria, in the order in which a person would want to read their refusals. */
export const CRITERIA: readonly Rule[] = [];
