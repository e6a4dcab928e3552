import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

type Handle = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A server that fails in a different, known way on every path, and notes the id of every request. */
export class FaultServer {
  readonly ids: string[] = [];
  readonly connections = { opened: 0 };
  /** Answers to `/` wait for this. */
  gate: Promise<void> = Promise.resolve();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<FaultServer> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const faults = new FaultServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("connection", () => (faults.connections.opened += 1));
    server.on("request", (request, response) => {
      faults.ids.push(String(request.headers["x-request-id"]));
      void faults.#handle(request, response);
    });
    return faults;
  }


  /** Resolves when so many requests have come. */
  async received(count: number): Promise<void> {
    while (this.ids.length < count) await sleep(2);
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, "close");
  }

  #handle(request: IncomingMessage, response: ServerResponse): unknown {
    const path = new URL(request.url ?? "/", this.url).pathname;
    return (this.#faults[path] ?? this.#answer)(request, response);
  }

  readonly #answer: Handle = async (request, response) => {
    await this.gate;
    const candidate = request.url?.endsWith("?candidate");
    response.setHeader("x-mission-slot", candidate ? "green" : "blue");
    response.setHeader("x-mission-release", candidate ? "2.0.0" : "1.0.0");
    response.end("answer");
  };

  readonly #faults: Readonly<Record<string, Handle>> = {
    "/500": (_request, response) => response.writeHead(500).end("no"),
    "/302": (_request, response) => response.writeHead(302, { location: "/500" }).end(),
    "/echo": (request, response) => request.pipe(response),
    "/reset": (request) => request.socket.resetAndDestroy(),
    "/close": (request) => request.socket.destroy(),
    "/hang": () => {},
    "/garbage": (request) => request.socket.end("this is not HTTP\r\n\r\n"),
    "/short": (_request, response) => breakAfter(response.writeHead(200, { "content-length": 100 })),
    "/short-last": (_request, response) => breakAfter(response.writeHead(200, { "content-length": 100, connection: "close" })),
    "/torn": (_request, response) => breakAfter(response.writeHead(200)),
    "/truncated": (_request, response) => response.end("tick 1 of 2\n"),
    "/stream": async (_request, response) => {
      for (let tick = 1; tick <= 3; tick += 1) {
        response.write(`tick ${tick}\n`);
        await sleep(15);
      }
      response.end("end\n");
    },
    "/endless": (_request, response) => response.write("first\n"),
  };
}

/** Sends a part of the body and then ends the connection. */
function breakAfter(response: ServerResponse): void {
  response.write("half", () => response.socket?.end());
}
