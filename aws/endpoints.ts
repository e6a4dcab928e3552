import type { AwsSettings } from "../model/aws-settings.js";
import { awsServiceSettings } from "../model/aws-settings.js";
import type { PerSlot } from "../model/slot.js";

/**
 * Where a service answers: the domain or the load balancer's own name, and for each slot its test port. The path is the beginning that all its requests have
 * in common, `/` where it has none.
 * @param address DNS name of the load balancer
 */
export function serviceEndpoints(settings: AwsSettings, address: string, service: string): { readonly production: string; readonly slots: PerSlot<string> } {
  const { loadBalancer: balancer, domain, emulator } = settings;
  const users = domain !== undefined ? `https://${domain.name}` : balancer.listener !== undefined ? `https://${address}` : `http://${address}`;
  const path = beginning(awsServiceSettings(settings, service).paths);
  const at = (origin: string) => `${origin.replace(/\/+$/, "")}${path}`;
  const { blue, green } = balancer.testRoutes;
  return {
    production: at(emulator?.production ?? users),
    slots: { blue: at(emulator?.blue ?? `http://${address}:${blue}`), green: at(emulator?.green ?? `http://${address}:${green}`) },
  };
}

/** The folder of the first path: `/api/*` is `/api`, `/*` is nothing. */
function beginning([first = "/*"]: readonly string[]): string {
  const fixed = first.split("*")[0] ?? "/";
  return fixed.slice(0, fixed.lastIndexOf("/"));
}
