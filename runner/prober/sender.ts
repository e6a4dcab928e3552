import { Pool } from "undici";
import type { Exchange } from "./exchange.js";
import type { ProbeRequest, ResolvedProberOptions } from "./options.js";

/** Puts exchanges on connections: one request at a time on each, and none is ever repeated. */
export class Sender {
  readonly #pool: Pool;
  readonly #prefix: string;
  readonly #reset: boolean;

  constructor({ url, mode, connections, timeoutMs }: ResolvedProberOptions) {
    const { origin, pathname } = new URL(url);
    this.#prefix = pathname.replace(/\/$/, "");
    this.#reset = mode === "connection-per-request";
    this.#pool = new Pool(origin, {
      connections: this.#reset ? null : connections,
      pipelining: 1,
      // The prober keeps the time of requests itself; this only gives back a connection that never comes.
      connectTimeout: 2 * timeoutMs,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Sends a request; the exchange hears of everything that follows. */
  send(exchange: Exchange, { method, path, body, headers }: ProbeRequest): void {
    const all = { ...headers, "x-request-id": exchange.id };
    this.#pool.dispatch({ method, path: this.#prefix + path, headers: all, body: body ?? null, reset: this.#reset }, exchange);
  }

  /** Closes every connection at once. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
