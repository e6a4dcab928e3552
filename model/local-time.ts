import { DateTime } from "luxon";

/*
 * Between the clock on the wall and the time line. A time on the wall exists once on most days, not at all where clocks go forward, and twice where they
 * go back; nothing here guesses which one is meant.
 */

/** The clock on the wall at an instant. @param at milliseconds since 1970 */
export function wallClock(at: number, zone: string): DateTime {
  return DateTime.fromMillis(at, { zone });
}

/** What the wall shows at an instant, as milliseconds since 1970 had that been UTC. */
function shown(at: number, zone: string): number {
  return at + wallClock(at, zone).offset * 60_000;
}

/** More than the largest jump that a zone's clock ever made: Samoa left out a whole day. */
const LARGEST_JUMP = 25 * 3_600_000;

/**
 * The first and the last instant at which the wall shows a time. They are one and the same for most times; an hour apart, say, for one that exists
 * twice; for one that does not exist both are the moment at which it is jumped over.
 * @param local the time as milliseconds since 1970 had it been UTC
 */
export function instantsOf(local: number, zone: string): { readonly first: number; readonly last: number } {
  const offsets = [local - LARGEST_JUMP, local + LARGEST_JUMP].map((at) => shown(at, zone) - at);
  const found = [...new Set(offsets)].map((offset) => local - offset).filter((at) => shown(at, zone) === local);
  if (found.length > 0) return { first: Math.min(...found), last: Math.max(...found) };
  const jump = firstAtLeast(local, local - Math.max(...offsets), local - Math.min(...offsets), zone);
  return { first: jump, last: jump };
}

/** Where a zone's clock jumps between two instants. @returns the first instant after each jump, oldest first */
export function jumpsBetween(from: number, to: number, zone: string): number[] {
  const jumps: number[] = [];
  // No zone changes its clock twice within a day.
  for (let start = from; start < to; start += 86_400_000) {
    const end = Math.min(start + 86_400_000, to);
    const offset = wallClock(start, zone).offset;
    if (wallClock(end, zone).offset === offset) continue;
    jumps.push(bisect(start, end, (at) => wallClock(at, zone).offset !== offset));
  }
  return jumps;
}

function firstAtLeast(local: number, from: number, to: number, zone: string): number {
  return bisect(from - 1, to, (at) => shown(at, zone) >= local);
}

/** The first millisecond in `]from, to]` at which something is so; it is not so at `from`, and stays so once it is. */
function bisect(from: number, to: number, isSo: (at: number) => boolean): number {
  let [not, so] = [from, to];
  while (so - not > 1) {
    const middle = Math.floor((not + so) / 2);
    if (isSo(middle)) so = middle;
    else not = middle;
  }
  return so;
}
