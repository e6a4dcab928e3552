/** Figures of one measured thing. */
export interface Figures {
  readonly median: number;
  readonly p99: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/** Median, nearest-rank p99 and range of some samples. */
export function figuresOf(samples: readonly number[]): Figures {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
  return { median: at(0.5), p99: at(0.99), min: at(0), max: at(1), count: sorted.length };
}

/** One row of a bench's output: words, then figures. */
export function row(name: string, figures: Figures, unit = "ms"): string {
  const show = (value: number) => value.toFixed(value < 10 ? 2 : 0);
  return `${name.padEnd(52)} median ${show(figures.median)} ${unit}, p99 ${show(figures.p99)}, min ${show(figures.min)}, max ${show(figures.max)} (n = ${figures.count})`;
}

/** Milliseconds that something takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}
