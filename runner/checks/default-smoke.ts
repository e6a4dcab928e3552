import type { Application } from "../../model/application.js";
import type { HttpStep } from "../../model/check.js";
import type { AllowedStatus } from "./judge-answer.js";
import type { HttpChain } from "./http-check.js";

const LIKE_A_PROBE: AllowedStatus = { text: "200 to 399", has: (status) => status >= 200 && status <= 399 };
const BELOW_500: AllowedStatus = { text: "a status below 500", has: (status) => status < 500 };

/**
 * The smoke tests of an application that declares none: each service's readiness path, judged like the probe; of a service without one `/`, where anything but a
 * server's error is good: nobody said what stands there.
 */
export function defaultSmokeTests(services: Application["services"]): readonly (HttpChain & { readonly service: string })[] {
  return Object.entries(services).map(([service, { readiness }]) => {
    const [path, allowed] = "http" in readiness ? [readiness.http, LIKE_A_PROBE] : ["/", BELOW_500];
    return { name: `${service} answers`, service, steps: [get(path)], allowed };
  });
}

function get(path: string): HttpStep {
  return { method: "GET", path, headers: {}, expect: { headers: {}, json: {} }, capture: {} };
}
