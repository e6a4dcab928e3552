import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

/** What one run of wrk saw. */
export interface Load {
  readonly requestsPerSecond: number;
  /** In ms. */
  readonly p99: number;
  /** Answers that were not 2xx or 3xx, and connections that broke. */
  readonly failed: number;
  /** CPU time of the watched process per request, in microseconds; NaN without one, or where there is no /proc. Other load on the machine hardly changes it. */
  readonly cpuMicros: number;
}

/** Whether a program can be started. */
export function installed(program: string): boolean {
  return spawnSync(program, ["-v"], { stdio: "ignore" }).error === undefined;
}

/** Loads a port of 127.0.0.1 for some seconds over 32 keep-alive connections, from one thread of another process. `pid` is the process to watch. */
export async function load(port: number, seconds: number, pid?: number): Promise<Load> {
  const before = cpuSeconds(pid);
  const { stdout } = await promisify(execFile)("wrk", ["-t1", "-c32", `-d${seconds}s`, "--latency", `http://127.0.0.1:${port}/`]);
  const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(stdout) ?? [];
  const [, total] = /(\d+) requests in/.exec(stdout) ?? [];
  const cpuMicros = ((cpuSeconds(pid) - before) * 1e6) / Number(total);
  const [, p99, unit] = /^\s+99%\s+([\d.]+)(us|ms|s)$/m.exec(stdout) ?? [];
  if (rate === undefined || p99 === undefined) throw new Error(`wrk said: ${stdout}`);
  const [, ...broken] = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout) ?? [];
  const [, refused] = /Non-2xx or 3xx responses: (\d+)/.exec(stdout) ?? [];
  const failed = [...broken, refused ?? "0"].reduce((sum, count) => sum + Number(count), 0);
  return { requestsPerSecond: Number(rate), p99: Number(p99) * (unit === "us" ? 0.001 : unit === "s" ? 1000 : 1), failed, cpuMicros };
}

/** User and system time of a process so far, in seconds. */
function cpuSeconds(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}
