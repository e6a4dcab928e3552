import { compile } from "json-p3";
import { z } from "zod";
import { stepMistakes } from "./check-rules.js";
import { commandSchema } from "./command.js";
import { durationSchema } from "./duration.js";
import { nameSchema } from "./names.js";

const pathSchema = z.string().regex(/^\/[!-~]*$/, "allowed is a path that begins with /, in printable ASCII without spaces");
const stepPathSchema = z.string().regex(/^(\/|\$\{)[!-~]*$/, "allowed is a path that begins with / or with ${name}, in printable ASCII without spaces");
const jsonPathSchema = z
  .string()
  .regex(/^\$/, { error: "allowed is a JSONPath (RFC 9535) that begins with $, such as $.items[0].id", abort: true })
  .refine(isJsonPath, "allowed is a JSONPath (RFC 9535), such as $.items[0].id or $.items[?@.id == 'a'].price");
const headerSchema = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "allowed is the name of a header");

const expectSchema = z.strictObject({
  status: z.union([z.int().min(100).max(599), z.array(z.int().min(100).max(599)).min(1)]).optional().describe("Status that must be answered, or a list of allowed ones. Default: 200 to 299."),
  headers: z.record(headerSchema, z.string()).default({}).describe("Text that each of these headers must contain; ${name} is replaced."),
  body: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional().describe("Text, or texts, that the first 1 MiB of the body must contain; ${name} is replaced."),
  json: z.record(jsonPathSchema, z.json()).default({}).describe("Values that the JSON body (at most 1 MiB) must have, by JSONPath: each must find something, and everything it finds must be equal to the value. ${name} is replaced in texts."),
  within: durationSchema("1ms", "1m").optional().describe("Time after which an answer is too late, 1ms to 1m. Default: the time limit of 10s."),
});

const httpStepSchema = z.strictObject({
  method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]).default("GET").describe("Default GET."),
  path: stepPathSchema.describe("Path; ${name} stands for a value that an earlier step captured, encoded for an address. A path that begins with ${name} takes it as it is, so that a captured location can be followed."),
  headers: z.record(headerSchema, z.string()).default({}).describe("Headers of the request; ${name} is replaced."),
  json: z.json().optional().describe("Body as JSON; ${name} is replaced in its texts. A text that is nothing but ${name} becomes the value with its type, such as a number."),
  body: z.string().optional().describe("Body as text; ${name} is replaced."),
  expect: expectSchema.prefault({}).describe("What the answer must be."),
  capture: z.record(z.string().regex(/^[A-Za-z_]\w*$/, "allowed are letters, digits and underscores, no digit first"), z.union([jsonPathSchema, z.strictObject({ header: headerSchema })])).default({}).describe("Values of the answer to keep for later steps, by JSONPath (the first one found: a text, a number, true or false) or {header: name}."),
});
export type HttpStep = z.output<typeof httpStepSchema>;

const httpCheckSchema = z
  .strictObject({
    name: z.string().min(1).max(80).describe("What it is called in reports."),
    service: nameSchema.optional().describe("Service it goes to. Default: the first one."),
    steps: z.array(httpStepSchema).min(1).max(50).describe("Requests, one after the other; the first that is not answered as expected ends the check. Redirects are not followed."),
  })
  .superRefine(({ steps }, context) => {
    for (const { path, message } of stepMistakes(steps)) context.addIssue({ code: "custom", path: [...path], message });
  });
const commandCheckSchema = z.strictObject({
  name: z.string().min(1).max(80).describe("What it is called in reports."),
  service: nameSchema.optional().describe("Service whose address it gets. Default: the first one."),
  command: commandSchema.describe("Must exit with 0; runs in the codebase and sees MISSION_URL, the address to check."),
  timeout: durationSchema("1s", "1h").default("1m").describe("Time it may take, 1s to 1h. Default 1m."),
});
export type HttpCheck = z.output<typeof httpCheckSchema>;
export type CommandCheck = z.output<typeof commandCheckSchema>;
/** One check of a service that runs: a chain of requests, or a command. */
export const checkSchema = z.union([httpCheckSchema, commandCheckSchema], { error: "allowed is {name, steps: [...]} or {name, command}" });
export type Check = z.output<typeof checkSchema>;

const named = { name: z.string().min(1).max(80).describe("What it is called in reports.") };
/** Something outside the application that it needs. `${NAME}` stands for the environment's value of a variable. */
export const integrationSchema = z.union(
  [
    z.strictObject({ ...named, http: z.string().min(1).describe("Address that must answer with 200 to 399; ${NAME} stands for a variable of the environment.") }),
    z.strictObject({ ...named, tcp: z.string().min(1).describe("host:port that must accept a connection; ${NAME} stands for a variable.") }),
    z.strictObject({ ...named, database: z.literal(true).describe("The environment's database must answer.") }),
    z.strictObject({ ...named, command: commandSchema.describe("Must exit with 0; sees the environment's variables, not its secrets.") }),
  ],
  { error: "allowed is {name} with one of http, tcp, database: true, command" },
);
export type Integration = z.output<typeof integrationSchema>;

/** Everything that is asked of an application that runs. */
export const checksSchema = z.strictObject({
  smoke: z.array(checkSchema).default([]).describe("Asked after each change, of the candidate's own route before it gets traffic, then of the users'. Default: the readiness path of each service, or /."),
  flows: z.array(checkSchema).default([]).describe("Critical user flows: what must work from beginning to end."),
  integrations: z.array(integrationSchema).default([]).describe("External services that must be reachable."),
  load: z
    .array(z.strictObject({ path: pathSchema, weight: z.int().min(1).max(1000).default(1).describe("How often in comparison with the others. Default 1.") }))
    .default([])
    .describe("GET requests that the load is made of. Default: /."),
});
export type Checks = z.output<typeof checksSchema>;

function isJsonPath(text: string): boolean {
  try {
    compile(text);
    return true;
  } catch {
    return false;
  }
}
