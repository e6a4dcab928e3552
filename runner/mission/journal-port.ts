/** What can be written into a journal: plain JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One line of a mission's journal, without what the file adds for its chain. */
export interface JournalLine {
  readonly kind: "start" | "phase" | "intent" | "result" | "note" | "terminal";
  /** Name of the step; the same at each attempt to do it. */
  readonly id: string;
  readonly [field: string]: Json;
}

/** The part of a journal that missions need: what was written, and one more line that is on disk when the promise resolves. */
export interface MissionJournal {
  lines(): readonly JournalLine[];
  /** @throws when the line is not on disk for certain; nothing may be done then that the line announces */
  append(line: JournalLine): Promise<void>;
}
