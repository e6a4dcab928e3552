import { fork, type ChildProcess } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A request that the receiver got. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly body: string;
}

/**
 * A webhook's receiver in a process of its own. What it answers is in the path: `/ok/...`, `/hang/...`, `/redirect/...` (to `/ok/redirected`), `/refuse/...` (410),
 * `/down/...` (503), `/flaky/...` (500 once, then 200).
 */
export class Receiver {
  private constructor(
    private readonly child: ChildProcess,
    /** Such as http://127.0.0.1:40001. */
    readonly url: string,
  ) {}

  static async start(): Promise<Receiver> {
    const child = fork(__filename, ["serve"]);
    const port = await new Promise<number>((resolve, reject) => {
      child.once("message", (message) => resolve(message as number));
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`The receiver ended with ${code}.`)));
    });
    return new Receiver(child, `http://127.0.0.1:${port}`);
  }

  get host(): string {
    return new URL(this.url).host;
  }

  async received(): Promise<readonly Received[]> {
    return (await (await fetch(`${this.url}/received`)).json()) as Received[];
  }

  /** The texts that arrived at a path. */
  async texts(path: string): Promise<readonly string[]> {
    return (await this.received()).filter((one) => one.path === path).map(({ body }) => (JSON.parse(body) as { text: string }).text);
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.child.once("exit", () => resolve());
      this.child.kill("SIGKILL");
    });
  }
}

function serve(): void {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    if (path === "/received") return response.end(JSON.stringify(received));
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      const again = received.some((one) => one.path === path);
      received.push({ method: request.method ?? "", path, type: request.headers["content-type"] ?? "", body });
      const [, kind] = path.split("/");
      if (kind === "hang") return;
      if (kind === "redirect") return response.writeHead(302, { location: "/ok/redirected" }).end();
      response.writeHead(kind === "refuse" ? 410 : kind === "down" || (kind === "flaky" && !again) ? 503 : 200).end();
    });
    return undefined;
  });
  process.on("disconnect", () => process.exit(0));
  server.listen({ host: "127.0.0.1", port: 0 }, () => process.send?.((server.address() as AddressInfo).port));
}

if (process.argv[2] === "serve" && require.main === module) serve();
