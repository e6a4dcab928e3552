import { z } from "zod";
import { applicationSchema } from "./application.js";
import { checklistSchema } from "./checklist.js";
import { environmentSettingsSchema } from "./environment-settings.js";

/** A JSON Schema document. */
export type JsonSchema = Record<string, unknown>;

/*
 * Made from the same zod schemas that check at run time, so that an editor and the program never disagree.
 * `npm run schema` writes them into schema/; a test refuses a stale file.
 */

/** JSON Schema of `mission.yaml`. */
export function applicationJsonSchema(): JsonSchema {
  return { ...toJson(applicationSchema), title: "mission.yaml: what an application is" };
}

/** JSON Schema of `checklist.yaml`. */
export function checklistJsonSchema(): JsonSchema {
  return { ...toJson(checklistSchema), title: "checklist.yaml: what must be so before a release" };
}

/** JSON Schema of `Pulumi.<stack>.yaml`. Keys of other namespaces, such as `aws:region`, are allowed; under `mission:` only known ones. */
export function stackJsonSchema(): JsonSchema {
  const settings = toJson(environmentSettingsSchema) as { properties: Record<string, unknown> };
  const secret = { type: "object", properties: { secure: { type: "string" } }, required: ["secure"], additionalProperties: false };
  const properties = Object.fromEntries(Object.entries(settings.properties).map(([key, schema]) => [`mission:${key}`, key === "digestKey" ? secret : schema]));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Pulumi.<stack>.yaml: what an environment is",
    type: "object",
    properties: {
      encryptionsalt: { type: "string" },
      secretsprovider: { type: "string" },
      encryptedkey: { type: "string" },
      environment: {},
      config: {
        type: "object",
        properties,
        required: ["mission:environment"],
        patternProperties: { "^secrets:[A-Za-z_][A-Za-z0-9_]*$": { ...secret, description: "Value of a secret; set it with: pulumi config set --secret secrets:NAME" }, "^(?!mission:|secrets:)": {} },
        additionalProperties: false,
      },
    },
    additionalProperties: false,
  };
}

function toJson(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
}
