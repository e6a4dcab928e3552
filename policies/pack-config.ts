import { z } from "zod";
import { durationSchema } from "../model/duration.js";

/** Whose signature counts for what: an Ed25519 public key, and what it may sign. */
const trustedKeySchema = z.strictObject({
  /** SPKI PEM. */
  publicKey: z.string().min(1),
  /** Who holds it, for people. */
  name: z.string().min(1),
  /** Predicate types that it may sign. */
  types: z.array(z.string().min(1)).min(1),
  environments: z.array(z.enum(["staging", "production"])).min(1),
});

/** The pack's own configuration, `policies/pack.yaml`: part of the pack, and of its digest. */
export const packConfigSchema = z.strictObject({
  /** Patterns of the names of staging's stacks; every other stack is production. `*` stands for any characters. */
  staging: z.array(z.string().min(1)).default(["staging", "*-staging"]),
  /** Keys that count on every platform. On sandbox stacks the development key of this machine counts besides. */
  trust: z.array(trustedKeySchema).default([]),
  /** Age of a plan at which a shift must not go on. */
  maxMissionAge: durationSchema("1m", "168h").default("24h"),
  /** Age of what staging proved at which production must not begin. */
  maxStagingAge: durationSchema("1m", "720h").default("24h"),
  /** Whether the first raise in production needs a signed approval by somebody who is not the author. */
  approval: z.boolean().default(false),
  /** Registries that images may come from, or paths below one; `*` stands for any characters but the slash. */
  registries: z.array(z.string().regex(/^[a-z0-9.*:_/-]+$/, "allowed is a registry such as *.dkr.ecr.*.amazonaws.com, or a path of one such as ghcr.io/acme")).default(["*.dkr.ecr.*.amazonaws.com"]),
});
export type PackConfig = z.output<typeof packConfigSchema>;
