import type { EnvironmentSettings } from "../../model/environment-settings.js";

/**
 * How long a watch may last when its verdict stays INCONCLUSIVE; then it fails. Three times as long, at least 15 s more, as the watch does it.
 * @param milliseconds the length that was asked for
 */
export function longestWatch(milliseconds: number): number {
  return Math.max(3 * milliseconds, milliseconds + 15_000);
}

/** How long the live release is recorded for, before anything moves, milliseconds. */
export const RECORDED_MS = 10_000;

/** What one gated `up` is assumed to take, milliseconds: on the sandbox 2 to 7 s were measured (bench/README.md); elsewhere it is a guess, and called one. */
export const UP_MS: Readonly<Record<EnvironmentSettings["platform"], number>> = { sandbox: 5_000, aws: 60_000, kubernetes: 60_000, netlify: 60_000, railway: 60_000 };

/** A time for a person: `5 s`, `2 min 30 s`, `1 h 5 min`. @param milliseconds >= 0 */
export function inWords(milliseconds: number): string {
  if (milliseconds < 1_000) return `${milliseconds} ms`;
  const seconds = Math.ceil(milliseconds / 1_000);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 3_600), "h"],
    [Math.floor((seconds % 3_600) / 60), "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts.slice(first, first + 2).flatMap(([count, unit]) => (count > 0 ? [`${count} ${unit}`] : [])).join(" ");
}
