import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applicationJsonSchema, checklistJsonSchema, stackJsonSchema } from "./json-schema.js";

const directory = join(__dirname, "..", "..", "schema");
mkdirSync(directory, { recursive: true });
for (const [name, schema] of [["mission.schema.json", applicationJsonSchema()], ["pulumi-stack.schema.json", stackJsonSchema()], ["checklist.schema.json", checklistJsonSchema()]] as const) {
  writeFileSync(join(directory, name), `${JSON.stringify(schema, null, 2)}\n`);
}
