import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { type Deferred, deferred } from "./deferred.js";
import type { ProberMessage, SnapshotRequest } from "./messages.js";
import { type ProberOptions, type ResolvedProberOptions, readProberOptions } from "./options.js";
import type { ProbeSummary } from "./summary.js";

const KILL_AFTER_MS = 5000;

/** A prober at work in a process of its own. It ends when this process does. */
export interface Prober {
  readonly pid: number;
  /** First part of every request's id. */
  readonly run: string;
  /**
   * The sums so far, of everything or of what was started since the mark; without a mark they are the same. Once it has ended, the final ones of
   * everything.
   */
  snapshot(since?: "start" | "mark"): Promise<ProbeSummary>;
  /** Sets the mark that `snapshot("mark")` counts from, in the place of one before. */
  mark(): Promise<void>;
  /** Sends nothing more, waits for what is in flight, and returns the final sums. May be called again. */
  stop(): Promise<ProbeSummary>;
  /** The final sums, also when it ends by itself after `durationMs`. Rejects when it ended without them. */
  readonly finished: Promise<ProbeSummary>;
}

/**
 * Starts a prober and waits for its first answer.
 * @throws RangeError for options that are not allowed, one sentence per mistake.
 * @throws Error when no request is answered within `startTimeoutMs`, or the prober cannot start; nothing is left running.
 */
export async function startProber(options: ProberOptions): Promise<Prober> {
  const resolved = readProberOptions(options);
  const child = spawn(process.execPath, [join(__dirname, "main.js"), "--options", "-"], {
    stdio: ["pipe", "ignore", "pipe", "ipc"],
  });
  // A child that could not start says so in `finished`.
  child.stdin?.on("error", () => {}).end(JSON.stringify(resolved));
  const prober = new ChildProber(child, resolved);
  await prober.firstAnswer();
  return prober;
}

class ChildProber implements Prober {
  readonly run: string;
  readonly finished: Promise<ProbeSummary>;
  readonly #started = deferred<void>();
  readonly #answered = deferred<void>();
  readonly #asked = new Map<number, Deferred<ProbeSummary>>();
  #asks = 0;
  #isAnswered = false;

  constructor(
    private readonly child: ChildProcess,
    private readonly options: ResolvedProberOptions,
  ) {
    this.run = options.run;
    const { promise, resolve, reject } = deferred<ProbeSummary>();
    this.finished = promise;
    // Whoever does not ask for the end must not be ended by it.
    promise.catch(() => {});
    let summary: ProbeSummary | undefined;
    let reason = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (reason = (reason + text).slice(-2000)));
    child.on("message", (message: ProberMessage) => {
      if (message.type === "started") this.#started.resolve();
      else if (message.type === "answered") this.#answered.resolve();
      else if (message.type === "snapshot") this.#asked.get(message.ask)?.resolve(message.summary);
      else if (message.type === "finished") summary = message.summary;
      else reason = message.reason;
    });
    child.on("error", (error) => reject(new Error(`The prober cannot start: ${error.message}.`)));
    child.on("close", (code, signal) => {
      if (summary && code === 0) resolve(summary);
      else reject(new Error(`The prober ended with ${signal ?? `code ${code}`} and without a summary. ${reason}`.trim()));
      for (const { resolve: answer } of this.#asked.values()) answer(this.finished);
    });
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  /** Resolves at the first answer; without one, stops the prober and says what happened instead. */
  async firstAnswer(): Promise<void> {
    const { url, startTimeoutMs } = this.options;
    // Before that a signal would end the process without a word, and its own start is not the service's time.
    await Promise.race([this.#started.promise, this.finished]);
    const late = deferred<void>();
    const timer = setTimeout(late.resolve, startTimeoutMs);
    await Promise.race([this.#answered.promise.then(() => (this.#isAnswered = true)), this.finished, late.promise]).finally(() => clearTimeout(timer));
    if (this.#isAnswered) return;
    const { errors } = await this.stop();
    throw new Error(`The prober got no answer from ${url} within ${startTimeoutMs} ms: ${JSON.stringify(errors)}.`);
  }

  snapshot(since: "start" | "mark" = "start"): Promise<ProbeSummary> {
    return this.#ask(since === "start" ? "snapshot" : "snapshot-since-mark");
  }

  async mark(): Promise<void> {
    await this.#ask("mark");
  }

  async #ask(type: SnapshotRequest["type"]): Promise<ProbeSummary> {
    const ask = this.#asks++;
    const question = deferred<ProbeSummary>();
    this.#asked.set(ask, question);
    const request: SnapshotRequest = { type, ask };
    if (this.child.connected) {
      this.child.send(request, (error) => {
        if (error) question.resolve(this.finished);
      });
    } else {
      question.resolve(this.finished);
    }
    return question.promise.finally(() => this.#asked.delete(ask));
  }

  async stop(): Promise<ProbeSummary> {
    this.child.kill("SIGTERM");
    const timer = setTimeout(() => this.child.kill("SIGKILL"), this.options.timeoutMs + KILL_AFTER_MS);
    return this.finished.finally(() => clearTimeout(timer));
  }
}
