import { z } from "zod";
import { digestSchema } from "../model/digest.js";
import { environmentSettingsSchema } from "../model/environment-settings.js";
import { gatesSchema } from "../model/gates.js";
import { nameSchema } from "../model/names.js";
import { releaseSchema } from "../model/release.js";
import { TRANSITIONS } from "../model/transition.js";
import { windowSchema } from "../model/window-settings.js";

const slotSchema = z.enum(["blue", "green"]);
const weightsSchema = z.strictObject({ blue: z.number(), green: z.number() });
const stateSchema = z.strictObject({ spec: digestSchema, instances: z.int().min(0) }).nullable();
const rolloutSchema = z.strictObject({
  base: digestSchema,
  live: slotSchema,
  slots: z.strictObject({ blue: stateSchema, green: stateSchema }),
  /** Not a Split: that its weights sum to 100 is for a rule to judge. */
  split: weightsSchema,
  returnTo: digestSchema.nullable(),
});

/** A SlotSpec as an input shows it; loose, because what rules look at is named by them. */
const specSchema = z.looseObject({
  application: z.string(),
  service: z.string(),
  version: z.string(),
  commit: z.string().nullable(),
  digest: z.string(),
  readiness: z.unknown(),
  liveness: z.unknown(),
  variables: z.record(z.string(), z.string()),
  secrets: z.array(z.looseObject({ name: z.string() })),
  database: z.boolean(),
  size: z.number(),
  specDigest: digestSchema,
});

/** What the component declares in full; a default here would make alarms of nothing. */
const alarms = environmentSettingsSchema.shape.alarms.unwrap().shape;
const alarmsSchema = z.strictObject({ errorRate: alarms.errorRate.unwrap(), latencyP95: alarms.latencyP95.unwrap(), availability: alarms.availability.unwrap(), window: alarms.window.unwrap() });

/** The inputs of a `mission:index:BlueGreenService`, as `components/blue-green-service.ts` declares them: all that a policy judges. */
export const gatedInputsSchema = z.looseObject({
  environment: z.enum(["staging", "production"]),
  platform: z.string(),
  application: nameSchema,
  service: nameSchema,
  version: z.string(),
  commit: releaseSchema.shape.commit,
  mode: z.enum(["keep", "rollout"]),
  transition: z.enum(TRANSITIONS),
  previous: rolloutSchema.nullable(),
  wanted: rolloutSchema,
  specs: z.strictObject({ blue: specSchema.nullable(), green: specSchema.nullable() }),
  required: z.strictObject({ variables: z.array(z.string()), secrets: z.array(z.string()) }),
  migrations: z.strictObject({ service: z.string(), class: z.string() }).nullable(),
  alarms: alarmsSchema,
  targets: environmentSettingsSchema.shape.notifications.unwrap(),
  window: windowSchema.nullable(),
  gates: gatesSchema,
});
export type GatedInputs = z.output<typeof gatedInputsSchema>;
