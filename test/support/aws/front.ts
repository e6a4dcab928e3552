import { once } from "node:events";
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { errorReply, readCall, type Call, type Reply } from "./call.js";
import { CompositeAlarms } from "./composite-alarms.js";

/** Answers a call in the emulator's place; undefined: does not. */
type Answer = (call: Call) => Reply | undefined | Promise<Reply | undefined>;

/**
 * What tests use as AWS's address: passes calls on to the emulator, answers those that it cannot (composite alarms; what runs and is
 * measured, which a data plane tells), and misbehaves on demand as AWS does.
 */
export class Front {
  readonly compositeAlarms = new CompositeAlarms();
  /** Every call that came, oldest first. */
  readonly calls: Call[] = [];
  private readonly answers: Answer[] = [];
  private readonly changes: ((call: Call) => void)[] = [];
  private readonly pages = new Map<string, number>();

  private constructor(
    private readonly server: Server,
    readonly endpoint: string,
    private readonly emulator: URL,
  ) {}

  static async start(emulator: string): Promise<Front> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const front = new Front(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, new URL(emulator));
    server.on("request", (asked: IncomingMessage, response: ServerResponse) => {
      const parts: Buffer[] = [];
      asked.on("data", (part: Buffer) => parts.push(part));
      asked.on("end", () => void front.handle(asked, Buffer.concat(parts), response));
    });
    return front;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, "close");
  }

  /** The newest answer is asked first. @returns what takes it away again */
  answering(answer: Answer): () => void {
    this.answers.unshift(answer);
    return () => void this.answers.splice(this.answers.indexOf(answer), 1);
  }

  /** Hears of each call that was passed on and changed something. */
  onChange(hear: (call: Call) => void): void {
    this.changes.push(hear);
  }

  /** The next calls of an action are throttled. @param times Infinity: until it is taken away */
  throttle(action: string, times: number): () => void {
    let left = times;
    return this.answering((call) => (call.action === action && left-- > 0 ? errorReply(call, 429, call.json === undefined ? "Throttling" : "ThrottlingException", "Rate exceeded") : undefined));
  }

  /** Every call is refused, as with credentials that are over. */
  expire(): () => void {
    return this.answering((call) => errorReply(call, 403, call.json === undefined ? "ExpiredToken" : "ExpiredTokenException", "The security token included in the request is expired"));
  }

  /** Answers of an action come in pages of at most this many: of Elastic Load Balancing, where the emulator pages by itself, and of what speaks JSON, where the front does. */
  paging(action: string, size: number): () => void {
    this.pages.set(action, size);
    return () => void this.pages.delete(action);
  }

  /** An eventually consistent read: the next calls of an action get what it answered last, whatever has changed since. */
  late(action: string, times: number): () => void {
    let left = times;
    return this.answering((call) => {
      const old = this.last.get(key(call));
      return call.action === action && old !== undefined && left-- > 0 ? old : undefined;
    });
  }
  private readonly last = new Map<string, Reply>();

  private async handle(asked: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const call = readCall(asked.headers, body);
    this.calls.push(call);
    try {
      const size = this.pages.get(call.action);
      for (const answer of [...this.answers]) {
        const reply = await answer(call);
        if (reply !== undefined) return void send(response, size === undefined ? reply : page(call, reply, size));
      }
      const composite = call.service === "monitoring" && call.json === undefined ? this.compositeAlarms.answer(call.params) : undefined;
      if (composite !== undefined) return void send(response, { status: 200, type: "text/xml", body: composite });
      if (size !== undefined && call.json === undefined) {
        call.params.set("PageSize", String(size));
        return await this.pass(asked, call, Buffer.from(call.params.toString()), response);
      }
      await this.pass(asked, call, body, response, size);
    } catch {
      // As a connection that breaks: whoever asked hears nothing more.
      response.destroy();
    }
  }

  private pass(asked: IncomingMessage, call: Call, body: Buffer, response: ServerResponse, size?: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const onward = request({ host: this.emulator.hostname, port: this.emulator.port, path: asked.url, method: asked.method, headers: { ...asked.headers, "content-length": body.length } }, (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("end", () => {
          const all = Buffer.concat(parts);
          if (!/^(Describe|Get|List)/.test(call.action)) for (const hear of this.changes) hear(call);
          else if (answer.statusCode === 200 && all.length < 1_000_000) this.last.set(key(call), { status: 200, type: String(answer.headers["content-type"] ?? "text/xml"), body: all.toString() });
          if (size !== undefined && answer.statusCode === 200) {
            send(response, page(call, { status: 200, type: String(answer.headers["content-type"] ?? ""), body: all.toString() }, size));
            return void resolve();
          }
          const { "transfer-encoding": _chunked, ...others } = answer.headers;
          response.writeHead(answer.statusCode ?? 502, { ...others, "content-length": all.length });
          response.end(all, () => resolve());
        });
        answer.on("error", reject);
      });
      onward.on("error", reject);
      onward.end(body);
    });
  }
}

/** A part of an answer's only list; the token of a page is where the next one begins. */
function page({ json }: Call, reply: Reply, size: number): Reply {
  const whole = JSON.parse(reply.body) as Record<string, unknown>;
  const [name, list] = Object.entries(whole).find((entry): entry is [string, unknown[]] => Array.isArray(entry[1]) && entry[1].length > size) ?? [];
  if (name === undefined || list === undefined) return reply;
  const from = Number(json?.["NextToken"] ?? 0);
  return { ...reply, body: JSON.stringify({ ...whole, [name]: list.slice(from, from + size), ...(from + size < list.length ? { NextToken: String(from + size) } : {}) }) };
}

function key({ action, params, json }: Call): string {
  return `${action} ${params.toString()} ${JSON.stringify(json ?? null)}`;
}

function send(response: ServerResponse, { status, type, body }: Reply): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) }).end(body);
}
