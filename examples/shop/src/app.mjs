import { createServer } from "node:http";
import { createFaults } from "./faults.mjs";
import { logRequest } from "./http/request-log.mjs";
import { sendJson } from "./http/respond.mjs";
import { createRouter } from "./http/router.mjs";
import { Refusal } from "./refusal.mjs";
import { basketRoutes } from "./routes/basket.mjs";
import { cartRoutes } from "./routes/carts.mjs";
import { diagnosticRoutes } from "./routes/diagnostics.mjs";
import { healthRoutes } from "./routes/health.mjs";
import { homeRoutes } from "./routes/home.mjs";
import { orderRoutes } from "./routes/orders.mjs";
import { isUnavailable } from "./storage/unavailable.mjs";

/**
 * What the routes share.
 * @typedef {object} App
 * @property {import("./settings.mjs").Settings} settings
 * @property {import("./build-info.mjs").BuildInfo} build
 * @property {import("./storage/repository.mjs").Repository} repository
 * @property {{ ready: boolean }} state  ready: tables exist
 * @property {AbortSignal} stopping  aborted when the process is asked to end
 * @property {ReturnType<typeof createFaults>} [faults]
 * @property {(line: string) => void} writeLog  one request
 * @property {(message: string, details?: object) => void} warn  everything else worth telling
 */

/**
 * The shop as an HTTP server that does not listen yet.
 * @param {App} app
 * @returns {import("node:http").Server}
 */
export function createApp(app) {
  const faults = app.faults ?? createFaults(app.build, app.settings);
  const shared = { ...app, faults };
  const find = createRouter([
    ...homeRoutes(shared),
    ...basketRoutes(shared),
    ...cartRoutes(shared),
    ...orderRoutes(shared),
    ...healthRoutes(shared),
    ...diagnosticRoutes(shared),
  ]);

  const asRefusal = createTranslator(app.warn);

  return createServer(async (request, response) => {
    logRequest(request, response, app.writeLog);
    response.setHeader("x-content-type-options", "nosniff");
    try {
      const url = parseUrl(request.url ?? "/");
      const { route, params } = find(request.method ?? "GET", url.pathname);
      await faults.beforeRequest(url.pathname);
      await route.handle({ request, response, url, params });
    } catch (error) {
      if (response.headersSent || response.destroyed) {
        response.destroy();
      } else {
        const refusal = asRefusal(error, request);
        sendJson(response, refusal.status, { error: refusal.message, ...refusal.details }, refusal.headers);
      }
    }
  });
}

function parseUrl(target) {
  if (target.startsWith("/") && URL.canParse(`http://shop${target}`)) return new URL(`http://shop${target}`);
  throw new Refusal(400, "The request's target is not a path.");
}

/** Turns whatever a route throws into an answer, and tells the log what the answer leaves out. */
function createTranslator(warn) {
  let silentUntil = 0;
  return (error, request) => {
    if (error instanceof Refusal) return error;
    if (isUnavailable(error)) {
      // Without its database the shop fails every request; one line a second says as much as a thousand.
      if (performance.now() >= silentUntil) {
        warn("the database does not answer", { error: error.message });
        silentUntil = performance.now() + 1000;
      }
      return new Refusal(503, "The database does not answer.", {}, { "retry-after": "1" });
    }
    warn("a request failed", { id: request.headers["x-request-id"], method: request.method, error: error.message });
    return new Refusal(500, "The shop could not answer.");
  };
}
