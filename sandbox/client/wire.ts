import { readFileSync, realpathSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { SandboxRefusal, SandboxUnreachable } from "./errors.js";

/** Milliseconds that a change may take: a first database takes seconds, a router that is coming back up to 20. */
const TIMEOUT = 120_000;
/** Milliseconds that a look may take. */
const LOOK_TIMEOUT = 15_000;

const CODES: Readonly<Record<number, string>> = { 400: "invalid", 401: "unauthorized", 404: "absent", 413: "too-long" };

/**
 * One request to the supervisor of a sandbox. Its address is read anew each time, because another supervisor may have taken over.
 * @throws SandboxRefusal, SandboxUnreachable
 */
export async function ask(directory: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const { port, token } = addressOf(directory);
  const { status, text } = await exchange(port, token, method, path, body === undefined ? undefined : JSON.stringify(body));
  const value = parse(text);
  if (status >= 200 && status <= 299) return value;
  // What a supervisor refuses because it stops, the next one does.
  const { error, code } = (typeof value === "object" && value !== null ? value : {}) as { error?: unknown; code?: unknown };
  if (code === "stopping") throw new SandboxUnreachable("The supervisor is stopping.");
  throw new SandboxRefusal(typeof code === "string" ? code : (CODES[status] ?? "failed"), typeof error === "string" ? error : `The supervisor answered ${status}.`, status);
}

function addressOf(directory: string): { port: number; token: string } {
  try {
    const address = JSON.parse(readFileSync(join(directory, "supervisor.json"), "utf8")) as { port: number; directory: string };
    // A copied directory holds the address of the sandbox that it was copied from.
    if (address.directory !== realpathSync(directory)) throw new Error("not here");
    return { port: address.port, token: readFileSync(join(directory, "token"), "utf8").trim() };
  } catch {
    throw new SandboxUnreachable(`The sandbox in "${directory}" has no supervisor that answers.`);
  }
}

function exchange(port: number, token: string, method: string, path: string, body: string | undefined): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const content = body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const timeout = method === "GET" ? LOOK_TIMEOUT : TIMEOUT;
    const sent = request({ host: "127.0.0.1", port, method, path, agent: false, timeout, headers: { authorization: `Bearer ${token}`, ...content } }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", (error) => reject(new SandboxUnreachable(`The supervisor's answer broke off: ${error.message}.`)));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString("utf8") }));
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${timeout / 1000}s`)));
    sent.on("error", (error) => reject(new SandboxUnreachable(`The supervisor does not answer ${method} ${path}: ${error.message}.`)));
    sent.end(body);
  });
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
