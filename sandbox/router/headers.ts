import type { IncomingMessage } from "node:http";

/** Headers that concern one connection only (RFC 9110, 7.6.1), and `expect`, which the router answers itself. */
const HOP_BY_HOP = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/** Headers that a `Connection` header cannot remove: without them the message would mean something else. */
const INDISPENSABLE = new Set(["host", "content-length"]);

/** A request in the form in which it is sent on. */
export interface Forwarded {
  /** Origin form: begins with a slash. */
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
}

/**
 * The request line and headers that an instance gets: hop-by-hop headers are gone, `Host` is kept, `X-Forwarded-For` is
 * extended, `X-Forwarded-Proto` and `X-Forwarded-Host` are added unless there. Undefined for a request that two readers
 * could understand in two ways: more than one `Host`, or a transfer coding other than `chunked`.
 */
export function forwardedRequest(request: IncomingMessage): Forwarded | undefined {
  const coding = request.headers["transfer-encoding"];
  if (coding !== undefined && coding.toLowerCase() !== "chunked") return undefined;
  const named = namedByConnection(request.headers.connection);
  const { authority, path } = originForm(request.url ?? "/");
  const raw = request.rawHeaders;
  const headers: string[] = [];
  let host: string | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    const value = raw[at + 1]!;
    if (name === "host") {
      if (host !== undefined) return undefined;
      host = authority ?? value;
    } else if (!HOP_BY_HOP.has(name) && name !== "x-forwarded-for" && named?.has(name) !== true) headers.push(name, value);
  }
  if (host !== undefined) headers.push("host", host);
  const { "x-forwarded-for": before, "x-forwarded-proto": proto, "x-forwarded-host": forwardedHost } = request.headers;
  const client = request.socket.remoteAddress ?? "unknown";
  headers.push("x-forwarded-for", before === undefined ? client : `${String(before)}, ${client}`);
  if (proto === undefined) headers.push("x-forwarded-proto", "http");
  if (forwardedHost === undefined && host !== undefined) headers.push("x-forwarded-host", host);
  return { path, headers };
}

/** The head of a response in the form in which a client gets it, and what the router needs to know of it. */
export interface ResponseHead {
  /** Names and values in turn, hop-by-hop headers are gone. */
  readonly headers: string[];
  /** The announced length of the body in bytes; NaN without one. */
  readonly length: number;
  /** Whether the body is a stream of server-sent events. */
  readonly eventStream: boolean;
  /** Values of `Link` headers. */
  readonly links: string[];
}

/** Reads the raw head (or trailers) of a response: names and values in turn. */
export function forwardedResponse(raw: readonly (Buffer | string)[]): ResponseHead {
  const headers: string[] = [];
  const links: string[] = [];
  let length = Number.NaN;
  let eventStream = false;
  let named: Set<string> | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = text(raw[at]!);
    const value = text(raw[at + 1]!);
    const lower = name.toLowerCase();
    if (lower === "connection") named = namedByConnection(value) ?? named;
    if (HOP_BY_HOP.has(lower)) continue;
    if (lower === "content-length") length = Number(value);
    else if (lower === "content-type") eventStream = value.startsWith("text/event-stream");
    else if (lower === "link") links.push(value);
    headers.push(name, value);
  }
  if (named === undefined) return { headers, length, eventStream, links };
  const kept = headers.filter((_, at) => named.has(headers[at & ~1]!.toLowerCase()) === false);
  return { headers: kept, length, eventStream, links };
}

/** Header names listed in a `Connection` header; undefined in the common case that there are none. */
function namedByConnection(value: string | undefined): Set<string> | undefined {
  if (value === undefined || value === "keep-alive" || value === "close") return undefined;
  const names = value.toLowerCase().split(",").map((name) => name.trim());
  return new Set(names.filter((name) => !INDISPENSABLE.has(name)));
}

/** An absolute request target names its host, which then counts and not the header (RFC 9112, 3.2.2). */
function originForm(target: string): { authority: string | undefined; path: string } {
  if (target.startsWith("/")) return { authority: undefined, path: target };
  const [, authority, rest] = /^https?:\/\/([^/?#]+)([^#]*)/i.exec(target) ?? [];
  if (authority === undefined) return { authority: undefined, path: target };
  return { authority, path: rest?.startsWith("/") === true ? rest : `/${rest ?? ""}` };
}

function text(value: Buffer | string): string {
  return typeof value === "string" ? value : value.toString("latin1");
}
