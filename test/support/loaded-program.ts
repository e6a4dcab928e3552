import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../runner/engine/engine-environment.js";

/** What the program of a stack has loaded when it is about to look at its platform. */
export interface LoadedProgram {
  /** Files, relative to the project. */
  readonly modules: readonly string[];
  /** From the first line to there. */
  readonly milliseconds: number;
  /** Resident memory, MiB. */
  readonly memory: number;
}

/** In a process of its own, as the engine starts it. Null: only what any Pulumi program loads. */
export async function loadProgram(platform: "sandbox" | "aws" | null): Promise<LoadedProgram> {
  const root = projectRoot();
  const settings = { environment: "staging", platform, ...(platform === "aws" ? { progressDeadline: "10m", aws: { region: "eu-central-1" } } : {}) };
  const code = `
    const began = performance.now();
    const root = ${JSON.stringify(root)};
    const load = async () => {
      // A platform may declare its provider when it is loaded: nobody is there to register it.
      require("@pulumi/pulumi").runtime.setMocks({ newResource: ({ inputs }) => ({ id: "none", state: inputs }), call: ({ inputs }) => inputs });
      if (${JSON.stringify(platform)} === null) return;
      require(root + "/dist/index.js");
      const { environmentSettingsSchema } = require(root + "/dist/model/environment-settings.js");
      const { loadPlatform } = require(root + "/dist/components/load-platform.js");
      await loadPlatform("measured-staging", environmentSettingsSchema.parse(${JSON.stringify(settings)}));
    };
    load().then(() => {
      const milliseconds = performance.now() - began;
      const modules = Object.keys(require.cache).filter((file) => file.startsWith(root)).map((file) => file.slice(root.length + 1));
      console.log(JSON.stringify({ modules, milliseconds, memory: process.memoryUsage().rss / 2 ** 20 }));
    });
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", code], { cwd: join(root, "dist"), maxBuffer: 2 ** 26, env: { ...process.env, PULUMI_NODEJS_PROJECT: "mission-deploy", PULUMI_NODEJS_STACK: "measured-staging", PULUMI_TEST_MODE: "true" } });
  return JSON.parse(stdout.trim().split("\n")[0] ?? "") as LoadedProgram;
}
