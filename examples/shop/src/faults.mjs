import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "./refusal.mjs";

const SHOPPING = /^\/(products|carts|orders)(\/|$)/;
const DEFAULT_RATE = { "bad-errors": 0.3, "bad-latency": 0.6 };
const EXTRA_LATENCY_MS = 400;

/**
 * What a deliberately bad build does wrong, so that deployments of it can be tried. A good build does nothing here.
 * @param {import("./build-info.mjs").BuildInfo} build
 * @param {import("./settings.mjs").Settings} settings
 * @param {() => number} [random]  from 0 to below 1
 */
export function createFaults(build, settings, random = Math.random) {
  const elsewhere = settings.faultEnvironment !== null && settings.faultEnvironment !== settings.environment;
  const fault = elsewhere ? null : build.fault;
  const waits = () => settings.faultTrigger !== null && !existsSync(settings.faultTrigger);
  const rate = settings.faultRate ?? DEFAULT_RATE[fault] ?? 0;

  return {
    /** False when the build never becomes ready. */
    ready: fault !== "never-ready",
    /** Ends the process at start, or two seconds later. */
    atStart() {
      if (fault === "exits-at-start") process.exit(1);
      if (fault === "crash-loop") setTimeout(() => process.exit(1), 2000);
    },
    /**
     * Delays or refuses a share of the requests for products, carts and orders.
     * @param {string} path
     * @throws {Refusal} with status 500
     */
    async beforeRequest(path) {
      if (rate === 0 || !SHOPPING.test(path) || waits() || random() >= rate) return;
      if (fault === "bad-latency") await sleep(EXTRA_LATENCY_MS);
      if (fault === "bad-errors") throw new Refusal(500, "The shop could not answer.");
    },
  };
}
