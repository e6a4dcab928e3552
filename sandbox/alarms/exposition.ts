/** One line of a metrics exposition. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/**
 * Reads Prometheus' text format, as prom-client writes it. Lines that are not understood, and values that are no finite numbers, are left
 * out: they are no data.
 */
export function parseExposition(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const match = line.startsWith("#") ? null : LINE.exec(line);
    const value = Number(match?.[3]);
    if (match === null || match[1] === undefined || !Number.isFinite(value)) return [];
    const labels = [...(match[2] ?? "").matchAll(LABEL)].map(([, name = "", text = ""]) => [name, unescape(text)] as const);
    return [{ name: match[1], labels: new Map(labels), value }];
  });
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_all, character: string) => (character === "n" ? "\n" : character));
}
