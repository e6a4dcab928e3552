import { z } from "zod";

/** A percentage in configuration, between two bounds (both allowed), such as `1%`. Stays text, so that it is written back as it was read. */
export const percentSchema = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?%$/, "allowed is a percentage such as 1%")
    .refine((text) => Number(text.slice(0, -1)) >= minimum && Number(text.slice(0, -1)) <= maximum, { error: `allowed is ${minimum}% to ${maximum}%` });

/** `0.5%` as a share: 0.005. */
export function shareOfPercent(text: string): number {
  return Number(text.slice(0, -1)) / 100;
}
