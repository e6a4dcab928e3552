import { AwakeClock, now } from "./clock.js";
import { deferred } from "./deferred.js";
import { Exchange } from "./exchange.js";
import type { Load, Observer } from "./load.js";
import type { ProbeRequest, ResolvedProberOptions } from "./options.js";
import { createPicker } from "./schedule.js";
import type { Sender } from "./sender.js";

const SWEEP_MS = 20;
/** A stream that failed is opened again after this, so that a server that refuses is not flooded. */
const REOPEN_MS = 100;

/** Keeps a number of long responses open; one that ends properly is opened again at once. */
export class Streams implements Load {
  readonly finished: Promise<void>;
  readonly #resolve: () => void;
  readonly #pick: () => ProbeRequest;
  readonly #sweep: NodeJS.Timeout;
  readonly #limit: NodeJS.Timeout | undefined;
  #next = 0;
  #stopped = false;
  #stoppedAwake = Infinity;
  readonly #clock = new AwakeClock();
  readonly #open = new Set<Exchange>();
  readonly #pauses = new Set<NodeJS.Timeout>();

  constructor(
    private readonly options: ResolvedProberOptions,
    private readonly sender: Sender,
    private readonly observer: Observer,
  ) {
    const { promise, resolve } = deferred<void>();
    this.finished = promise;
    this.#resolve = resolve;
    this.#pick = createPicker(options.requests);
    this.#sweep = setInterval(() => this.#timeOut(), SWEEP_MS);
    if (options.durationMs !== undefined) this.#limit = setTimeout(() => this.stop(), options.durationMs);
    for (let n = 0; n < options.connections; n += 1) this.#start();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.observer.tally.sendingEnded(now());
    this.#stoppedAwake = this.#clock.read();
    clearTimeout(this.#limit);
    for (const pause of this.#pauses) clearTimeout(pause);
    this.#finishIfDone();
  }

  abandon(): void {
    this.stop();
    for (const exchange of this.#open) exchange.cancel("stopped");
  }

  #start(): void {
    const request = this.#pick();
    let ended = false;
    const exchange = new Exchange(`${this.options.run}-${this.#next++}`, now(), this.#clock, request.endsWith, {
      data: ({ begunAt }) => {
        if (begunAt !== null) this.observer.tally.success(now());
        this.observer.answered();
      },
      settled: (settled, outcome) => {
        this.#open.delete(settled);
        this.observer.settled(outcome, (settled.begunAt ?? outcome.ended) - outcome.scheduled);
        this.#finishIfDone();
        ended = outcome.error === null;
        if (!this.#stopped && !ended) this.#startLater();
      },
      freed: () => {
        if (ended) queueMicrotask(() => this.#stopped || this.#start());
      },
    });
    this.observer.tally.started(0);
    this.#open.add(exchange);
    this.sender.send(exchange, request);
  }

  #startLater(): void {
    const pause = setTimeout(() => {
      this.#pauses.delete(pause);
      this.#start();
    }, REOPEN_MS);
    this.#pauses.add(pause);
  }

  /** Silence ends a stream; once stopped, streams have the same time to end by themselves. */
  #timeOut(): void {
    const oldest = this.#clock.read() - this.options.timeoutMs;
    for (const exchange of this.#open) if (exchange.activeAwake <= oldest) exchange.cancel("timeout");
    if (this.#stoppedAwake <= oldest) this.abandon();
  }

  #finishIfDone(): void {
    if (!this.#stopped || this.#open.size > 0) return;
    clearInterval(this.#sweep);
    this.#resolve();
  }
}
