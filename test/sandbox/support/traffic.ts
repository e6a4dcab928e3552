import { Agent, get } from "node:http";

/** What a steady client saw. */
export interface Seen {
  readonly sent: number;
  /** Anything but a 2xx, in words. */
  readonly failures: readonly string[];
  /** Who answered, by `slot version`. */
  readonly by: Readonly<Record<string, number>>;
}

/** A client that sends a request every few milliseconds, whatever became of the others, until it is stopped. */
export class Traffic {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #timer: NodeJS.Timeout;
  readonly #open = new Set<Promise<void>>();
  readonly #failures: string[] = [];
  readonly #by: Record<string, number> = {};
  #sent = 0;

  constructor(url: string, intervalMs = 10) {
    this.#url = url;
    this.#timer = setInterval(() => {
      const one = this.#send().finally(() => this.#open.delete(one));
      this.#open.add(one);
    }, intervalMs);
  }

  /** Requests until now. */
  get sent(): number {
    return this.#sent;
  }

  async stop(): Promise<Seen> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    this.#agent.destroy();
    return { sent: this.#sent, failures: this.#failures, by: this.#by };
  }

  async #send(): Promise<void> {
    this.#sent += 1;
    const answer = await fetchJson(this.#url, this.#agent).catch((error: Error) => String(error));
    if (typeof answer === "string") this.#failures.push(answer);
    else this.#by[`${answer.slot} ${answer.version}`] = (this.#by[`${answer.slot} ${answer.version}`] ?? 0) + 1;
  }
}

/** Who answered a request. */
export interface Answer {
  readonly slot: string;
  readonly version: string;
  readonly instance: string;
  readonly pid: number;
}

/** Who answers a request now. @throws Error for anything but a 2xx */
export function fetchJson(url: string, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, agent === undefined ? {} : { agent }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => (text += piece));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}: ${text.slice(0, 100)}`));
        else resolve(JSON.parse(text) as Answer);
      });
    }).on("error", reject);
  });
}
