/** Keeps what follows from being taken for a mention, a reference or markup; nobody sees it. */
const BREAK = "\u200b";

/** Characters that a single text of ours may have; what is longer ends with an ellipsis. */
const LONGEST = 1_000;

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", $: "&#36;" };

/**
 * A text that may hold anything, as text in a line, a list or the cell of a table: no markup, no HTML, no link, nobody mentioned, no issue referred to.
 * Several lines become one, joined by `<br>`.
 */
export function inline(text: string): string {
  const shown = [...readable(text).trim()];
  const short = shown.length > LONGEST ? `${shown.slice(0, LONGEST).join("")}…` : shown.join("");
  return unlinked(short)
    .replace(/[&<>|$]/g, (character) => ENTITIES[character] ?? character)
    .replace(/[\\`*_[\]~]/g, (character) => `\\${character}`)
    .replaceAll("://", "&#58;//")
    .replace(/\bwww\./gi, (word) => `${word.slice(0, 3)}${BREAK}.`)
    .replace(/[ \t]*\n\s*/g, "<br>");
}

/** Somebody else's Markdown, which stays Markdown: without HTML, pictures from elsewhere, mentions and references to issues. */
export function foreignMarkdown(text: string): string {
  return unlinked(readable(text))
    .replace(/<(?=[A-Za-z/!?])/g, `<${BREAK}`)
    .replace(/!(?=\[)/g, `!${BREAK}`);
}

/** Without what moves or hides other text; every kind of line end becomes the same one. */
function readable(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, "\n")
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f\u0080-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, "");
}

/** The Git host looks for these in what is shown, whatever the Markdown is; so escaping them is not enough. */
function unlinked(text: string): string {
  return text.replaceAll("@", `@${BREAK}`).replace(/#(?=\d)/g, `#${BREAK}`).replace(/\bGH-(?=\d)/gi, (word) => `${word}${BREAK}`);
}
