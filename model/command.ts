import { z } from "zod";

/** What an environment variable and an argument of a program can hold. */
export const textSchema = z.string().refine((text) => !/[\0\p{Surrogate}]/u.test(text), { error: "allowed is text without NUL and without halves of characters" });

/** A program and its arguments; a text is run by /bin/sh. */
export const commandSchema = z
  .union([textSchema.regex(/\S/, "allowed is a command line"), z.tuple([textSchema.regex(/\S/, "allowed is the name of a program")], textSchema.min(1))], { error: "allowed is a command line or a list of a program and its arguments" })
  .transform((command) => (typeof command === "string" ? ["/bin/sh", "-c", command] : command));

/** A command line for /bin/sh. */
export const commandLineSchema = z.string().regex(/\S/, "allowed is a command line");
