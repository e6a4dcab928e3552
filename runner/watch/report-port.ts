import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Answer } from "./asking.js";
import { ReportTally, type UserReports } from "./user-reports.js";

const LARGEST = 65_536;
/** Milliseconds that a report may take to come in. */
const SLOWEST = 10_000;

/**
 * Takes error reports by POST at a port of 127.0.0.1, each with any body up to 64 KiB, and answers 204. A larger one is refused with 413, and counted:
 * its user has seen an error too.
 * @param port 0: one that the system gives
 */
export async function openReportPort(port: number): Promise<Answer<UserReports>> {
  const tally = new ReportTally();
  const server = createServer({ requestTimeout: SLOWEST, headersTimeout: SLOWEST, connectionsCheckingInterval: 1_000 }, (request, response) => void take(request, response, tally));
  const mistake = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    server.once("error", resolve);
    server.listen(port, "127.0.0.1", () => resolve(null));
  });
  if (mistake !== null) {
    const reason = mistake.code === "EADDRINUSE" ? "is in use; perhaps another mission watches there" : `cannot be opened (${mistake.code ?? mistake.message})`;
    return { ok: false, reason: `Port ${port} for error reports of users ${reason}. Set mission:userReports to another one, or to {port: 0}.` };
  }
  const { port: given } = server.address() as AddressInfo;
  return {
    ok: true,
    value: {
      where: `Error reports of users are taken by POST at http://127.0.0.1:${given}/.`,
      count: () => Promise.resolve({ ok: true, value: tally.count() }),
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    },
  };
}

async function take(request: IncomingMessage, response: ServerResponse, tally: ReportTally): Promise<void> {
  if (request.method !== "POST") {
    response.writeHead(405, { allow: "POST" }).end();
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > LARGEST) break;
      chunks.push(chunk);
    }
  } catch {
    return; // Its sender has gone before it was complete.
  }
  tally.add(Buffer.concat(chunks).toString());
  response.writeHead(size > LARGEST ? 413 : 204, size > LARGEST ? { connection: "close" } : {}).end();
}
