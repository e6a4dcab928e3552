import { z } from "zod";
import { digestSchema } from "../model/digest.js";
import { nameSchema } from "../model/names.js";
import { releaseSchema } from "../model/release.js";

export const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";

/** Field of every predicate that says what a statement is about besides the digests; named as SLSA asks of extension fields. */
export const BINDING = "missionDeploy_binding";

/** What a statement is bound to, besides the artifacts. Null: the statement is about every one of that kind (an environment, a configuration), or there is none (a commit). */
export const bindingSchema = z.strictObject({
  application: nameSchema,
  environment: z.enum(["staging", "production"]).nullable(),
  commit: releaseSchema.shape.commit,
  /** Digest of the environment's configuration. */
  configuration: digestSchema.nullable(),
  /** Id of the mission that made it. */
  mission: z.string().min(1),
  /** ISO 8601, in UTC. */
  issuedAt: z.iso.datetime(),
  /** ISO 8601, in UTC: from then on it counts no more. */
  expiresAt: z.iso.datetime(),
});
export type Binding = z.output<typeof bindingSchema>;

const subjectSchema = z.object({ name: nameSchema, digest: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }) });

/**
 * An in-toto statement of ours. Each subject is one service: its name, and as `sha256` the 64 digits of its artifact's digest, which is the SHA-256
 * of the artifact's listing (`artifacts/tree-digest.ts`). Everything else that it is bound to stands in `predicate.missionDeploy_binding`.
 */
export const statementSchema = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(subjectSchema).min(1),
  predicateType: z.string().min(1),
  predicate: z.looseObject({ [BINDING]: bindingSchema }),
});
export type Statement = z.output<typeof statementSchema>;

/** What is to be stated. */
export interface Claim {
  /** See `predicate-types.ts`. */
  readonly type: string;
  /** What the type's definition asks for; holds no secret and no path of this machine. */
  readonly predicate: Readonly<Record<string, unknown>>;
  /** Digest of the artifact by service: `sha256:` and 64 digits; at least one. */
  readonly subjects: Readonly<Record<string, string>>;
  readonly application: string;
  readonly environment: Binding["environment"];
  readonly commit: string | null;
  readonly configuration: string | null;
  readonly mission: string;
}

/** How long a statement counts, where nobody says otherwise: 7 days. */
export const VALID_MS = 7 * 24 * 60 * 60 * 1_000;

/**
 * Makes a statement of a claim.
 * @param validMs how long it counts, in milliseconds, more than 0
 * @throws Error when the claim is not one: no subject, a digest that is none, a predicate with a binding of its own
 */
export function statementOf(claim: Claim, issuedAt: Date, validMs: number = VALID_MS): Statement {
  const { type, predicate, subjects, application, environment, commit, configuration, mission } = claim;
  if (BINDING in predicate) throw new RangeError(`The predicate has a field "${BINDING}" of its own; the binding is added here.`);
  if (!(validMs > 0)) throw new RangeError(`A statement counts for more than 0 ms, not for ${validMs}.`);
  const expiresAt = new Date(issuedAt.getTime() + validMs);
  const binding: Binding = { application, environment, commit, configuration, mission, issuedAt: issuedAt.toISOString(), expiresAt: expiresAt.toISOString() };
  const subject = Object.entries(subjects)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, digest]) => ({ name, digest: { sha256: digestSchema.parse(digest).slice("sha256:".length) } }));
  return statementSchema.parse({ _type: STATEMENT_TYPE, subject, predicateType: type, predicate: { ...predicate, [BINDING]: binding } });
}
