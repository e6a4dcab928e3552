import { setTimeout as sleep } from "node:timers/promises";

/** Waits some milliseconds. */
export type Pause = (milliseconds: number) => Promise<unknown>;

/** The clock's own; tests give one that does not wait. */
export const realPause: Pause = (milliseconds) => sleep(milliseconds);

/** How long a move back is waited with after the first, second, … attempt that did not show, milliseconds: 30 s in all, so that a platform that is away for a moment does not leave users on a bad release. */
export const BETWEEN_LOOKS_MS: readonly number[] = [0, 100, 400, 1_500, 3_000, 5_000, 10_000, 10_000];

/** The same for one move whose answer was lost: short, because whoever asked for it looks and asks again. */
export const BETWEEN_MOVES_MS: readonly number[] = [0, 100, 200, 300];
