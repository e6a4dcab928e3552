import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { applicationJsonSchema, checklistJsonSchema, stackJsonSchema } from "../../model/json-schema.js";
import { environmentSettingsSchema } from "../../model/environment-settings.js";
import { projectRoot } from "../../runner/engine/engine-environment.js";

describe("the JSON Schemas for editors", () => {
  for (const [name, schema] of [["mission.schema.json", applicationJsonSchema], ["pulumi-stack.schema.json", stackJsonSchema], ["checklist.schema.json", checklistJsonSchema]] as const) {
    it(`${name} is what the program's own schema makes (npm run schema writes it)`, () => {
      assert.deepEqual(JSON.parse(readFileSync(join(projectRoot(), "schema", name), "utf8")), JSON.parse(JSON.stringify(schema())));
    });
  }

  it("describes every key of an environment", () => {
    const { config } = stackJsonSchema()["properties"] as { config: { properties: Record<string, unknown> } };
    assert.deepEqual(Object.keys(config.properties).sort(), Object.keys(environmentSettingsSchema.shape).map((key) => `mission:${key}`).sort());
  });

  for (const stack of ["staging", "production"]) {
    it(`Pulumi.${stack}.yaml is right by the program's schema`, () => {
      const { config } = parse(readFileSync(join(projectRoot(), `Pulumi.${stack}.yaml`), "utf8")) as { config: Record<string, unknown> };
      const settings = Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace("mission:", ""), value]));
      assert.equal(environmentSettingsSchema.parse(settings).environment, stack);
    });
  }
});
