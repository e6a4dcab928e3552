import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type net from "node:net";
import { Exchange } from "./exchange.js";
import { Passage, type Door, type Gateway } from "./passage.js";
import { Upgrade, upgrades } from "./upgrade.js";

/**
 * How long a client's idle connection is kept, in ms: longer than the pools of usual clients and balancers (60 s) keep
 * theirs, so that it is the client who closes and no request meets a closing connection.
 */
const CLIENT_KEEP_ALIVE = 75_000;

/** A port that could not be bound. */
export class PortError extends Error {
  readonly port: number;

  constructor(port: number, cause: NodeJS.ErrnoException) {
    const reason = cause.code === "EADDRINUSE" ? "is in use by another process" : `cannot be bound (${cause.message})`;
    super(`Port ${port} on 127.0.0.1 ${reason}; the configuration before stays in force. Free the port or choose another.`);
    this.port = port;
  }
}

/** A listening port. What it leads to (`door`) may change with a configuration; connections stay open then. */
export class Listener {
  readonly port: number;
  door: Door;
  /** True once the port is being closed: responses then end their connection. */
  closing = false;
  readonly #server: http.Server;

  private constructor(port: number, door: Door, gateway: Gateway) {
    this.port = port;
    this.door = door;
    const options = {
      keepAliveTimeout: CLIENT_KEEP_ALIVE,
      // An upload may take as long as it takes; only slow heads are cut off (60 s, Node's default).
      requestTimeout: 0,
      shouldUpgradeCallback: upgrades,
    };
    const receive = (request: IncomingMessage, response: ServerResponse, wantsContinue: boolean): void =>
      new Exchange(request, response, new Passage(gateway, this.door, request), this, wantsContinue).begin();
    this.#server = http
      .createServer(options, (request, response) => receive(request, response, false))
      .on("checkContinue", (request, response) => receive(request, response, true))
      .on("upgrade", (request, socket, head) => {
        new Upgrade(request, socket as net.Socket, head, new Passage(gateway, this.door, request)).begin();
      });
  }

  /** Binds a port of 127.0.0.1 and listens. @throws PortError */
  static async open(port: number, door: Door, gateway: Gateway): Promise<Listener> {
    const listener = new Listener(port, door, gateway);
    const server = listener.#server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => reject(new PortError(port, error)));
      server.listen({ host: "127.0.0.1", port, backlog: 4096 }, () => {
        server.removeAllListeners("error");
        resolve();
      });
    });
    return listener;
  }

  /** Stops listening at once; resolves when the last request, stream and upgraded connection has ended. */
  close(): Promise<void> {
    this.closing = true;
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
