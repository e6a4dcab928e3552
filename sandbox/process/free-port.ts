import { createServer } from "node:net";

const RECENT = 60_000;
const given = new Map<number, number>();

/** A port on 127.0.0.1 that the system gives, that was not given here in the last minute and is none of `avoid`. */
export async function freePort(avoid: ReadonlySet<number>): Promise<number> {
  const now = performance.now();
  for (const [port, at] of given) if (now - at > RECENT) given.delete(port);
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = await listenOnce(0);
    if (port === undefined || given.has(port) || avoid.has(port)) continue;
    given.set(port, now);
    return port;
  }
  throw new Error("The system gave no free port on 127.0.0.1 in 50 attempts.");
}

/** Whether nobody listens on a port of 127.0.0.1 (or holds it, or may not be used by us). */
export async function isFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== undefined;
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(address === null || typeof address === "string" ? undefined : address.port));
    });
  });
}
