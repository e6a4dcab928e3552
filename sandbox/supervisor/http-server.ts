import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Refusal } from "./refusal.js";
import { RouterRefusal } from "./router-link.js";

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Answers a request; `body` is its parsed JSON, undefined when it has none. @throws Refusal */
export type Handle = (method: string, path: string, body: unknown) => Promise<Answer>;

/** The largest body that is read: 4 MiB. */
const LIMIT = 4 * 1024 * 1024;

/** JSON over HTTP on a port of 127.0.0.1 that the system gives, for whoever has the token. */
export class HttpServer {
  readonly #server: Server;

  /** `report` gets what is nobody's refusal: a mistake of ours. */
  constructor(token: string, handle: Handle, report: (error: unknown) => void) {
    this.#server = createServer({ requestTimeout: 60_000, headersTimeout: 10_000 }, (request, response) => {
      answer(token, handle, request)
        .catch((error: unknown) => inWords(error, report))
        .then(({ status, body }) => send(response, status, body))
        .catch(report);
    });
    this.#server.keepAliveTimeout = 5_000;
  }

  /** The port that it listens on. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host: "127.0.0.1", port: 0 }, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no more requests; resolves when those under way are answered or 2 s have passed. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), 2_000);
    await closed;
    clearTimeout(timer);
  }
}

async function answer(token: string, handle: Handle, request: IncomingMessage): Promise<Answer> {
  if (!isAuthorized(token, request.headers.authorization)) throw new Refusal(401, "The request does not carry the sandbox's token.");
  const [path = "/"] = (request.url ?? "/").split("?");
  return handle(request.method ?? "GET", path, await readJson(request));
}

/** Compares digests, so that neither contents nor length can be guessed from the time it takes. */
function isAuthorized(token: string, header: string | undefined): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(`Bearer ${token}`), digest(header ?? ""));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > LIMIT) throw new Refusal(413, `The request is longer than ${LIMIT} bytes.`);
    pieces.push(piece);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(pieces).toString("utf8"));
  } catch {
    throw new Refusal(400, "The request's body is no JSON.");
  }
}

function inWords(error: unknown, report: (error: unknown) => void): Answer {
  if (error instanceof Refusal) return { status: error.status, body: { error: error.message, ...(error.code === null ? {} : { code: error.code }), ...error.details } };
  if (error instanceof RouterRefusal) return { status: 409, body: { error: error.message, code: "router" } };
  report(error);
  return { status: 500, body: { error: "The supervisor made a mistake; see its log.", code: "internal" } };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text), "cache-control": "no-store" });
  response.end(text);
}
