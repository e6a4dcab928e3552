import { stripVTControlCharacters } from "node:util";
import { CONSOLE_FORMATS } from "./console-formats.js";
import { shownNames, type Counted } from "./test-counts.js";

/** Characters of a test run's output that are kept to be counted; of more, the last ones. */
const KEPT_CHARACTERS = 16 * 1024 * 1024;

/** Keeps what a test run prints, for `countsInOutput`. */
export class KeptOutput {
  #text = "";

  add(text: string): void {
    this.#text += text;
    if (this.#text.length > 2 * KEPT_CHARACTERS) this.#text = this.#text.slice(-KEPT_CHARACTERS);
  }

  text(): string {
    return this.#text.slice(-KEPT_CHARACTERS);
  }
}

/**
 * Reads how many tests ran from what they printed: node --test, TAP, mocha, jest, vitest, pytest, go test, or a line `N passed, N failed, N skipped`. Where
 * several runners have printed (one that runs another, or prints its own line below), the one whose summary is last counts, with all of its
 * summaries added up; but failures that another one tells of do not go unheard.
 */
export function countsInOutput(output: string): Counted {
  const text = `${stripVTControlCharacters(output).replace(/\r\n?/g, "\n")}\n`;
  const read = CONSOLE_FORMATS.map((format) => ({ format, summaries: format.summaries(text) })).filter(({ summaries }) => summaries.length > 0);
  const last = (each: (typeof read)[number]) => Math.max(...each.summaries.map(({ at }) => at));
  const [chosen] = [...read].sort((a, b) => last(b) - last(a));
  if (chosen === undefined) {
    return { ok: false, problems: ["What the tests printed has no summary that is understood (node --test, TAP, mocha, jest, vitest, pytest, go test); make them write JUnit XML or CTRF JSON, and name the file as \"report\" under \"test\" in mission.yaml."] };
  }
  const sum = (summaries: typeof chosen.summaries, field: "passed" | "failed" | "skipped") => summaries.reduce((whole, each) => whole + each[field], 0);
  const passed = sum(chosen.summaries, "passed");
  const failed = Math.max(...read.map(({ summaries }) => sum(summaries, "failed")));
  const names = failed === 0 ? [] : read.flatMap(({ format: { failures } }) => (failures === null ? [] : [...text.matchAll(failures)].map(([, name = ""]) => name.trim())));
  return { ok: true, counts: { executed: passed + failed, passed, failed, skipped: sum(chosen.summaries, "skipped"), source: `${chosen.format.source} output`, digest: null, failedNames: shownNames(names) } };
}
