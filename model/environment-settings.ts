import { z } from "zod";
import { awsSettingsSchema } from "./aws-settings.js";
import { durationSchema } from "./duration.js";
import { gatesSchema } from "./gates.js";
import { limitsSchema } from "./limits.js";
import { nameSchema, variableNameSchema } from "./names.js";
import { percentSchema } from "./percent.js";
import { releaseSchema } from "./release.js";
import { rolloutSchema } from "./rollout.js";
import { windowSchema } from "./window-settings.js";

const alarmsSchema = z.strictObject({
  errorRate: percentSchema(0, 100).default("5%").describe("Alarm when more than this share of requests fails (5xx or no answer), 0% to 100%. Default 5%."),
  latencyP95: durationSchema("1ms", "1m").default("1s").describe("Alarm when the 95th percentile of response times is above this, 1ms to 1m. Default 1s."),
  availability: percentSchema(0, 100).default("50%").describe("Alarm when less than this share of the live slot's instances is ready, 0% to 100%. Default 50%."),
  window: durationSchema("5s", "1h").default("1m").describe("Time that error rate and latency are measured over, 5s to 1h. Default 1m."),
});

const notificationSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("file"), path: z.string().min(1).describe("File that gets one JSON line for each notification; below .mission when relative.") }),
  z.strictObject({ type: z.literal("webhook"), url: z.url({ protocol: /^https?$/, error: "allowed is an http or https address" }).describe("Address that gets each notification by POST, in Slack's format.") }),
]);

const userReportsSchema = z.union(
  [
    z.strictObject({ file: z.string().min(1).describe("File that gets one line for each report; below .mission when relative.") }),
    z.strictObject({ port: z.int().min(0).max(65_535).describe("Port on 127.0.0.1 at which reports are taken by POST while a mission watches; 0: one that the system gives.") }),
  ],
  { error: "allowed is {file: path} or {port: number}" },
);

const portsSchema = z.strictObject({
  production: z.int().min(1).max(65_535).optional().describe("Port of the service, 1 to 65535. Default: one that the system gives, kept from then on."),
  blue: z.int().min(1).max(65_535).optional().describe("Port of blue's test route."),
  green: z.int().min(1).max(65_535).optional().describe("Port of green's test route."),
});

const sandboxSchema = z.strictObject({
  ports: z.record(nameSchema, portsSchema).default({}).describe("Ports by service, on 127.0.0.1."),
  headers: z.boolean().default(true).describe("Whether answers carry x-mission-slot and x-mission-release. Default true."),
  stickiness: durationSchema("1s", "24h").nullable().default(null).describe("How long a client stays on its slot (by cookie), 1s to 24h. Default: not at all."),
  accessLog: z.boolean().default(true).describe("Whether the router writes an access log. Default true."),
});

/**
 * What an environment is: the keys under `mission:` in `Pulumi.<stack>.yaml`. What the application is comes with the release.
 */
export const environmentSettingsSchema = z.strictObject({
  environment: z.enum(["staging", "production"]).describe("Which environment this stack is."),
  platform: z.enum(["sandbox", "aws", "kubernetes", "netlify", "railway"]).default("sandbox").describe("Where it runs; fixed when the stack is created. Default sandbox."),
  instances: z.int().min(1).max(100).default(1).describe("Instances of a slot that has weight or is kept warm, 1 to 100; production needs at least 2. Default 1."),
  progressDeadline: durationSchema("1s", "1h").default("1m").describe("How long a slot may take until every instance is ready, 1s to 1h. Default 1m."),
  drain: durationSchema("0s", "10m").default("30s").describe("How long requests in flight may take before an instance is stopped, 0s to 10m. Default 30s."),
  alarms: alarmsSchema.prefault({}).describe("Limits of the three alarms of every service."),
  notifications: z.array(notificationSchema).default([]).describe("Who is told when an alarm goes off or is over, and how missions go."),
  variables: z
    .record(variableNameSchema, z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({})
    .describe("Values of variables that the application's services name."),
  limits: limitsSchema.prefault({}).describe("What a new release may be like while it is watched."),
  bake: durationSchema("1s", "24h").optional().describe("How long each weight of a shift is held and watched, 1s to 24h, where the strategy does not say. Default 5s on the sandbox, 10m elsewhere."),
  monitor: durationSchema("1s", "24h").optional().describe("How long users are watched after the whole traffic has moved, 1s to 24h. Default 10s on the sandbox, 30m elsewhere."),
  keepWarm: durationSchema("0s", "168h").default("1h").describe("How long the slot that was live before keeps its capacity, so that a rollback takes seconds, 0s to 168h. Default 1h."),
  probeRate: z.int().min(1).max(20_000).optional().describe("Requests a second that the mission itself sends through every change, 1 to 20000. Default 100 on the sandbox, 5 elsewhere."),
  window: windowSchema.optional().describe("When a release may begin to get traffic. Default: always."),
  approvalTimeout: durationSchema("10s", "168h").default("1h").describe("How long a mission waits for a person: with --pause between steps, before it rolls back; for an approval of the plan that the policy pack demands, before it gives up. 10s to 168h. Default 1h."),
  userReports: userReportsSchema.optional().describe("Where error reports of users come in, to be watched during a mission. Default: nowhere."),
  sandbox: sandboxSchema.prefault({}).describe("Settings of the embedded platform."),
  aws: awsSettingsSchema.optional().describe("Settings of the platform aws; needed there."),
  digestKey: z.string().min(32, "allowed is a secret of at least 32 characters").optional().describe("Secret key for digests of secrets; set it encrypted (pulumi config set --secret)."),
  release: releaseSchema.optional().describe("The release; `mission release` writes it."),
  gates: gatesSchema.prefault({}).describe("Where the evidence lies that a change rests on; `mission evidence add` and the runner write it."),
  rollout: rolloutSchema.optional().describe("The wanted rollout state; only the runner writes it, into its own copy of the file."),
});
export type EnvironmentSettings = z.output<typeof environmentSettingsSchema>;
