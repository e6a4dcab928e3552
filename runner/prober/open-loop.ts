import { AwakeClock, now } from "./clock.js";
import { deferred } from "./deferred.js";
import { Exchange } from "./exchange.js";
import type { Load, Observer } from "./load.js";
import type { ProbeRequest, ResolvedProberOptions } from "./options.js";
import { createArrivals, createPicker, requestsIn } from "./schedule.js";
import type { Sender } from "./sender.js";

const SWEEP_MS = 20;

/** Sends at times fixed beforehand, whatever the server does: waiting for slow answers would hide how many were affected. */
export class OpenLoop implements Load {
  readonly finished: Promise<void>;
  readonly #resolve: () => void;
  readonly #planned: number;
  readonly #pick: () => ProbeRequest;
  readonly #sweep: NodeJS.Timeout;
  readonly #limit: number;
  readonly #clock = new AwakeClock();
  #timer: NodeJS.Timeout | undefined;
  readonly #arrival: () => number;
  #next = 0;
  /** When request `#next` is due, in ms since 1970. */
  #nextDue: number;
  #busy = 0;
  #stopped = false;
  /** In the order of their start, which is the order of their time limits. */
  readonly #inFlight = new Set<Exchange>();
  readonly #waiting = new Map<Exchange, ProbeRequest>();

  /** @param startedAt when the first request is due, in ms since 1970 */
  constructor(
    private readonly options: ResolvedProberOptions,
    private readonly startedAt: number,
    private readonly sender: Sender,
    private readonly observer: Observer,
  ) {
    const { promise, resolve } = deferred<void>();
    this.finished = promise;
    this.#resolve = resolve;
    this.#planned = options.durationMs === undefined ? Infinity : requestsIn(options.durationMs, options.rate);
    this.#limit = options.mode === "keep-alive" ? options.connections : Infinity;
    this.#pick = createPicker(options.requests);
    this.#arrival = createArrivals(options.rate, options.arrivals);
    this.#nextDue = startedAt + this.#arrival();
    this.#sweep = setInterval(() => this.#timeOut(), SWEEP_MS);
    this.#startDue();
  }

  stop(): void {
    this.#stopped = true;
    this.observer.tally.sendingEnded(this.#next >= this.#planned ? this.#nextDue : Math.min(now(), this.#nextDue));
    clearTimeout(this.#timer);
    this.#finishIfDone();
  }

  abandon(): void {
    this.stop();
    for (const exchange of this.#inFlight) exchange.cancel("stopped");
  }

  #startDue(): void {
    const time = now();
    while (this.#next < this.#planned && this.#nextDue <= time) {
      this.#start(this.#next, this.#nextDue);
      this.#next += 1;
      this.#nextDue = this.startedAt + this.#arrival();
    }
    if (this.#next >= this.#planned) this.stop();
    else this.#timer = setTimeout(() => this.#startDue(), Math.max(1, this.#nextDue - now()));
  }

  #start(n: number, due: number): void {
    const request = this.#pick();
    const exchange = new Exchange(`${this.options.run}-${n}`, due, this.#clock, request.endsWith, {
      settled: (settled, outcome) => {
        this.#inFlight.delete(settled);
        this.#waiting.delete(settled);
        this.observer.settled(outcome, outcome.ended - outcome.scheduled);
        if (outcome.error === null || outcome.error === "status") this.observer.answered();
        this.#finishIfDone();
      },
      freed: () => {
        this.#busy -= 1;
        // Not before undici has noticed, too, that the connection is free.
        queueMicrotask(() => this.#startWaiting());
      },
    });
    this.observer.tally.started(exchange.startedAt - exchange.scheduled);
    this.#inFlight.add(exchange);
    if (this.#busy < this.#limit) this.#send(exchange, request);
    else this.#waiting.set(exchange, request);
  }

  #send(exchange: Exchange, request: ProbeRequest): void {
    this.#busy += 1;
    this.sender.send(exchange, request);
  }

  #startWaiting(): void {
    for (const [exchange, request] of this.#waiting) {
      if (this.#busy >= this.#limit) return;
      this.#waiting.delete(exchange);
      this.observer.tally.waitedForConnection(now() - exchange.startedAt);
      this.#send(exchange, request);
    }
  }

  #timeOut(): void {
    const oldest = this.#clock.read() - this.options.timeoutMs;
    for (const exchange of this.#inFlight) {
      if (exchange.startedAwake > oldest) return;
      if (this.#waiting.has(exchange)) this.observer.tally.waitedForConnection(now() - exchange.startedAt);
      exchange.cancel("timeout");
    }
  }

  #finishIfDone(): void {
    if (!this.#stopped || this.#inFlight.size > 0) return;
    clearInterval(this.#sweep);
    this.#resolve();
  }
}
