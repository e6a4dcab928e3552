import { Client } from "./slim.js";

/** How long a connection to an instance may take, in ms. */
export const CONNECT_TIMEOUT = 2_000;
/** How long an instance may think before its response headers, in ms. */
export const HEADERS_TIMEOUT = 300_000;
/**
 * Idle connections are closed this long before the end of the time that the instance's `Keep-Alive` header promises, in ms:
 * no request is sent on a connection that the instance is about to close.
 */
const KEEP_ALIVE_MARGIN = 2_000;
/** How long an idle connection is kept when the instance promises nothing, in ms. */
const KEEP_ALIVE_UNKNOWN = 1_000;

/** One keep-alive connection to an instance: an undici Client that carries one request at a time. */
export interface Connection {
  readonly client: Client;
  /** Responses received since the connection was made. 0 means that the next request is its first. */
  served: number;
}

/**
 * The connections to one instance. The newest idle one is reused first, so that the others run out and are closed.
 * `connected` is called whenever a connection is made.
 */
export class Connections {
  readonly #origin: string;
  readonly #connected: () => void;
  readonly #idle: Connection[] = [];
  #keep = true;

  constructor(port: number, connected: () => void) {
    this.#origin = `http://127.0.0.1:${port}`;
    this.#connected = connected;
  }

  /** An idle connection, or one that connects when it is given a request; always the latter when it must be fresh. */
  take(fresh: boolean): Connection {
    return (fresh ? undefined : this.#idle.pop()) ?? this.#open();
  }

  /** Gives back a connection whose response is complete. */
  give(connection: Connection): void {
    connection.served++;
    if (this.#keep) this.#idle.push(connection);
    else discard(connection);
  }

  /** From now on keeps idle connections (true), or closes them (false): what is in use ends in its own time. */
  keep(keep: boolean): void {
    this.#keep = keep;
    if (!keep) for (const connection of this.#idle.splice(0)) discard(connection);
  }

  #open(): Connection {
    const client = new Client(this.#origin, {
      connect: { timeout: CONNECT_TIMEOUT },
      pipelining: 1,
      headersTimeout: HEADERS_TIMEOUT,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_UNKNOWN,
      keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN,
    });
    const connection: Connection = { client, served: 0 };
    client.on("connect", () => {
      connection.served = 0;
      this.#connected();
    });
    client.on("disconnect", () => {
      const at = this.#idle.indexOf(connection);
      if (at !== -1) this.#idle.splice(at, 1);
    });
    return connection;
  }
}

function discard({ client }: Connection): void {
  // Resolves when the socket is gone; a rejection could only say that it is gone already.
  client.destroy().catch(() => undefined);
}
