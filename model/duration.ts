import { z } from "zod";

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const FORM = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/**
 * Milliseconds of a duration such as `500ms`, `30s`, `10m`, `1h`.
 * @throws RangeError for any other text and for fractions of a millisecond.
 */
export function parseDuration(text: string): number {
  const match = FORM.exec(text);
  const milliseconds = match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : Number.NaN;
  if (!Number.isInteger(milliseconds)) {
    throw new RangeError(`"${text}" is not a duration; allowed is a number with ms, s, m or h, such as 30s.`);
  }
  return milliseconds;
}

/** A duration in its largest whole unit: 90000 is `90s`, 120000 is `2m`. */
export function formatDuration(milliseconds: number): string {
  for (const unit of ["h", "m", "s"] as const) {
    if (milliseconds >= UNITS[unit] && milliseconds % UNITS[unit] === 0) return `${milliseconds / UNITS[unit]}${unit}`;
  }
  return `${milliseconds}ms`;
}

/**
 * A duration in configuration, between two bounds (both allowed).
 * Stays text in the model, so that it is written back as it was read.
 */
export function durationSchema(minimum: string, maximum: string) {
  const range = `allowed is a duration from ${minimum} to ${maximum}, such as 30s`;
  return z.string().superRefine((text, context) => {
    let value: number;
    try {
      value = parseDuration(text);
    } catch {
      context.addIssue({ code: "custom", message: range });
      return;
    }
    if (value < parseDuration(minimum) || value > parseDuration(maximum)) context.addIssue({ code: "custom", message: range });
  });
}
