import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

/** What a stack of a test's mission is like, instead of what the tracked files say. */
export type ShortSettings = Readonly<Record<string, string | number>>;

/** A mission's times as short as they can be. */
const SHORT: ShortSettings = { bake: "1s", monitor: "1s", probeRate: 50, drain: "1s" };

/**
 * A codebase that a mission can take to users: the tiny app with a test and a check of its own. Its stacks are `<name>-staging` and `<name>-production`, with
 * bakes of a second.
 * @param production settings of production's stack, by key below `mission:`
 */
export function missionApp(project: MissionProject, name: string, production: ShortSettings = {}): string {
  const codebase = tinyApp(name, (yaml) => `${yaml}test: node --test app.test.cjs\nchecks:\n  smoke:\n    - { name: home, steps: [{ path: /, expect: { json: { $.greeting: hello } } }] }\n`);
  writeFileSync(join(codebase, "app.test.cjs"), TEST);
  mkdirSync(join(project.home, "config"), { recursive: true });
  for (const [environment, more] of [["staging", {}], ["production", production]] as const) {
    const lines = Object.entries({ ...SHORT, ...more }).map(([key, value]) => `  mission:${key}: ${value}`);
    writeFileSync(join(project.home, "config", `Pulumi.${name}-${environment}.yaml`), `config:\n${lines.join("\n")}\n`);
  }
  return codebase;
}
