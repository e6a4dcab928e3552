import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createApp } from "../src/app.mjs";
import { describeBuild } from "../src/build-info.mjs";
import { createFaults } from "../src/faults.mjs";
import { readSettings } from "../src/settings.mjs";
import { createRepository } from "../src/storage/repository.mjs";

export const ENV = { PORT: "0", PAYMENT_KEY: "test-key", DATABASE_URL: "memory:" };

/**
 * Runs the shop in this process on a port of the system's choice; `t` closes it.
 * @param {import("node:test").TestContext} t
 */
export async function startShop(t, { env = {}, version = "1.0.0", repository, random } = {}) {
  const build = describeBuild(version);
  const settings = readSettings({ ...ENV, ...env }, build);
  const log = [];
  const warnings = [];
  const stopping = new AbortController();
  const server = createApp({
    settings,
    build,
    repository: repository ?? createRepository(settings),
    state: { ready: true },
    stopping: stopping.signal,
    faults: createFaults(build, settings, random),
    writeLog: (line) => log.push(JSON.parse(line)),
    warn: (message, details) => warnings.push({ message, ...details }),
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    stopping.abort();
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, log, warnings, server, stopping, ...client(url) };
}

/** The few ways in which tests talk to the shop. */
export function client(url) {
  const post = (path, body, headers = {}) => fetch(url + path, { method: "POST", body, headers, redirect: "manual" });
  return {
    get: (path, headers = {}) => fetch(url + path, { headers }),
    post,
    postJson: (path, value) => post(path, JSON.stringify(value), { "content-type": "application/json" }),
    postForm: (path, fields, headers = {}) => post(path, new URLSearchParams(fields), headers),
  };
}

/**
 * Runs the shop as a process of its own; `t` kills it.
 * @returns the process, its exit code to come, its output so far, and its address once it listens
 */
export function spawnShop(t, { env = {}, script = fileURLToPath(new URL("../src/server.mjs", import.meta.url)) } = {}) {
  const child = spawn(process.execPath, [script], { env: { PATH: process.env.PATH, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (output.stderr += text));
  const exited = once(child, "close").then(([code]) => code);
  const listening = new Promise((resolve, reject) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      const found = /"listening".*"port":(\d+)/.exec(line);
      if (found) resolve(`http://127.0.0.1:${found[1]}`);
    });
    exited.then((code) => reject(new Error(`the shop exited with ${code}: ${output.stderr}`)));
  });
  listening.catch(() => {});
  return { child, output, exited, listening };
}
