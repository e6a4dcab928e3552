import type * as PromClient from "prom-client";
import type * as Undici from "undici";

/**
 * The classes of undici and prom-client that the router needs, loaded from their own files. The packages' index files
 * also load fetch, WebSocket, caches and tracing, which takes about 100 ms of a restart during which nobody is served.
 * Neither package restricts deep imports (no `exports` map); where a version moved a file, the index is loaded instead.
 */
function slim<T>(file: string, whole: () => T): T {
  try {
    return require(file) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    return whole();
  }
}

const prometheus = (): typeof PromClient => require("prom-client") as typeof PromClient;

/** undici's HTTP/1.1 client: one connection. */
export const Client = slim<typeof Undici.Client>(
  "undici/lib/dispatcher/client.js",
  () => (require("undici") as typeof Undici).Client,
);
/** See {@link Client}. */
export type Client = Undici.Client;

/** prom-client's registry, counter, gauge and histogram. */
export const Registry = slim<typeof PromClient.Registry>("prom-client/lib/registry.js", () => prometheus().Registry);
/** See {@link Registry}. */
export const Counter = slim<typeof PromClient.Counter>("prom-client/lib/counter.js", () => prometheus().Counter);
/** See {@link Registry}. */
export const Gauge = slim<typeof PromClient.Gauge>("prom-client/lib/gauge.js", () => prometheus().Gauge);
/** See {@link Registry}. */
export const Histogram = slim<typeof PromClient.Histogram>("prom-client/lib/histogram.js", () => prometheus().Histogram);

/** Adds prom-client's process and Node.js metrics to a registry; loads them on first use. */
export function collectProcessMetrics(registry: PromClient.Registry): void {
  slim<typeof PromClient.collectDefaultMetrics>("prom-client/lib/defaultMetrics.js", () => prometheus().collectDefaultMetrics)({
    register: registry,
  });
}
