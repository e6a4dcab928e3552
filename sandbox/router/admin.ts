import { createHash, timingSafeEqual } from "node:crypto";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { configMistakes, routerConfigSchema } from "./config.js";
import { PortError } from "./listener.js";
import { StaleGeneration, type Router } from "./router.js";

/** The largest configuration that is read, in bytes. */
const LARGEST_CONFIG = 8 * 1024 * 1024;

interface Reply {
  readonly status: number;
  readonly body: object | string;
  readonly type?: string;
}

/**
 * Serves the admin API on a free port of 127.0.0.1 and resolves with the port: `PUT /config`, `GET /state`,
 * `GET /metrics`, `GET /healthz`, each with `authorization: Bearer <token>`.
 */
export async function openAdmin(router: Router, token: string): Promise<number> {
  const server = http.createServer((request, response) => {
    answer(router, token, request).then(
      (reply) => send(response, reply),
      (error: unknown) => send(response, { status: 500, body: { error: String(error) } }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: 0 }, resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function answer(router: Router, token: string, request: IncomingMessage): Promise<Reply> {
  if (!authorized(request.headers.authorization, token)) {
    return { status: 401, body: { error: 'The request needs "authorization: Bearer <token>" with the token of this router.' } };
  }
  switch (`${request.method} ${request.url}`) {
    case "PUT /config":
      return putConfig(router, await read(request));
    case "GET /state":
      return { status: 200, body: router.state() };
    case "GET /metrics":
      return { status: 200, body: await router.metrics.expose(), type: router.metrics.contentType };
    case "GET /healthz":
      return { status: 200, body: "ok\n", type: "text/plain; charset=utf-8" };
    default:
      return { status: 404, body: { error: `"${request.method} ${request.url}" is not known; allowed are PUT /config, GET /state, /metrics and /healthz.` } };
  }
}

async function putConfig(router: Router, text: string | undefined): Promise<Reply> {
  if (text === undefined) return { status: 413, body: { error: `The configuration is larger than ${LARGEST_CONFIG} bytes.` } };
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    return { status: 400, body: { error: `The configuration is not JSON: ${(error as Error).message}.` } };
  }
  const parsed = routerConfigSchema.safeParse(content);
  if (!parsed.success) return { status: 400, body: { error: configMistakes(parsed.error).join(" ") } };
  try {
    return { status: 200, body: { generation: await router.apply(parsed.data) } };
  } catch (error) {
    if (error instanceof StaleGeneration) return { status: 409, body: { error: error.message } };
    if (error instanceof PortError) return { status: 409, body: { error: error.message, port: error.port } };
    throw error;
  }
}

/** Compares digests, which have one length, in a time that tells nothing about the token. */
function authorized(header: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(header ?? ""), digest(`Bearer ${token}`));
}

async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_CONFIG) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, { status, body, type = "application/json" }: Reply): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) });
  response.end(text);
}
