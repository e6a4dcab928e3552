import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import type { MissionProject } from "./mission-project.js";
import { tinyApp } from "./tiny-app.js";

/** Starts the server that is to be released and asks it, on a port that the system gives. */
const TEST = `
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const net = require("node:net");
const free = () => new Promise((resolve) => { const probe = net.createServer().listen(0, "127.0.0.1", () => { const { port } = probe.address(); probe.close(() => resolve(port)); }); });
const answer = async (url) => { for (;;) { const response = await fetch(url).catch(() => null); if (response !== null) return response; await new Promise((resolve) => setTimeout(resolve, 20)); } };
test("answers with its version and is healthy", async () => {
  const port = await free();
  const server = spawn(process.execPath, ["-e", 'const VERSION = "under test";' + require("node:fs").readFileSync("server.template", "utf8")], { env: { ...process.env, PORT: String(port), HOST: "127.0.0.1" }, stdio: "ignore" });
  try {
    assert.equal((await answer("http://127.0.0.1:" + port + "/healthz")).status, 200);
    assert.equal((await (await answer("http://127.0.0.1:" + port + "/")).json()).version, "under test");
  } finally {
    server.kill();
  }
});
`;

/** Settings of a test's stacks, by key below `mission:`, instead of what the tracked files say. */
export type ShortSettings = Readonly<Record<string, string | number | Readonly<Record<string, string | number>>>>;

/** A mission's times as short as they can be. Latency is not what these tests are about, and other work on the machine must not decide them. */
const SHORT: ShortSettings = { bake: "1s", monitor: "1s", probeRate: 50, drain: "1s", limits: { latencyP95Slack: "10s" } };

/** A codebase that a mission can take to users: the tiny app with a test and a check of its own, in two steps, 50 and 100 %. Its stacks are `<name>-staging` and `<name>-production`. */
export function missionApp(name: string): string {
  const codebase = tinyApp(name, (yaml) => `${yaml}test: node --test app.test.cjs\nstrategy: { steps: [{ weight: 50 }, { weight: 100 }] }\nchecks:\n  smoke:\n    - { name: home, steps: [{ path: /, expect: { json: { $.greeting: hello } } }] }\n`);
  writeFileSync(join(codebase, "app.test.cjs"), TEST);
  return codebase;
}

/** The same codebase described with other bakes; for `--config`, relative to it. */
export function withBakes(codebase: string, bakes: Readonly<Record<50 | 100, string>>): string {
  const name = `mission-${bakes[50]}-${bakes[100]}.yaml`;
  const text = readFileSync(join(codebase, "mission.yaml"), "utf8");
  writeFileSync(join(codebase, name), text.replace(/^strategy: .*$/m, `strategy: { steps: [{ weight: 50, bake: ${bakes[50]} }, { weight: 100, bake: ${bakes[100]} }] }`));
  return join(codebase, name);
}

/** Brings 1.0.0 of the codebase to these stacks without a mission, with bakes of a second from here on. */
export async function firstRelease(project: MissionProject, codebase: string, stacks: readonly string[], more: ShortSettings = {}): Promise<void> {
  await project.must("release", codebase, "--version", "1.0.0", ...stacks.flatMap((stack) => ["--stack", stack]));
  for (const stack of stacks) {
    setInStack(project, stack, { ...SHORT, ...more });
    const { code, all } = await project.up(stack);
    if (code !== 0) throw new Error(`The first up of "${stack}" ended with ${code}: ${all}`);
  }
}

/** Sets settings in this machine's copy of a stack's file. */
export function setInStack(project: MissionProject, stack: string, settings: ShortSettings): void {
  const file = join(project.home, "config", `Pulumi.${stack}.yaml`);
  const document = parseDocument(readFileSync(file, "utf8"));
  for (const [key, value] of Object.entries(settings)) document.setIn(["config", `mission:${key}`], document.createNode(value));
  writeFileSync(file, document.toString());
}
