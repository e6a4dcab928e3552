/**
 * Writes one JSON line per request that carries `x-request-id`, when its response is over.
 * Status 499 means that the client left before the answer was complete. The query is left out: it may hold private data.
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 * @param {(line: string) => void} write
 */
export function logRequest(request, response, write) {
  const id = request.headers["x-request-id"];
  if (id === undefined) return;
  const started = performance.now();
  response.once("close", () => {
    const line = {
      time: new Date().toISOString(),
      id,
      method: request.method,
      path: request.url?.split("?", 1)[0],
      status: response.writableFinished ? response.statusCode : 499,
      ms: Math.round((performance.now() - started) * 10) / 10,
    };
    write(`${JSON.stringify(line)}\n`);
  });
}
