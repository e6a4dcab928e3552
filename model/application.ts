import { z } from "zod";
import { integrationMistakes } from "./check-rules.js";
import { checksSchema } from "./check.js";
import { commandLineSchema, commandSchema, textSchema } from "./command.js";
import { imageSchema } from "./image.js";
import { migrationsSchema } from "./migrations.js";
import { nameSchema, variableNameSchema } from "./names.js";
import { probeSchema } from "./probe.js";
import { strategySchema } from "./strategy.js";
import { testSuiteSchema } from "./test-suite.js";

const variableSchema = z
  .union([textSchema, z.number(), z.boolean(), z.strictObject({ default: z.union([textSchema, z.number(), z.boolean()]).optional() })], {
    error: "allowed is a value, {default: value}, or {} for one that every environment must set",
  })
  .transform((variable) => {
    const value = typeof variable === "object" ? variable.default : variable;
    return value === undefined ? null : String(value);
  });

/** One service of an application, as `mission.yaml` describes it. */
export const serviceSchema = z
  .strictObject({
    artifact: z.string().min(1).optional().describe("Folder below the codebase that holds what runs, after the build. Default: the codebase itself."),
    image: imageSchema.optional().describe("Container image that the build has pushed, for platforms that run images; in place of artifact."),
    command: commandSchema.optional().describe("The program and its arguments; a text is run by /bin/sh. PORT and HOST tell where to listen. An image may leave it out."),
    readiness: probeSchema.default({ tcp: true, interval: "1s", timeout: "5s", successes: 2, failures: 3 }).describe("When an instance may get traffic. Default: its port accepts connections."),
    liveness: probeSchema.nullable().default(null).describe("When an instance must be restarted. Default: only when it exits."),
    variables: z.record(variableNameSchema, variableSchema).default({}).describe("Environment variables with their default; {} for one that every environment must set (mission:variables)."),
    secrets: z.array(variableNameSchema).default([]).describe("Names of secrets it needs; each environment gives the value, encrypted (secrets:<NAME>)."),
    database: z.boolean().default(false).describe("Whether it gets a PostgreSQL database in DATABASE_URL. Default false."),
  })
  .superRefine(({ artifact, image, command, variables, secrets }, context) => {
    if (image === undefined && command === undefined) context.addIssue({ code: "custom", path: ["command"], message: "is missing; allowed is a command line or a list of a program and its arguments" });
    if (image !== undefined && artifact !== undefined) context.addIssue({ code: "custom", path: ["artifact"], message: "is there beside an image; keep one of the two" });
    secrets.forEach((name, index) => {
      const refuse = (message: string) => context.addIssue({ code: "custom", path: ["secrets", index], message });
      if (Object.hasOwn(variables, name)) refuse(`is "${name}", which is one of the variables too; keep it in one of the two`);
      if (secrets.indexOf(name) < index) refuse(`is "${name}" once more; remove it`);
    });
  })
  // After the rules: an image has no folder.
  .transform((service) => (service.image === undefined ? { ...service, artifact: service.artifact ?? "." } : service));

/** `mission.yaml` beside a codebase: what the application is. */
export const applicationSchema = z
  .strictObject({
    name: nameSchema.describe("Name of the application."),
    stacks: z
      .strictObject({ staging: nameSchema.optional(), production: nameSchema.optional() })
      .default({})
      .describe("Names of its stacks. Default: <name>-staging and <name>-production."),
    test: testSuiteSchema.nullable().default(null).describe("How it is tested: a command line, or {command, report, critical}."),
    build: commandLineSchema.nullable().default(null).describe("Command that builds, in the codebase; it sees MISSION_VERSION and MISSION_COMMIT."),
    services: z.record(nameSchema, serviceSchema).refine((services) => Object.keys(services).length > 0, { error: "an application has at least one service" }),
    migrations: migrationsSchema.nullable().default(null).describe("How the database follows the code. Default: the application has no migrations."),
    checks: checksSchema.prefault({}).describe("What is asked of the application once it runs."),
    strategy: strategySchema.default("blue-green").describe("How production's traffic is shifted. Default blue-green: 10, 50, 100 %."),
  })
  .superRefine(({ services, migrations, checks }, context) => {
    const known = (name: string | undefined, path: (string | number)[]) => {
      if (name === undefined || Object.hasOwn(services, name)) return;
      context.addIssue({ code: "custom", path, message: `is "${name}", which is no service of the application; allowed is ${Object.keys(services).join(" or ")}` });
    };
    known(migrations?.service, ["migrations", "service"]);
    for (const kind of ["smoke", "flows"] as const) checks[kind].forEach(({ service }, index) => known(service, ["checks", kind, index, "service"]));
    const variables = new Set(Object.values(services).flatMap((service) => Object.keys(service.variables)));
    checks.integrations.forEach((integration, index) => {
      for (const { path, message } of integrationMistakes(integration, variables)) context.addIssue({ code: "custom", path: ["checks", "integrations", index, ...path], message });
    });
  });
export type Application = z.output<typeof applicationSchema>;

/** The stack of an application in an environment. */
export function stackName(application: Pick<Application, "name" | "stacks">, environment: "staging" | "production"): string {
  return application.stacks[environment] ?? `${application.name}-${environment}`;
}
