import { z } from "zod";

const timeSchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, "allowed is a time from 00:00 to 24:00");
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** When production may be changed; what it says is judged in its own time zone. */
export const windowSchema = z.strictObject({
  timezone: z
    .string()
    .refine((name) => isZone(name), { error: "allowed is the name of a time zone such as Europe/Berlin or UTC" })
    .default("UTC")
    .describe("Time zone that days and times are meant in, such as Europe/Berlin. Default UTC."),
  allow: z
    .array(
      z.strictObject({
        days: z.array(z.enum(DAYS)).min(1).default([...DAYS]).describe("Days of the week. Default: every day."),
        from: timeSchema.default("00:00").describe("Beginning, HH:MM. Default 00:00."),
        to: timeSchema.default("24:00").describe("End, HH:MM, not included; before `from` it is one of the next day. Default 24:00."),
      }),
    )
    .default([])
    .describe("When changes may begin. Default: always."),
  deny: z
    .array(
      z.strictObject({
        from: z.iso.datetime({ local: true, offset: true }).describe("Beginning, such as 2026-12-20T00:00 (in the time zone above) or with an offset."),
        to: z.iso.datetime({ local: true, offset: true }).describe("End, not included."),
        reason: z.string().min(1).describe("Why, for whoever is refused."),
      }),
    )
    .default([])
    .describe("When nothing may begin, whatever `allow` says."),
});
export type WindowSettings = z.output<typeof windowSchema>;

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
