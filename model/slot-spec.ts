import { createHmac } from "node:crypto";
import { z } from "zod";
import { digestOfValue, digestSchema } from "./digest.js";
import { nameSchema, variableNameSchema } from "./names.js";
import { probeSchema, type Probe } from "./probe.js";
import type { Release } from "./release.js";

/** A secret by reference: a digest keyed with the environment's own key, never the value. */
export type SecretReference = { readonly name: string; readonly keyedDigest: string };

/**
 * What one slot runs: a release together with an environment's configuration. Immutable; a change of either
 * is a new SlotSpec and goes to the free slot. Holds no secret value.
 */
export interface SlotSpec {
  readonly application: string;
  readonly service: string;
  readonly version: string;
  readonly commit: string | null;
  /** Digest of the artifact. */
  readonly digest: string;
  /** Repository of the image, where the artifact is one; left out otherwise. */
  readonly image?: string | undefined;
  readonly command: readonly string[];
  readonly readiness: Probe;
  readonly liveness: Probe | null;
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: readonly SecretReference[];
  readonly database: boolean;
  /** Instances when the slot is at full capacity, >= 1. */
  readonly size: number;
}

/** A SlotSpec as platforms hand it back. */
export const slotSpecSchema: z.ZodType<SlotSpec, unknown> = z.strictObject({
  application: nameSchema,
  service: nameSchema,
  version: z.string(),
  commit: z.string().nullable(),
  digest: digestSchema,
  image: z.string().optional(),
  command: z.array(z.string()),
  readiness: probeSchema,
  liveness: probeSchema.nullable(),
  variables: z.record(variableNameSchema, z.string()),
  secrets: z.array(z.strictObject({ name: variableNameSchema, keyedDigest: z.string() })),
  database: z.boolean(),
  size: z.int().min(1).max(100),
});

/** What an environment adds to a release to make a SlotSpec. */
export interface SlotEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: readonly SecretReference[];
  readonly size: number;
}

/** The SlotSpec of a service of a release. Variables the release does not name are left out. */
export function slotSpec(release: Release, service: string, environment: SlotEnvironment): SlotSpec {
  const released = release.services[service];
  if (released === undefined) throw new RangeError(`Release ${release.version} has no service "${service}".`);
  const variables: Record<string, string> = {};
  for (const [name, fallback] of Object.entries(released.variables).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const value = environment.variables[name] ?? fallback;
    if (value !== null) variables[name] = value;
  }
  return {
    application: release.application,
    service,
    version: release.version,
    commit: release.commit,
    digest: released.digest,
    ...(released.image === undefined ? {} : { image: released.image }),
    command: released.command,
    readiness: released.readiness,
    liveness: released.liveness,
    variables,
    secrets: environment.secrets
      .filter((secret) => released.secrets.includes(secret.name))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    database: released.database,
    size: environment.size,
  };
}

/** Names a SlotSpec: equal specs have equal digests. */
export function specDigest(spec: SlotSpec): string {
  return digestOfValue(spec);
}

/** Reference to a secret's value. `key` is the environment's own (configuration `mission:digestKey`), so that a digest tells nothing to who lacks it. */
export function secretReference(name: string, value: string, key: string): SecretReference {
  return { name, keyedDigest: `hmac-sha256:${createHmac("sha256", key).update(`${name}\0${value}`).digest("hex")}` };
}
