import { DateTime } from "luxon";
import type { Diagnostic } from "./diagnostic.js";
import { instantsOf, jumpsBetween, wallClock } from "./local-time.js";
import type { WindowSettings } from "./window-settings.js";

type Allow = WindowSettings["allow"][number];
type Deny = WindowSettings["deny"][number];

/** A moment at which the window opens. */
export interface Opening {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** ISO 8601 with the zone's offset, such as `2026-12-27T08:00:00+01:00`. */
  readonly iso: string;
  /** For a person: `Sunday 2026-12-27 at 08:00 (Europe/Berlin)`. */
  readonly words: string;
}

/** Whether production may be changed at some moment, by which rule, and if not, when. */
export type WindowState =
  | { readonly open: true; readonly rule: string }
  | {
      readonly open: false;
      /** `denied`: somebody said that nothing may begin; `outside`: no time that is allowed. */
      readonly by: "denied" | "outside";
      /** One sentence: the deny's reason, or what is allowed. */
      readonly rule: string;
      /** Null when it does not open within LOOK_AHEAD_DAYS. */
      readonly opens: Opening | null;
    };

/** How far ahead an opening is looked for, in days. */
export const LOOK_AHEAD_DAYS = 366;

const DAY = 86_400_000;
const ALWAYS = "No window is set, so changes may begin at any time.";

/**
 * Whether the window is open at an instant. `allow` is about the clock on the wall: a time that exists twice is allowed twice, one that is jumped over not at
 * all. `deny` beats `allow`, and where its bounds exist twice or not at all, the longer time is meant.
 * @param at milliseconds since 1970
 * @param settings undefined: always open
 */
export function windowAt(settings: WindowSettings | undefined, at: number): WindowState {
  if (settings === undefined) return { open: true, rule: ALWAYS };
  const here = stateAt(settings, at);
  if (here.open) return here;
  return { ...here, opens: nextOpening(settings, at) };
}

/** Whether the window is open at an instant, and nothing else. */
export function isOpenAt(settings: WindowSettings | undefined, at: number): boolean {
  return settings === undefined || stateAt(settings, at).open;
}

function stateAt(settings: WindowSettings, at: number): WindowState {
  const { allow, deny, timezone } = settings;
  const denied = deny.filter((each) => covers(each, at, timezone));
  if (denied.length > 0) {
    const rule = denied.map(({ from, to, reason }) => `Nothing may begin from ${from} to ${to} (${timezone}): ${reason}`).join(" ");
    return { open: false, by: "denied", rule, opens: null };
  }
  const wall = wallClock(at, timezone);
  const allowed = allow.find((each) => allows(each, wall));
  if (allowed !== undefined) return { open: true, rule: `Changes may begin ${inWords(allowed)} (${timezone}).` };
  if (allow.length === 0) return { open: true, rule: "Changes may begin at any time that is not denied." };
  return { open: false, by: "outside", rule: `Changes may begin ${allow.map(inWords).join("; ")} (${timezone}).`, opens: null };
}

function allows({ days, from, to }: Allow, wall: DateTime): boolean {
  const minute = wall.hour * 60 + wall.minute;
  const [begins, ends] = [minutesOf(from), minutesOf(to)];
  const isDay = (weekday: number) => days.some((day) => DAYS.indexOf(day) === (weekday + 6) % 7);
  if (begins <= ends) return isDay(wall.weekday) && begins <= minute && minute < ends;
  return (isDay(wall.weekday) && begins <= minute) || (isDay(wall.weekday - 1) && minute < ends);
}

function covers(deny: Deny, at: number, zone: string): boolean {
  const { first, last } = boundsOf(deny, zone);
  return first <= at && at < last;
}

/** From the first moment that can be meant to the last. */
function boundsOf({ from, to }: Deny, zone: string): { readonly first: number; readonly last: number } {
  return { first: momentsOf(from, zone).first, last: momentsOf(to, zone).last };
}

function momentsOf(text: string, zone: string): { readonly first: number; readonly last: number } {
  if (!/(Z|[+-]\d\d:?\d\d)$/.test(text)) return instantsOf(DateTime.fromISO(text, { zone: "UTC" }).toMillis(), zone);
  const at = DateTime.fromISO(text).toMillis();
  return { first: at, last: at };
}

/** The window changes only where an allowed time begins, a denied one ends, or the clock jumps: the first of these at which it is open. */
function nextOpening(settings: WindowSettings, after: number): Opening | null {
  const { timezone: zone, allow, deny } = settings;
  const ends = deny.map((each) => boundsOf(each, zone).last);
  const begins = [...new Set([0, ...allow.map(({ from }) => minutesOf(from))])];
  const today = wallClock(after, zone);
  const midnight = Date.UTC(today.year, today.month - 1, today.day);
  const limit = after + LOOK_AHEAD_DAYS * DAY;
  for (let day = midnight; day <= midnight + (LOOK_AHEAD_DAYS + 1) * DAY; day += DAY) {
    const [from, to] = [instantsOf(day, zone).first, instantsOf(day + DAY, zone).last];
    // The midnight that ends the day may exist twice, and its first time lies before this day's end.
    const candidates = [...Object.values(instantsOf(day + DAY, zone)), ...begins.flatMap((minute) => Object.values(instantsOf(day + minute * 60_000, zone))), ...ends.filter((end) => from <= end && end <= to), ...jumpsBetween(from, to, zone)];
    const found = candidates.filter((at) => after < at && at <= limit).sort((a, b) => a - b).find((at) => stateAt(settings, at).open);
    if (found !== undefined) return openingAt(found, zone);
  }
  return null;
}

function openingAt(at: number, zone: string): Opening {
  const wall = wallClock(at, zone).setLocale("en-GB");
  return { at, iso: wall.toISO({ suppressMilliseconds: true }) ?? "", words: `${wall.toFormat("cccc yyyy-MM-dd 'at' HH:mm")} (${zone})` };
}

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function inWords({ days, from, to }: Allow): string {
  const which = days.length === DAYS.length ? "every day" : days.join(", ");
  return `${which} from ${from} to ${to}${minutesOf(to) < minutesOf(from) ? " of the next day" : ""}`;
}

/** Rules that can never hold, a mistake each: an allowed time of no length, and a denied time that ends before it begins. */
export function windowMistakes(settings: WindowSettings | undefined): Diagnostic[] {
  if (settings === undefined) return [];
  const empty = settings.allow.flatMap(({ from, to }, index) => (from === to ? [{ path: `mission:window.allow[${index}]`, message: `is from ${from} to ${to}, which is no time at all; for the whole day leave both out.` }] : []));
  const turned = settings.deny.flatMap((deny, index) => {
    const { first, last } = boundsOf(deny, settings.timezone);
    return first < last ? [] : [{ path: `mission:window.deny[${index}]`, message: `ends at ${deny.to}, which is not after ${deny.from}; it would deny nothing.` }];
  });
  return [...empty, ...turned];
}
