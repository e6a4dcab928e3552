import assert from "node:assert/strict";
import { loadProgram } from "../support/loaded-program.js";

/** Modules of `@pulumi/aws` that this program declares resources of, and those that they load by themselves. */
const USED = ["acm", "appautoscaling", "cloudwatch", "config", "ec2", "ecs", "iam", "lambda", "lb", "route53", "s3", "secretsmanager", "sns"];

describe("the program of a stack", function () {
  this.timeout(60_000);

  it("loads nothing of AWS for the sandbox", async () => {
    const { modules } = await loadProgram("sandbox");
    assert.ok(modules.some((file) => file.startsWith("dist/components/sandbox/")), "the sandbox's own components are loaded");
    assert.deepEqual(modules.filter((file) => /^node_modules\/@(pulumi\/aws|aws-sdk|smithy|aws-crypto)\/|^dist\/(components\/)?aws\//.test(file)), []);
  });

  it("loads nothing of the sandbox for AWS, and of AWS only what it declares", async () => {
    const { modules } = await loadProgram("aws");
    assert.deepEqual(modules.filter((file) => /^dist\/(components\/)?sandbox\//.test(file)), []);
    const found = new Set(modules.flatMap((file) => /^node_modules\/@pulumi\/aws\/([a-z0-9]+)\//.exec(file)?.[1] ?? []));
    assert.ok(found.has("ecs") && found.has("lb"), [...found].join(", "));
    assert.deepEqual([...found].filter((module) => !USED.includes(module) && !["types", "node_modules"].includes(module)), []);
  });
});
