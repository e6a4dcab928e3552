import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { MissionProject } from "./mission-project.js";

/** Repository of the images that tests speak of; nothing is ever pulled. */
export const REPOSITORY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop";

/** The digest that the build of a version "pushes". */
export function imageDigest(version: string): string {
  return `sha256:${createHash("sha256").update(version).digest("hex")}`;
}

/** A codebase whose build leaves the digest of an image, as docker buildx would. */
export function awsApp(name: string, more: readonly string[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), `mission-app-${name}-`));
  mkdirSync(join(folder, "build"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version: "1.0.0" }));
  writeFileSync(
    join(folder, "build.cjs"),
    'const { createHash } = require("node:crypto"); const digest = "sha256:" + createHash("sha256").update(process.env.MISSION_VERSION).digest("hex"); require("node:fs").writeFileSync("build/image.json", JSON.stringify({ "containerimage.digest": digest }));',
  );
  writeFileSync(
    join(folder, "mission.yaml"),
    [
      `name: ${name}`,
      "build: node build.cjs",
      "services:",
      "  web:",
      `    image: { repository: ${REPOSITORY}, digestFile: build/image.json }`,
      "    readiness: { http: /healthz, interval: 5s }",
      "    variables: { GREETING: { default: hello } }",
      ...more,
      "",
    ].join("\n"),
  );
  return folder;
}

/** Writes this machine's copy of an AWS stack's file, before its first use. */
export function awsStack(project: MissionProject, stack: string, aws: Readonly<Record<string, unknown>>, settings: Readonly<Record<string, unknown>> = {}): void {
  const folder = join(project.home, "config");
  mkdirSync(folder, { recursive: true });
  const config = {
    "mission:environment": stack.endsWith("-staging") ? "staging" : "production",
    "mission:platform": "aws",
    "mission:progressDeadline": "10m",
    "mission:aws": { region: "eu-central-1", subscribers: [{ protocol: "email", endpoint: "oncall@example.com" }], ...aws },
    ...settings,
  };
  writeFileSync(join(folder, `Pulumi.${stack}.yaml`), stringify({ config }));
}
