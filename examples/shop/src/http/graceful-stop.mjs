/**
 * Watches a server's responses, so that it can stop without cutting one off.
 * @param {import("node:http").Server} server
 * @returns {(deadlineMs: number) => Promise<number>} stops accepting connections, waits for the requests in flight,
 *   and returns how many had to be cut at the deadline
 */
export function createGracefulStop(server) {
  /** @type {Set<import("node:http").ServerResponse>} */
  const open = new Set();
  let stopping = false;
  server.prependListener("request", (_request, response) => {
    if (stopping) response.setHeader("connection", "close");
    open.add(response);
    response.once("close", () => open.delete(response));
  });

  return async (deadlineMs) => {
    stopping = true;
    for (const response of open) if (!response.headersSent) response.setHeader("connection", "close");
    // Where the headers are already out, the connection stays open after the response and has to be closed when it falls idle.
    const sweep = setInterval(() => server.closeIdleConnections(), 20);
    let cut = 0;
    const deadline = setTimeout(() => {
      cut = open.size;
      server.closeAllConnections();
    }, deadlineMs);
    await new Promise((resolve) => server.close(resolve));
    clearInterval(sweep);
    clearTimeout(deadline);
    return cut;
  };
}
