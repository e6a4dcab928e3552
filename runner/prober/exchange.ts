import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import { type AwakeClock, now } from "./clock.js";
import { type Outcome, type ProbeError, isSuccess, kindOf } from "./outcome.js";

/** What an exchange tells its owner. */
export interface ExchangeEvents {
  /** The response began, or brought data. */
  readonly data?: (exchange: Exchange) => void;
  /** The outcome is known. Called once. */
  readonly settled: (exchange: Exchange, outcome: Outcome) => void;
  /** The connection is free again. Called once, never before `settled`. */
  readonly freed: (exchange: Exchange) => void;
}

/** One request and its response, followed through undici's lowest interface, which repeats nothing by itself. */
export class Exchange implements Dispatcher.DispatchHandler {
  /** When the response began. */
  begunAt: number | null = null;
  /** When the prober took it up, on time or late. */
  readonly startedAt = now();
  /** The same moment on the clock that time limits go by. */
  readonly startedAwake: number;
  /** The last sign of life, on that clock. */
  activeAwake: number;
  #controller: Dispatcher.DispatchController | null = null;
  #sent: number | null = null;
  #status: number | null = null;
  #slot: string | null = null;
  #release: string | null = null;
  #tail = Buffer.alloc(0);
  #settled = false;
  #freed = false;

  /** @param endsWith what a complete body ends with */
  constructor(
    readonly id: string,
    readonly scheduled: number,
    private readonly clock: AwakeClock,
    private readonly endsWith: string | undefined,
    private readonly events: ExchangeEvents,
  ) {
    this.startedAwake = this.activeAwake = clock.read();
  }

  /** Settles it from the prober's side and gives up the connection. */
  cancel(error: "timeout" | "stopped"): void {
    this.#settle(error);
    this.#controller?.abort(new Error(error));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) {
      controller.abort(new Error("given up before it was sent"));
      return;
    }
    this.#controller = controller;
    this.#sent = now();
    this.activeAwake = this.clock.read();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (this.#settled || status < 200) return;
    this.begunAt = now();
    this.activeAwake = this.clock.read();
    this.#status = status;
    this.#slot = first(headers["x-mission-slot"]);
    this.#release = first(headers["x-mission-release"]);
    this.events.data?.(this);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.activeAwake = this.clock.read();
    if (this.endsWith !== undefined) this.#tail = Buffer.concat([this.#tail, chunk]).subarray(-Buffer.byteLength(this.endsWith));
    this.events.data?.(this);
  }

  onResponseEnd(): void {
    const complete = this.endsWith === undefined || this.#tail.toString() === this.endsWith;
    if (!isSuccess(this.#status)) this.#settle("status");
    else this.#settle(complete ? null : "early-end");
    this.#free();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#settle(kindOf(error, this.#status !== null));
    this.#free();
  }

  #settle(error: ProbeError | null): void {
    if (this.#settled) return;
    this.#settled = true;
    const { id, scheduled } = this;
    const release = this.#release;
    this.events.settled(this, { id, scheduled, sent: this.#sent, ended: now(), status: this.#status, error, slot: this.#slot, release });
  }

  #free(): void {
    if (this.#freed) return;
    this.#freed = true;
    this.events.freed(this);
  }
}

function first(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}
