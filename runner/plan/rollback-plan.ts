import { parseDuration } from "../../model/duration.js";
import type { EnvironmentSettings } from "../../model/environment-settings.js";
import { ROLLBACK_LIMIT_MS } from "../../model/promises.js";

/** How long it takes at worst until users have the release before again. */
export interface RollbackTimes {
  /** While the old slot is warm: one move of traffic, milliseconds. */
  readonly warmMs: number;
  /** What `warmMs` rests on. */
  readonly basis: "measured" | "limit";
  /** How long it stays warm after `finish`. */
  readonly keepWarm: string;
  /** Once its instances were stopped: they are started first, milliseconds. */
  readonly coldMs: number;
}

/**
 * Worst-case times of a rollback. Warm: the limit that is promised and drilled in staging, or what the drill took. Cold: the time that a slot
 * may take to become ready, and then the same move.
 */
export function rollbackTimes({ keepWarm, progressDeadline }: Pick<EnvironmentSettings, "keepWarm" | "progressDeadline">, drillMs?: number): RollbackTimes {
  const warmMs = drillMs ?? ROLLBACK_LIMIT_MS;
  return { warmMs, basis: drillMs === undefined ? "limit" : "measured", keepWarm, coldMs: parseDuration(progressDeadline) + warmMs };
}
