import { canonicalJson, digestOf } from "../../model/digest.js";
import type { JournalLine } from "../mission/journal-port.js";

/** What the first line of a journal follows. */
export const GENESIS = "genesis";

/** A line as it stands in the file: its number from 0, the hash of the line before, its own. */
export interface ChainedLine {
  readonly seq: number;
  readonly at: string;
  readonly previous: string;
  readonly line: JournalLine;
  readonly hash: string;
}

/** Number and hash of a journal's last line: whoever knows it can tell whether a journal was cut or changed. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** The next line of a chain. `at` is ISO 8601. */
export function chained(line: JournalLine, at: string, head: Head | null): ChainedLine {
  const body = { seq: head === null ? 0 : head.seq + 1, at, previous: head?.hash ?? GENESIS, line };
  return { ...body, hash: digestOf(canonicalJson(body)) };
}

/** Why a line does not follow another, as the end of a sentence; undefined when it does. */
export function breakOf(value: unknown, head: Head | null): string | undefined {
  if (typeof value !== "object" || value === null) return "is no object";
  const { hash, ...body } = value as Partial<ChainedLine>;
  const seq = head === null ? 0 : head.seq + 1;
  if (body.seq !== seq) return `has number ${JSON.stringify(body.seq)}, where ${seq} must follow`;
  if (body.previous !== (head?.hash ?? GENESIS)) return "does not follow the line before it";
  if (hash !== digestOf(canonicalJson(body))) return "has been changed: its hash does not match";
  if (typeof body.line !== "object" || body.line === null || typeof body.line.kind !== "string" || typeof body.line.id !== "string") return "holds no journal line";
  return undefined;
}
