import type { z } from "zod";
import { diagnose } from "../model/diagnostic.js";
import { envelopeSchema, type Envelope } from "./dsse.js";
import { statementSchema, type Statement } from "./statement.js";

/** What bytes hold, or what is wrong with them, as the end of a sentence whose subject is the evidence. */
export type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** Reads the bytes of an envelope. */
export function readEnvelope(bytes: Buffer): Reading<Envelope> {
  return parse(bytes, envelopeSchema, "is no DSSE envelope");
}

/** Reads the statement in a payload. */
export function statementIn(payload: Buffer): Reading<Statement> {
  return parse(payload, statementSchema, "holds no in-toto statement of ours");
}

function parse<T>(bytes: Buffer, schema: z.ZodType<T>, what: string): Reading<T> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return { ok: false, problem: `${what}: it is no JSON in UTF-8.` };
  }
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  const mistakes = diagnose(result.error, value).map(({ path, message }) => `"${path}" ${message}`);
  return { ok: false, problem: `${what}: ${mistakes.join(" ")}` };
}
