import { strict as assert } from "node:assert";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http, { type IncomingMessage, type RequestListener } from "node:http";
import net, { type AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Instance, RoutedService, RouterConfig } from "../../../sandbox/router/config.js";
import type { RouterState } from "../../../sandbox/router/router.js";

const MAIN = path.join(__dirname, "../../../sandbox/router/main.js");

/** What the tests of one file started; `clean` ends all of it. */
const started: (() => Promise<unknown> | unknown)[] = [];

/** Ends what the tests of a file started, last first. */
export async function clean(): Promise<void> {
  for (const end of started.splice(0).reverse()) await end();
}

/** Has something ended by {@link clean}. */
export function onClean(end: () => Promise<unknown> | unknown): void {
  started.push(end);
}

/** `count` ports of 127.0.0.1 that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(net.createServer())));
  const ports = servers.map((server) => portOf(server));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Binds a server to a free port of 127.0.0.1. */
export async function listen<T extends net.Server>(server: T, port = 0): Promise<T> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** The port of a listening server. */
export function portOf(server: net.Server): number {
  return (server.address() as AddressInfo).port;
}

/** A backend in this process, ended by {@link clean}. The default answers its name and the request's id. */
export async function backend(name: string, handler?: RequestListener): Promise<http.Server & { ids: string[] }> {
  const ids: string[] = [];
  const server = Object.assign(
    http.createServer((request, response) => {
      ids.push(String(request.headers["x-request-id"]));
      if (handler !== undefined) return handler(request, response);
      request.resume();
      request.on("end", () => response.end(name));
    }),
    { ids },
  );
  await listen(server);
  onClean(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return server;
}

/** An instance entry of a configuration. */
export function instance(id: string, at: net.Server | number, ready = true): Instance {
  return { id, port: typeof at === "number" ? at : portOf(at), ready };
}

/** One service with its three ports; blue is live and has everything unless `over` says otherwise. */
export async function service(blue: Instance[], green: Instance[], over: Partial<RoutedService> = {}): Promise<RoutedService> {
  const [production, blueTest, greenTest] = (await freePorts(3)) as [number, number, number];
  return {
    ports: { production, blue: blueTest, green: greenTest },
    live: "blue",
    split: { blue: 100, green: 0 },
    slots: { blue: { release: "1.0.0", instances: blue }, green: { release: "1.1.0", instances: green } },
    headers: true,
    stickiness: null,
    ...over,
  };
}

/** The configuration with the weight of green set and the next generation. */
export function shifted(config: RouterConfig, green: number, name = "web"): RouterConfig {
  const before = config.services[name];
  assert.ok(before !== undefined);
  const after = { ...before, split: { blue: 100 - green, green } };
  return { ...config, generation: config.generation + 1, services: { ...config.services, [name]: after } };
}

/** A router process of its own, with its directory. */
export class RouterProcess {
  readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), "mission-router-"));
  readonly token = "token-of-the-test";
  child: ChildProcess | undefined;
  /** What the process wrote to stderr. */
  said = "";
  #admin = 0;

  /** Starts a router on a configuration, ended by {@link clean}. */
  static async start(config?: RouterConfig): Promise<RouterProcess> {
    const router = new RouterProcess();
    onClean(() => router.#remove());
    fs.writeFileSync(path.join(router.directory, "token"), `${router.token}\n`, { mode: 0o600 });
    if (config !== undefined) router.write(config);
    await router.start();
    return router;
  }

  /** Writes `router.json` as the supervisor does. */
  write(config: RouterConfig): void {
    const file = path.join(this.directory, "router.json");
    fs.writeFileSync(`${file}.tmp`, JSON.stringify(config));
    fs.renameSync(`${file}.tmp`, file);
  }

  /** Starts the process and waits until it has said where its admin API is. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [MAIN, this.directory], { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr?.on("data", (chunk: Buffer) => (this.said += chunk.toString()));
    this.child = child;
    const file = path.join(this.directory, "router-admin.json");
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the router exited with ${child.exitCode}: ${this.said}`);
      const admin = fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as { pid: number; port: number }) : undefined;
      if (admin?.pid === child.pid) {
        this.#admin = admin?.port ?? 0;
        return;
      }
      await sleep(5);
    }
  }

  /** Ends the process with a signal and waits until it is gone. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = once(child, "exit");
    child.kill(signal);
    const [code] = (await exited) as [number | null];
    return code;
  }

  /** A request to the admin API. */
  admin(method: string, url: string, body?: unknown, token = `Bearer ${this.token}`): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return ask(this.#admin, { method, path: url, headers: { authorization: token }, ...(text === undefined ? {} : { body: text }) });
  }

  /** Pushes a configuration and expects that it comes into force. */
  async put(config: RouterConfig): Promise<void> {
    this.write(config);
    const { status, body } = await this.admin("PUT", "/config", config);
    assert.deepEqual({ status, body }, { status: 200, body: JSON.stringify({ generation: config.generation }) });
  }

  /** `GET /state`. */
  async state(): Promise<RouterState> {
    return JSON.parse((await this.admin("GET", "/state")).body) as RouterState;
  }

  /** A sample of `GET /metrics`: the value of the line that begins with the text; undefined when there is none. */
  async metric(line: string): Promise<number | undefined> {
    const { body } = await this.admin("GET", "/metrics");
    const found = body.split("\n").find((one) => one.startsWith(`${line} `));
    return found === undefined ? undefined : Number(found.slice(line.length));
  }

  async #remove(): Promise<void> {
    await this.stop("SIGKILL");
    fs.rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: NodeJS.Dict<string>;
}

/** What to ask. Without an agent each request has a connection of its own. */
export interface Question extends http.RequestOptions {
  readonly body?: string | Buffer;
}

/** Asks a port of 127.0.0.1 and reads the whole answer; rejects when there is none or it breaks off. */
export async function ask(port: number, question: Question = {}): Promise<Answer> {
  const { body, ...options } = question;
  const request = http.request({ host: "127.0.0.1", port, agent: false, ...options });
  request.end(body);
  return answerTo(request);
}

/** The whole answer to a request that was sent. */
export async function answerTo(request: http.ClientRequest): Promise<Answer> {
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString("utf8");
  return { status: response.statusCode ?? 0, headers: response.headers, body, trailers: response.trailers };
}

/** Sends bytes as they are and reads until the other side closes, or until `enough` says so. */
export async function raw(port: number, bytes: string, enough: (text: string) => boolean = () => false): Promise<string> {
  const socket = net.connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    if (enough(text)) socket.destroy();
  });
  socket.on("error", () => undefined);
  socket.write(bytes, "latin1");
  await once(socket, "close");
  return text;
}

/** Whether nobody listens on a port of 127.0.0.1. */
export function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", () => resolve(true));
  });
}

/** Waits until a condition holds; the test's own time limit ends a wait in vain. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(5);
}
