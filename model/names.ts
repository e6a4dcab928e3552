import { z } from "zod";

/** Name of an application, service or stack: lower-case letters, digits and dashes; 1 to 40 characters; a letter first. */
export const nameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, "allowed are 1 to 40 lower-case letters, digits and dashes, a letter first");

const RESERVED = ["PORT", "HOST", "DATABASE_URL", "PATH", "HOME"];
/** The engine takes an object whose only key is this for an encrypted value. */
const ENGINE_WORD = "secure";

/** Name of an environment variable that an application may define. */
export const variableNameSchema = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "allowed are letters, digits and underscores, no digit first")
  .refine((name) => name !== ENGINE_WORD, { error: `"${ENGINE_WORD}" means an encrypted value in a stack file; use another name` })
  .refine((name) => !RESERVED.includes(name) && !name.startsWith("MISSION_"), {
    error: `${RESERVED.join(", ")} and names that begin with MISSION_ are set by the platform; use another name`,
  });

/** A version: letters, digits, dots, dashes, plus signs and underscores; 1 to 80 characters. */
export const versionSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,79}$/, "allowed are 1 to 80 letters, digits, dots, dashes, plus signs and underscores");
