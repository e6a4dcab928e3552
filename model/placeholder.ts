/** What stands for a value that somebody meant to put in later, each with how it is called. */
const PLACEHOLDERS: readonly (readonly [RegExp, string])[] = [
  [/change[-_ ]?me/i, "a placeholder"],
  [/replace[-_ ]?me/i, "a placeholder"],
  [/^(todo|fixme|tbd|placeholder|dummy)$/i, "a placeholder"],
  [/^(TODO|FIXME|TBD)\b|\b(TODO|FIXME):/, "a note to do something"],
  [/^x{3,}$/i, "a placeholder"],
  [/x{4,}/i, "a placeholder"],
  [/^<[^<>]*>$/, "a placeholder"],
  // Inside other text only where no markup is meant: in an address.
  [/(?<=(:\/\/|@)[^\s<]*)<[^<>/]+>/, "a placeholder"],
  [/\$\{[^}]*\}/, "a reference that nothing replaces"],
  [/\{\{[^}]*\}\}/, "a reference that nothing replaces"],
  [/(?<!\S)\S*\byour[-_]\S*[-_]here\b/i, "a placeholder"],
  [/^your[-_]\S*[-_](key|token|secret|password|url|host|domain|id)$/i, "a placeholder"],
  // RFC 2606 and RFC 6761: names that never lead anywhere.
  [/(?<![\w-])(?:[\w-]+\.)*example\.(?:com|org|net)(?![\w-])/i, "a host for examples (RFC 2606)"],
  [/(?<=(?:\/\/|@|^)(?:[\w-]+\.)*)[\w-]+\.(?:invalid|example|test)(?=$|[:/?#])/i, "a host that never exists (RFC 6761)"],
];

/** Characters of a value that are looked at; nobody's placeholder comes later. */
const LOOKED_AT = 4_096;

/** A part of a value that was never meant to be deployed. */
export interface Placeholder {
  /** As it stands in the value. */
  readonly text: string;
  /** What it is, such as `a placeholder`. */
  readonly kind: string;
}

/** The first placeholder in a value; null when it holds none. Says nothing of an empty value. */
export function placeholderIn(value: string): Placeholder | null {
  const start = value.trim().slice(0, LOOKED_AT);
  for (const [pattern, kind] of PLACEHOLDERS) {
    const found = pattern.exec(start);
    if (found !== null) return { text: found[0], kind };
  }
  return null;
}
