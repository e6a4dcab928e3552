import net from "node:net";
import { Connections } from "./connection.js";

/** How often an instance that refused a connection is tried again, in ms. */
const PROBE_INTERVAL = 250;
/** How long such a try may take, in ms. */
const PROBE_TIMEOUT = 1_000;

/**
 * One instance as the router knows it, kept from configuration to configuration: its connections, how many requests it
 * has in flight, and whether it refuses connections.
 */
export class Upstream {
  readonly id: string;
  readonly port: number;
  /** Requests, streams and upgraded connections that were given to the instance and have not ended. */
  inFlight = 0;
  readonly connections: Connections;
  #probe: NodeJS.Timeout | undefined;
  #retired = false;

  constructor(id: string, port: number) {
    this.id = id;
    this.port = port;
    this.connections = new Connections(port, () => this.markUp());
  }

  /** Whether the last connection to the instance was refused and none has succeeded since. */
  get down(): boolean {
    return this.#probe !== undefined;
  }

  /** Notes that a connection was refused; from now on the instance is probed until it accepts one. */
  markDown(): void {
    if (this.#retired) return;
    this.#probe ??= setInterval(() => probe(this.port, () => this.markUp()), PROBE_INTERVAL).unref();
  }

  /** Notes that the instance accepts connections, or is to be believed again. */
  markUp(): void {
    clearInterval(this.#probe);
    this.#probe = undefined;
  }

  /** The instance is in the configuration that comes into force: it is believed again, whatever was noted before. */
  enlist(): void {
    this.#retired = false;
    this.markUp();
    this.connections.keep(true);
  }

  /** The instance left the configuration: it gets no new requests, those in flight end in their own time. */
  retire(): void {
    this.#retired = true;
    this.markUp();
    this.connections.keep(false);
  }
}

function probe(port: number, accepted: () => void): void {
  const socket = net.connect({ host: "127.0.0.1", port });
  socket.setTimeout(PROBE_TIMEOUT, () => socket.destroy());
  socket.once("connect", () => {
    socket.destroy();
    accepted();
  });
  socket.on("error", () => socket.destroy());
}
