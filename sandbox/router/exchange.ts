import type { IncomingMessage, ServerResponse } from "node:http";
import { PassThrough } from "node:stream";
import type { Dispatcher } from "undici";
import type { Connection } from "./connection.js";
import { forwardedRequest, forwardedResponse, type Forwarded } from "./headers.js";
import type { Passage } from "./passage.js";

/** Methods that may be sent twice (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"]);
/** How undici and the kernel say that a connection ended. */
const CONNECTION_ENDED = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);
/** How undici says that it does not send such a request at all. */
const UNSENDABLE = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_NOT_SUPPORTED"]);
/** How long the end of a connection waits for the rest of an upload whose response is complete, in ms. */
const LINGER = 2_000;
/** The status that is logged for a client that left before a response began, as in nginx. */
const CLIENT_LEFT = 499;

/** What an exchange is told by the listener it came in through. */
export interface Reception {
  /** True while the port is being closed: responses then end their connection. */
  readonly closing: boolean;
}

/**
 * One request and its response: sent to an instance, tried again elsewhere while nothing was sent, streamed both ways
 * with back-pressure. Ends when the client has the response or has left. Implements the handler interface that undici's
 * client calls itself; the newer one is a wrapper around it that parses all headers into objects (15 % of the throughput).
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #passage: Passage;
  readonly #reception: Reception;
  readonly #wantsContinue: boolean;
  #forwarded: Forwarded = { path: "/", headers: [] };
  /** Between the client's body and undici, which destroys the body of a failed request: the client must still get an answer. */
  #body: PassThrough | null = null;
  #connection: Connection | undefined;
  /** Set while the request is on a connection. */
  #abort: (() => void) | undefined;
  #resume: (() => void) | undefined;
  /** Bytes of the body that have not come; NaN when its length was not announced. */
  #left = Number.NaN;
  #last: Buffer | undefined;
  #answered = false;
  #resent = false;
  #listensForDrain = false;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    passage: Passage,
    reception: Reception,
    wantsContinue: boolean,
  ) {
    this.#request = request;
    this.#response = response;
    this.#passage = passage;
    this.#reception = reception;
    this.#wantsContinue = wantsContinue;
  }

  /** Begins; all that follows comes from events. */
  begin(): void {
    const { headers, socket } = this.#request;
    this.#response.once("close", this.#closed);
    // A response that waits behind another of its connection is not told when that connection ends.
    if (this.#response.socket === null) socket.once("close", this.#closed);
    const forwarded = forwardedRequest(this.#request);
    if (forwarded === undefined) return this.#refuse(400, "The request is ambiguous: it has two hosts or an unknown transfer coding.");
    this.#forwarded = forwarded;
    const length = headers["content-length"];
    if (headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0")) {
      this.#body = this.#request.pipe(new PassThrough());
      this.#body.on("error", () => undefined);
      // What came of the body together with the head has been read by then.
      process.nextTick(() => this.#attempt());
    } else this.#attempt();
  }

  /** The request is about to be written to a connection: from here on it cannot be sent elsewhere. */
  onConnect(abort: () => void): void {
    this.#abort = abort;
    if (this.#response.destroyed) abort();
    else if (this.#wantsContinue && this.#body !== null) this.#response.writeContinue();
  }

  /** The first byte of a response came. */
  onResponseStarted(): void {
    this.#answered = true;
  }

  /** A head came: of an interim response, or of the response. False pauses. */
  onHeaders(status: number, raw: Buffer[], resume: () => void, message: string): boolean {
    const response = this.#response;
    const head = forwardedResponse(raw);
    if (status < 200) {
      if (status === 103 && head.links.length > 0) hint(response, head.links);
      return true;
    }
    const headers = this.#passage.announce(head.headers);
    if (this.#reception.closing) headers.push("connection", "close");
    response.writeHead(status, message, headers);
    this.#left = head.length;
    this.#resume = resume;
    // An event stream has no end to wait for.
    if (head.eventStream) this.#passage.count(status);
    // A body that begins later must not hold the headers back; one that came with them goes out in the same write.
    process.nextTick(flushUnlessEnded, response);
    return true;
  }

  /** A piece of the body came. False pauses. */
  onData(chunk: Buffer): boolean {
    this.#left -= chunk.length;
    if (this.#left === 0) {
      // The end follows at once; together they are one write.
      this.#last = chunk;
      return true;
    }
    if (this.#response.write(chunk)) return true;
    if (!this.#listensForDrain) this.#response.on("drain", () => this.#resume?.());
    this.#listensForDrain = true;
    return false;
  }

  /** The response is whole. */
  onComplete(raw: string[] | Buffer[] | null): void {
    if (this.#connection !== undefined) this.#passage.target?.upstream.connections.give(this.#connection);
    this.#connection = this.#abort = this.#resume = undefined;
    if (raw !== null && raw.length > 0) this.#response.addTrailers(pairs(forwardedResponse(raw).headers));
    this.#end(this.#last);
  }

  /** No connection, or it ended before the response was whole. */
  onError(error: Error): void {
    const sent = this.#abort !== undefined;
    const reused = (this.#connection?.served ?? 0) > 0;
    this.#connection = this.#abort = this.#resume = undefined;
    if (this.#response.destroyed) return;
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (!sent) {
      if (UNSENDABLE.has(code)) return this.#refuse(400, `The request cannot be sent on: ${error.message}.`);
      this.#passage.unreachable(error);
      return this.#attempt(error);
    }
    const stale = reused && !this.#answered && CONNECTION_ENDED.has(code);
    if (stale && !this.#resent && this.#body === null && IDEMPOTENT.has(this.#request.method ?? "")) {
      this.#resent = true;
      return this.#attempt(error);
    }
    if (this.#response.headersSent) {
      // undici misses the body of a 304 whose Content-Length tells the size that a 200 would have (RFC 9110, 15.4.5).
      if (this.#response.statusCode === 304 && code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH") this.#response.end();
      else this.#breakOff(error);
      return;
    }
    if (code === "UND_ERR_HEADERS_TIMEOUT") return this.#refuse(504, "The instance did not answer in time.", error);
    this.#refuse(502, "The instance ended the connection before it answered.", error);
  }

  #attempt(failure?: Error): void {
    if (this.#response.destroyed) return;
    const target = this.#passage.next();
    if (target === undefined) {
      if (failure === undefined) this.#refuse(503, "No instance of this service is running.");
      else this.#refuse(502, "No instance of this service accepts connections.", failure);
      return;
    }
    this.#answered = false;
    this.#connection = target.upstream.connections.take(this.#bodyIsToCome());
    const { path, headers } = this.#forwarded;
    const method = this.#request.method as Dispatcher.HttpMethod;
    this.#connection.client.dispatch({ path, method, headers, body: this.#body }, this);
  }

  /**
   * undici sends the head with the first piece of the body. While that is to come, the instance would see an idle connection, and might close it: such a
   * request gets a fresh one, which the instance keeps open for a head.
   */
  #bodyIsToCome(): boolean {
    return this.#body !== null && this.#body.readableLength === 0 && this.#request.readableLength === 0 && !this.#request.complete;
  }

  #refuse(status: number, sentence: string, cause?: Error): void {
    this.#passage.error = cause === undefined ? sentence : `${sentence} ${cause.message}`;
    const headers = this.#passage.announce(["content-type", "text/plain; charset=utf-8", "content-length", String(sentence.length + 1)]);
    // A client that waits for "100 Continue" may now send its body or not: only a new connection is unambiguous.
    if (this.#reception.closing || this.#wantsContinue) headers.push("connection", "close");
    this.#response.writeHead(status, headers);
    this.#end(`${sentence}\n`);
  }

  /** The response cannot be completed: the client must see that, so its connection is cut. */
  #breakOff(error: Error): void {
    this.#passage.error = `The response broke off: ${error.message}`;
    this.#response.destroy();
  }

  /**
   * Ends the response. When it is complete before the request is, the rest of the request is read away: a client whose
   * connection is closed while it sends loses the response that it has not read yet.
   */
  #end(last?: Buffer | string): void {
    const request = this.#request;
    const response = this.#response;
    if (this.#body === null || request.complete) return void response.end(last);
    request.unpipe(this.#body);
    request.resume();
    if (response.shouldKeepAlive && !this.#reception.closing) return void response.end(last);
    if (last !== undefined) response.write(last);
    const end = (): void => void response.end();
    const linger = setTimeout(end, LINGER);
    request.once("end", end).once("close", () => clearTimeout(linger));
  }

  readonly #closed = (): void => {
    const response = this.#response;
    response.off("close", this.#closed);
    this.#request.socket.off("close", this.#closed);
    if (!response.writableFinished && this.#passage.error === undefined) {
      if (!response.headersSent) this.#passage.error = "The client left before a response began.";
      this.#abort?.();
    }
    this.#passage.end(response.headersSent ? response.statusCode : CLIENT_LEFT);
  };
}

/** Passes early hints on; those that Node finds malformed are left out, as is allowed for any. */
function hint(response: ServerResponse, link: string[]): void {
  try {
    response.writeEarlyHints({ link });
  } catch {
    return;
  }
}

function flushUnlessEnded(response: ServerResponse): void {
  if (!response.writableEnded && !response.destroyed) response.flushHeaders();
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""] as [string, string]] : []));
}
