/*
 * Markdown (GitHub's) that is safe for any value: what a value holds is shown and never has a meaning. Values come from gates, which quote what applications
 * answer, so they may hold pipes, backticks, tags, line ends and invisible characters.
 */

// Control characters and those that change the direction of writing.
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

/** A value on one line. */
export function oneLine(value: string): string {
  return value.replace(INVISIBLE, " ").trim();
}

/** A value within a paragraph or a cell of a table. */
export function text(value: string): string {
  return (
    oneLine(value)
      .replace(/[\\`*_[\]<>|~#$&]/g, "\\$&")
      // A name behind it would be called.
      .replace(/(^|[^\w])@(?=\w)/g, "$1@\u200b")
      // At the beginning of a line these make lists, rules and headings.
      .replace(/^(\d*)([-+=]|[.)](?=\s|$))/, "$1\\$2")
  );
}

/** A value as code, within a paragraph or a cell: digests, names, commands. */
export function code(value: string): string {
  const line = oneLine(value);
  if (line === "") return "";
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** A table of cells that are Markdown already; empty without rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  // Within code a pipe still ends a cell.
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, "\\|")).join(" | ")} |`;
  return [row(head), row(head.map(() => "---")), ...rows.map(row), ""];
}

/** Commands as a block to copy, one a line. */
export function block(lines: readonly string[]): string[] {
  const plain = lines.map(oneLine);
  const longest = Math.max(2, ...plain.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const fence = "`".repeat(longest + 1);
  return [`${fence}sh`, ...plain, fence, ""];
}

/** Somebody's own Markdown, which cannot reach what stands around it. */
export function quote(markdown: string): string[] {
  return [...markdown.replace(/\r\n?/g, "\n").trimEnd().split("\n").map((line) => `> ${line}`.trimEnd()), ""];
}
