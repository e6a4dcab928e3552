import { spawn } from "node:child_process";
import { get } from "node:http";
import { connect } from "node:net";
import { parseDuration } from "../../model/duration.js";
import type { Probe } from "../../model/probe.js";

/** What one probe found. The text may hold output of a command: mask it before anybody sees it. */
export interface ProbeResult {
  readonly ok: boolean;
  readonly text: string;
}

/** What is probed. */
export interface ProbeTarget {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Where a command runs. */
  readonly directory: string;
  /** Environment of a command; made when one is run. */
  readonly environment: () => Readonly<Record<string, string>>;
}

/** Asks an instance once. Never throws, never takes longer than the probe's timeout. */
export function probeOnce(probe: Probe, target: ProbeTarget): Promise<ProbeResult> {
  const timeout = parseDuration(probe.timeout);
  if ("http" in probe) return probeHttp(probe.http, target.port, timeout, probe.timeout);
  if ("tcp" in probe) return probeTcp(target.port, timeout, probe.timeout);
  return probeCommand(probe.command, target, timeout, probe.timeout);
}

function probeHttp(path: string, port: number, timeout: number, limit: string): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const say = (ok: boolean, text: string) => resolve({ ok, text: `GET ${path} ${text}` });
    const timer = setTimeout(() => {
      say(false, `did not answer within ${limit}`);
      request.destroy();
    }, timeout);
    const headers = { "user-agent": "mission-deploy-probe", connection: "close" };
    const request = get({ host: "127.0.0.1", port, path, headers, agent: false }, (response) => {
      const { statusCode = 0 } = response;
      say(statusCode >= 200 && statusCode <= 399, `answered ${statusCode}`);
      // The body is read, not cut off: a reset would look like a failed request in the application's log.
      response.on("error", () => undefined).resume();
    });
    request.on("error", (error: NodeJS.ErrnoException) => say(false, `failed: ${inWords(error)}`));
    request.on("close", () => clearTimeout(timer));
  });
}

function probeTcp(port: number, timeout: number, limit: string): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const end = (ok: boolean, text: string) => {
      clearTimeout(timer);
      resolve({ ok, text: `TCP connection ${text}` });
      socket.destroy();
    };
    const timer = setTimeout(() => end(false, `was not accepted within ${limit}`), timeout);
    const socket = connect({ host: "127.0.0.1", port }, () => end(true, "was accepted"));
    socket.on("error", (error: NodeJS.ErrnoException) => end(false, `failed: ${inWords(error)}`));
  });
}

const OUTPUT_LIMIT = 4_096;

function probeCommand(command: readonly string[], target: ProbeTarget, timeout: number, limit: string): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const [program = "", ...args] = command;
    let output = "";
    const end = (ok: boolean, text: string) => {
      clearTimeout(timer);
      resolve({ ok, text: `command "${program}" ${text}` });
    };
    const child = spawn(program, args, { cwd: target.directory, env: target.environment(), detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const kill = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    };
    const timer = setTimeout(() => {
      kill();
      child.stdout.destroy();
      child.stderr.destroy();
      end(false, `did not end within ${limit}`);
    }, timeout);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("error", () => undefined);
      stream.on("data", (bytes: Buffer) => {
        output = (output + bytes.toString("utf8")).slice(-OUTPUT_LIMIT);
      });
    }
    child.once("error", (error: NodeJS.ErrnoException) => end(false, error.code === "ENOENT" ? "was not found" : `failed: ${error.code ?? error.message}`));
    // "exit" and not "close": a grandchild that keeps the pipes open must not hold the probe.
    child.once("exit", (code, signal) => {
      kill();
      end(code === 0, `${signal === null ? `exited with ${code ?? "?"}` : `was killed by ${signal}`}${lastLine(output)}`);
    });
  });
}

function lastLine(output: string): string {
  const line = output.trim().split("\n").at(-1) ?? "";
  return line === "" ? "" : `: ${line.slice(0, 200)}`;
}

function inWords(error: NodeJS.ErrnoException): string {
  if (error.code === "ECONNREFUSED") return "connection refused";
  if (error.code === "ECONNRESET") return "connection reset";
  return error.code ?? error.message;
}
