import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { applicationSchema, type Application } from "../../../model/application.js";
import { runChecks, type ChecksOptions } from "../../../runner/checks/run-checks.js";

const open: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];

/** Lets a server listen on a port that the system gives; `closeServers` ends it. */
export async function listening<Kind extends Server>(server: Kind): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).once("close", () => sockets.delete(socket));
  });
  open.push({ server, sockets });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** An HTTP server; its address. */
export async function http(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  return `http://127.0.0.1:${await listening(createHttpServer(answer))}`;
}

/** A server that does with each connection what it is told; its address as HTTP. */
export async function raw(talk: (socket: Socket) => void): Promise<string> {
  return `http://127.0.0.1:${await listening(createServer(talk))}`;
}

/** A port of 127.0.0.1 at which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Ends every server that was opened here, and its connections. */
export async function closeServers(): Promise<void> {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    if (server.listening) {
      server.close();
      await once(server, "close");
    }
  }
}

/** An application with one service `web` and these checks. */
export function withChecks(checks: unknown, service: object = {}): Application {
  return applicationSchema.parse({ name: "app", services: { web: { command: "x", ...service } }, checks });
}

/** Options for an application whose only service answers at `url`. */
export function optionsFor(application: Application, url: string, more: Partial<ChecksOptions> = {}): ChecksOptions {
  return { application, urls: { web: url }, codebase: null, variables: {}, databaseUrl: null, expectRelease: null, ...more };
}

/** The smoke gate of some steps as one test against `url`. */
export async function smoke(url: string, steps: readonly object[], more: Partial<ChecksOptions> = {}) {
  const [gate] = await runChecks(optionsFor(withChecks({ smoke: [{ name: "t", steps }] }), url, more));
  if (gate === undefined) throw new Error("There is no gate.");
  return gate;
}
