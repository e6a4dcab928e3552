import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ask, freePorts, onClean, until } from "../../test/sandbox/router/harness.js";

/** Starts haproxy on one thread, round robin over the backends, keep-alive on both sides; resolves with its port and process. The harness's `clean` ends it. */
export async function startHaproxy(backends: readonly number[]): Promise<{ port: number; pid: number | undefined }> {
  const [port] = (await freePorts(1)) as [number];
  const directory = mkdtempSync(join(tmpdir(), "mission-haproxy-"));
  const file = join(directory, "haproxy.cfg");
  writeFileSync(file, configuration(port, backends));
  const child = spawn("haproxy", ["-f", file, "-db"], { stdio: "ignore" });
  onClean(() => {
    child.kill();
    rmSync(directory, { recursive: true, force: true });
  });
  await until(() => ask(port).then(({ status }) => status === 200, () => false));
  return { port, pid: child.pid };
}

function configuration(port: number, backends: readonly number[]): string {
  return `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  option http-keep-alive
  option forwardfor
  http-reuse safe
frontend bench
  bind 127.0.0.1:${port}
  default_backend slots
backend slots
  balance roundrobin
${backends.map((backend, at) => `  server s${at} 127.0.0.1:${backend} weight 50\n`).join("")}`;
}
