import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../runner/engine/engine-environment.js";
import { MissionProject, run } from "../test/support/mission-project.js";
import { tinyApp } from "../test/support/tiny-app.js";
import { figuresOf, row, timed } from "./support/figures.js";

/*
 * A no-op `preview` and `up` of the program, against a bare compiled program that registers the same resources with the same inputs through the same
 * plugin. The two take turns, so that a slow moment of the machine hits both. Goal: at most 1.3 times.
 */

const ROUNDS = Number(process.env["ROUNDS"] ?? 7);

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly inputs?: Record<string, unknown>;
  readonly parent?: string;
}

async function main(): Promise<void> {
  const project = MissionProject.create();
  const codebase = tinyApp("noop");
  const stack = "noop-staging";
  const bareRoot = mkdtempSync(join(tmpdir(), "mission-bare-"));
  try {
    await project.must("release", codebase, "--stack", stack);
    await project.must("pulumi", "up", "--yes", "--skip-preview", "--stack", stack);
    const exported = JSON.parse((await project.must("pulumi", "stack", "export", "--show-secrets", "--stack", stack)).stdout) as { deployment: { resources: Resource[] } };
    writeBareProgram(bareRoot, exported.deployment.resources);

    const environment = engineVariables((await project.must("env", stack)).stdout, project.environment());
    const bareEnvironment = { ...environment, PULUMI_BACKEND_URL: `file://${join(bareRoot, "state")}`, PULUMI_OPTION_CONFIG_FILE: join(bareRoot, "Pulumi.bare.yaml"), PULUMI_OPTION_STACK: "bare" };
    const pulumi = (cwd: string, env: NodeJS.ProcessEnv, ...args: string[]) => async () => {
      const finished = await run("pulumi", args, { cwd, env });
      if (finished.code !== 0) throw new Error(finished.all);
    };
    await pulumi(bareRoot, bareEnvironment, "stack", "init")();
    await pulumi(bareRoot, bareEnvironment, "up", "--yes", "--skip-preview")();

    for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const ours: number[] = [];
      const bare: number[] = [];
      for (let round = 0; round <= ROUNDS; round += 1) {
        const [a, b] = [await timed(pulumi(project.root, environment, ...command)), await timed(pulumi(bareRoot, bareEnvironment, ...command))];
        if (round > 0) {
          ours.push(a);
          bare.push(b);
        }
      }
      console.log(row(`no-op ${command[0]}, the program`, figuresOf(ours)));
      console.log(row(`no-op ${command[0]}, bare program, same resources`, figuresOf(bare)));
      console.log(`no-op ${command[0]}, ratio of pairs: ${figuresOf(ours.map((each, index) => each / (bare[index] ?? Number.NaN))).median.toFixed(2)} (goal <= 1.3)`);
    }
  } finally {
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
    rmSync(bareRoot, { recursive: true, force: true });
  }
}

/** A program that registers, in order, what a stack's state holds. */
function writeBareProgram(root: string, resources: readonly Resource[]): void {
  const own = resources.filter(({ type }) => !type.startsWith("pulumi:"));
  const name = (urn: string) => urn.split("::").pop() ?? urn;
  mkdirSync(join(root, "state"));
  mkdirSync(join(root, "dist"));
  cpSync(join(projectRoot(), "sandbox", "plugin"), join(root, "sandbox", "plugin"), { recursive: true });
  symlinkSync(join(projectRoot(), "node_modules"), join(root, "node_modules"));
  writeFileSync(join(root, "Pulumi.yaml"), "name: bare\nmain: dist/\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nplugins:\n  providers:\n    - name: sandbox\n      path: sandbox/plugin\n");
  writeFileSync(join(root, "Pulumi.bare.yaml"), "config: {}\n");
  writeFileSync(join(root, "sandbox", "plugin", "pulumi-resource-sandbox"), `#!/bin/sh\nexec node ${join(projectRoot(), "dist", "sandbox", "provider", "main.js")} "$@"\n`, { mode: 0o755 });
  const lines = own.map(({ type, urn, custom, inputs, parent }) => {
    const declared = JSON.stringify(plainSecrets(inputs ?? {}));
    const options = parent === undefined || parent.includes("pulumi:pulumi:Stack::") ? "{}" : `{ parent: made[${JSON.stringify(parent)}] }`;
    return `made[${JSON.stringify(urn)}] = new pulumi.${custom ? "CustomResource" : "ComponentResource"}(${JSON.stringify(type)}, ${JSON.stringify(name(urn))}, ${declared}, ${options});`;
  });
  writeFileSync(join(root, "dist", "index.js"), `const pulumi = require("@pulumi/pulumi");\nconst made = {};\n${lines.join("\n")}\n`);
}

/** `export --show-secrets` wraps a secret's plain text; a program declares the value itself. */
function plainSecrets(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if ("plaintext" in value && typeof value.plaintext === "string") return JSON.parse(value.plaintext) as unknown;
  if (Array.isArray(value)) return value.map(plainSecrets);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainSecrets(inner)]));
}

/** The assignments that `mission env` prints. */
function engineVariables(printed: string, base: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const variables = { ...base };
  for (const [, name, value] of printed.matchAll(/^export (\w+)='(.*)'$/gm)) if (name !== undefined) variables[name] = value;
  return variables;
}

void main();
