import http, { type IncomingMessage } from "node:http";
import net from "node:net";
import { CONNECT_TIMEOUT, HEADERS_TIMEOUT } from "./connection.js";
import { forwardedRequest, forwardedResponse } from "./headers.js";
import type { Passage } from "./passage.js";

/** How long a peer says nothing before TCP asks whether it is still there, in ms. */
const TCP_KEEP_ALIVE = 60_000;
/** The status that is logged for a client that left before a response began. */
const CLIENT_LEFT = 499;

/**
 * Whether a request that asks for an upgrade gets it. HTTP/2 and TLS are not offered here, so such a request is answered
 * as if it had not asked, which RFC 9110, 7.8 provides for; the same for one that has a body.
 */
export function upgrades({ headers }: IncomingMessage): boolean {
  const body = headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
  return !body && !/^\s*(h2c?|tls)\b/i.test(headers.upgrade ?? "");
}

/**
 * One upgraded connection (WebSocket): after the instance's 101 the bytes of both sides flow unread. It stays with its
 * instance until one side ends, also when the weights change. Any other answer is passed on, and the connection ends.
 */
export class Upgrade {
  readonly #request: IncomingMessage;
  readonly #client: net.Socket;
  readonly #head: Buffer;
  readonly #passage: Passage;
  #status = CLIENT_LEFT;

  /** `head` is what the client sent after its request. */
  constructor(request: IncomingMessage, client: net.Socket, head: Buffer, passage: Passage) {
    this.#request = request;
    this.#client = client;
    this.#head = head;
    this.#passage = passage;
  }

  /** Begins; all that follows comes from events. */
  begin(): void {
    const client = this.#client;
    // An error of the client's socket is followed by "close", which ends the passage.
    client.on("error", () => undefined);
    client.once("close", () => {
      if (this.#status === CLIENT_LEFT) this.#passage.error ??= "The client left before a response began.";
      this.#passage.end(this.#status);
    });
    client.setKeepAlive(true, TCP_KEEP_ALIVE);
    const forwarded = forwardedRequest(this.#request);
    if (forwarded === undefined) return this.#refuse(400, "The request is ambiguous: it has two hosts.");
    forwarded.headers.push("connection", "upgrade", "upgrade", this.#request.headers.upgrade ?? "");
    this.#attempt(forwarded);
  }

  #attempt(forwarded: { path: string; headers: string[] }, failure?: Error): void {
    if (this.#client.destroyed) return;
    const target = this.#passage.next();
    if (target === undefined && failure === undefined) return this.#refuse(503, "No instance of this service is running.");
    if (target === undefined) return this.#refuse(502, "No instance of this service accepts connections.", failure);
    const failed = (error: Error): void => {
      this.#passage.unreachable(error);
      this.#attempt(forwarded, error);
    };
    connect(target.upstream.port, failed, (upstream) => this.#ask(upstream, forwarded));
  }

  #ask(upstream: net.Socket, { path, headers }: { path: string; headers: string[] }): void {
    const client = this.#client;
    if (client.destroyed) return void upstream.destroy();
    client.once("close", (broken: boolean) => (broken ? upstream.destroy() : upstream.destroySoon()));
    const { method } = this.#request;
    const asked = http.request({ createConnection: () => upstream, method, path, headers, setDefaultHeaders: false });
    asked.setTimeout(HEADERS_TIMEOUT, () => asked.destroy(new Error("no answer in time")));
    asked.once("upgrade", (answer, _socket, rest) => {
      asked.setTimeout(0);
      this.#join(upstream, answer, rest);
    });
    asked.once("response", (answer) => this.#decline(answer));
    asked.once("error", (error) => {
      if (this.#status !== CLIENT_LEFT) client.destroy();
      else this.#refuse(502, "The instance ended the connection before it answered.", error);
    });
    asked.end();
  }

  /** Lets the bytes of both sides flow, first those that came with the heads. When one side breaks, so does the other. */
  #join(upstream: net.Socket, answer: IncomingMessage, rest: Buffer): void {
    const client = this.#client;
    this.#status = answer.statusCode ?? 101;
    const headers = this.#passage.announce(forwardedResponse(answer.rawHeaders).headers);
    headers.push("connection", "upgrade", "upgrade", answer.headers.upgrade ?? "");
    client.write(headText(this.#status, answer.statusMessage ?? "", headers), "latin1");
    this.#passage.count(this.#status);
    upstream.on("error", () => client.destroy());
    upstream.once("close", () => client.destroySoon());
    if (rest.length > 0) client.write(rest);
    if (this.#head.length > 0) upstream.write(this.#head);
    client.pipe(upstream);
    upstream.pipe(client);
  }

  /** The instance answered with something else than an upgrade. */
  #decline(answer: IncomingMessage): void {
    this.#status = answer.statusCode ?? 502;
    const response = new http.ServerResponse(this.#request);
    response.shouldKeepAlive = false;
    response.assignSocket(this.#client);
    response.writeHead(this.#status, answer.statusMessage ?? "", this.#passage.announce(forwardedResponse(answer.rawHeaders).headers));
    answer.once("error", (error) => {
      this.#passage.error = `The response broke off: ${error.message}`;
      this.#client.destroy();
    });
    response.once("finish", () => this.#client.destroySoon());
    answer.pipe(response);
  }

  #refuse(status: number, sentence: string, cause?: Error): void {
    if (this.#client.destroyed) return;
    this.#passage.error = cause === undefined ? sentence : `${sentence} ${cause.message}`;
    this.#status = status;
    const length = String(sentence.length + 1);
    const headers = ["content-type", "text/plain; charset=utf-8", "content-length", length, "connection", "close"];
    this.#client.write(headText(status, http.STATUS_CODES[status] ?? "", this.#passage.announce(headers)), "latin1");
    this.#client.write(`${sentence}\n`);
    this.#client.destroySoon();
  }
}

/** Connects to an instance; exactly one of the two functions is called. */
function connect(port: number, failed: (error: Error) => void, connected: (socket: net.Socket) => void): void {
  const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE, allowHalfOpen: true };
  const socket = net.connect({ host: "127.0.0.1", port, ...options });
  socket.setTimeout(CONNECT_TIMEOUT, () => socket.destroy(new Error("connect timed out")));
  socket.once("error", failed);
  socket.once("connect", () => {
    socket.setTimeout(0);
    socket.off("error", failed);
    connected(socket);
  });
}

function headText(status: number, message: string, headers: readonly string[]): string {
  let text = `HTTP/1.1 ${status} ${message}\r\n`;
  for (let at = 0; at < headers.length; at += 2) text += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return `${text}\r\n`;
}
