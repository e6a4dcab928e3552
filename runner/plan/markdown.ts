/** A table; texts may hold anything, and stay in their cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [row(head), row(head.map(() => "---")), ...rows.map(row)];
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(" | ")} |`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/\s*\r?\n\s*/g, "<br>");
}

/** A list; a sentence of several lines stays in its item. */
export function bullets(sentences: readonly string[]): string[] {
  return sentences.map((sentence) => `- ${sentence.replace(/\r?\n/g, "\n  ")}`);
}

/** Somebody else's Markdown, so that its headings and lists stay apart from ours. */
export function quoted(text: string): string[] {
  return text.trimEnd().split(/\r?\n/).map((line) => (line === "" ? ">" : `> ${line}`));
}
