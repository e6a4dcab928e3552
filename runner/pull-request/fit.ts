/** One part of a comment. `body` can be cut, `head` and `tail` cannot. */
export interface Section {
  readonly head: readonly string[];
  readonly body: readonly string[];
  readonly tail?: readonly string[];
  /** Sections with a lower rank are cut first. */
  readonly rank: number;
}

/**
 * Puts sections together, with a blank line between them. What is longer than the limit is cut at ends of lines, from the least important section on, and every
 * section that is cut says so.
 * @param limit characters (UTF-16 units); the heads and tails must fit
 */
export function fit(sections: readonly Section[], limit = Infinity): string {
  let current = sections;
  for (const rank of [...new Set(sections.map((section) => section.rank))].sort((a, b) => a - b)) {
    const over = joined(current).length - limit;
    if (over <= 0) break;
    current = cutRank(current, rank, over);
  }
  return joined(current);
}

function cutRank(sections: readonly Section[], rank: number, over: number): readonly Section[] {
  let left = over;
  return sections.map((section) => {
    if (section.rank !== rank || left <= 0 || section.body.length === 0) return section;
    const cut = cutSection(section, left);
    left -= textOf(section).length - textOf(cut).length;
    return cut;
  });
}

function cutSection(section: Section, over: number): Section {
  const target = textOf(section).length - over;
  // How many lines fit is found by halving: a section may have thousands.
  let [fits, tooMany] = [0, section.body.length];
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (textOf(shortened(section, middle)).length <= target) fits = middle;
    else tooMany = middle;
  }
  return shortened(section, fits);
}

function shortened(section: Section, lines: number): Section {
  return { ...section, body: [...section.body.slice(0, lines), "", `*Cut to fit into a comment: ${lines} of ${section.body.length} lines are shown; \`./mission preview\` prints all.*`] };
}

function textOf({ head, body, tail = [] }: Section): string {
  return [...head, ...body, ...tail].join("\n").trimEnd();
}

function joined(sections: readonly Section[]): string {
  return `${sections.map(textOf).join("\n\n")}\n`;
}
