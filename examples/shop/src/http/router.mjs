import { Refusal } from "../refusal.mjs";

/**
 * @typedef {object} Context
 * @property {import("node:http").IncomingMessage} request
 * @property {import("node:http").ServerResponse} response
 * @property {URL} url
 * @property {Record<string, string>} params  the `:name` parts of the path
 *
 * @typedef {object} Route
 * @property {"GET" | "POST"} method  GET answers HEAD as well, unless it streams
 * @property {string} path  such as `/carts/:id/items`
 * @property {boolean} [streams]
 * @property {(context: Context) => unknown} handle
 */

/**
 * Finds the route of a request.
 * @param {Route[]} routes
 * @returns {(method: string, pathname: string) => { route: Route, params: Record<string, string> }}
 */
export function createRouter(routes) {
  const compiled = routes.map((route) => ({
    route,
    pattern: new RegExp(`^${route.path.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`),
  }));
  return (method, pathname) => {
    const matches = compiled.flatMap(({ route, pattern }) => {
      const match = pattern.exec(pathname);
      return match ? [{ route, params: { ...match.groups } }] : [];
    });
    if (matches.length === 0) throw new Refusal(404, `"${pathname}" does not exist.`);
    const found = matches.find(({ route }) => route.method === method || (method === "HEAD" && route.method === "GET" && !route.streams));
    if (found) return found;
    const allowed = matches.map(({ route }) => route.method).join(", ");
    throw new Refusal(405, `"${pathname}" does not take ${method}; allowed is ${allowed}.`, {}, { allow: allowed });
  };
}
