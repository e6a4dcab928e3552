/** The longest that a rollback may take, milliseconds: a promise of the README. */
export const ROLLBACK_LIMIT_MS = 300_000;

/** The longest time without an answer, milliseconds: a promise of the README. */
export const DOWNTIME_LIMIT_MS = 30_000;
