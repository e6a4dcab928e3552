import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { z } from "zod";

/** The router did not answer; it may be starting. */
export class RouterSilent extends Error {
  override readonly name = "RouterSilent";
}

/** An answer of the router's admin interface. */
export interface RouterAnswer {
  readonly status: number;
  readonly text: string;
}

const addressSchema = z.object({ pid: z.int(), port: z.int() });
const stateSchema = z.object({ generation: z.int(), pid: z.int(), inFlight: z.record(z.string(), z.number()) });

/** What the router says of itself. */
export type RouterState = z.output<typeof stateSchema>;

const TIMEOUT = 5_000;
const LIMIT = 16 * 1024 * 1024;

/** Talks to the admin interface of the router whose address is in a file. */
export class RouterAdmin {
  readonly #addressFile: string;
  readonly #token: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });

  constructor(addressFile: string, token: string) {
    this.#addressFile = addressFile;
    this.#token = token;
  }

  /** Where the router that wrote its address last answers, or answered. */
  address(): { readonly pid: number; readonly port: number } | undefined {
    try {
      return addressSchema.parse(JSON.parse(readFileSync(this.#addressFile, "utf8")));
    } catch {
      return undefined;
    }
  }

  /** @throws RouterSilent */
  async state(): Promise<RouterState> {
    const { status, text } = await this.#ask("GET", "/state");
    if (status !== 200) throw new RouterSilent(`The router answered GET /state with ${status}.`);
    try {
      return stateSchema.parse(JSON.parse(text));
    } catch {
      throw new RouterSilent("The router's answer to GET /state is not understood.");
    }
  }

  /** The metrics in Prometheus' text format. @throws RouterSilent */
  async metrics(): Promise<string> {
    const { status, text } = await this.#ask("GET", "/metrics");
    if (status !== 200) throw new RouterSilent(`The router answered GET /metrics with ${status}.`);
    return text;
  }

  /** @throws RouterSilent */
  putConfig(body: string): Promise<RouterAnswer> {
    return this.#ask("PUT", "/config", body);
  }

  close(): void {
    this.#agent.destroy();
  }

  #ask(method: string, path: string, body?: string): Promise<RouterAnswer> {
    const address = this.address();
    if (address === undefined) return Promise.reject(new RouterSilent("The router has written no address."));
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${this.#token}`, ...(body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }) };
      const sent = request({ host: "127.0.0.1", port: address.port, method, path, agent: this.#agent, headers, timeout: TIMEOUT }, (response) => {
        const pieces: Buffer[] = [];
        let size = 0;
        response.on("data", (piece: Buffer) => {
          size += piece.length;
          if (size > LIMIT) sent.destroy(new Error("answer too long"));
          pieces.push(piece);
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString("utf8") }));
        response.on("error", (error) => reject(new RouterSilent(error.message)));
      });
      sent.on("timeout", () => sent.destroy(new Error(`no answer within ${TIMEOUT} ms`)));
      sent.on("error", (error) => reject(new RouterSilent(`The router does not answer: ${error.message}.`)));
      sent.end(body);
    });
  }
}
