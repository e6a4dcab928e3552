import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactStore } from "../../../artifacts/store.js";

/**
 * A service with knobs. Variables: READY=never, CRASH=<exit code at the start>, LISTEN=no, SAY=<line for the log>, FORK=yes (a child that ignores SIGTERM), CLUMSY=<ms to
 * end after SIGTERM>. Requests: /ready, /live, /set?ready=0|1&live=0|1, /slow?ms=, /status?code=, /crash, /environment, /database; anything else names who answers.
 */
const SERVER = `
const http = require("node:http");
const { env } = process;
if (env.SAY) console.log(env.SAY);
if (env.CRASH) process.exit(Number(env.CRASH));
if (env.FORK === "yes") require("node:child_process").spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { stdio: "ignore" });
let ready = env.READY !== "never", live = true;
const server = http.createServer(async (request, response) => {
  const url = new URL(request.url, "http://x");
  const say = (code, text) => { response.statusCode = code; response.end(text); };
  if (url.pathname === "/ready") return say(ready ? 200 : 503, "");
  if (url.pathname === "/live") return say(live ? 200 : 500, "");
  if (url.pathname === "/set") {
    if (url.searchParams.has("ready")) ready = url.searchParams.get("ready") === "1";
    if (url.searchParams.has("live")) live = url.searchParams.get("live") === "1";
    return say(200, "");
  }
  if (url.pathname === "/slow") return setTimeout(() => say(200, "slow " + env.MISSION_INSTANCE), Number(url.searchParams.get("ms")));
  if (url.pathname === "/status") return say(Number(url.searchParams.get("code")), "");
  if (url.pathname === "/crash") return process.exit(1);
  if (url.pathname === "/environment") return say(200, JSON.stringify(env));
  say(200, JSON.stringify({ version: env.MISSION_VERSION, instance: env.MISSION_INSTANCE, slot: env.MISSION_SLOT, pid: process.pid }));
});
if (env.LISTEN !== "no") server.listen(Number(env.PORT), env.HOST);
else setInterval(() => {}, 1000);
process.on("SIGTERM", () => {
  setTimeout(() => process.exit(0), Number(env.CLUMSY || 0) + 50);
  server.close(() => { if (!env.CLUMSY) process.exit(0); });
});
`;

/** Puts the service into a store of artifacts; more files make another artifact. Gives its digest. */
export async function storeApp(artifacts: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "mission-app-"));
  try {
    for (const [name, text] of Object.entries({ "server.cjs": SERVER, ...more })) writeFileSync(join(folder, name), text);
    return await new ArtifactStore(artifacts).put(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
