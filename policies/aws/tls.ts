import type { ResourceValidationPolicy } from "@pulumi/policy";
import { environmentOf } from "../environment-of.js";
import type { PackContext } from "../pack-context.js";
import { stackOf } from "../urn.js";
import { at, known, listOf, UNKNOWN, type Known } from "./known.js";
import { typedPolicy } from "./typed-policy.js";

/** Ports that security groups may open to everybody (`aws-test-routes-closed`): a listener on another one is none for users. */
export const USERS_PORTS: readonly unknown[] = [80, 443];

/** Policies of Elastic Load Balancing whose oldest protocol is TLS 1.2 ("Security policies for your Application Load Balancer"). */
const TLS_1_2 = /^ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)-/;

/** What users send and get is encrypted on the way. */
export function tls(open: () => Pick<PackContext, "config">): ResourceValidationPolicy {
  return typedPolicy(
    {
      name: "aws-tls",
      description: "In production users reach a load balancer by HTTPS with TLS 1.2 or newer; plain HTTP only redirects there.",
      severity: "critical",
      remediation: "Name a domain under `mission:aws` in the stack's file; its certificate is made, or given.",
    },
    ["aws:lb/listener:Listener"],
    ({ name, type, urn, props }) => {
      const stack = stackOf(urn);
      if (environmentOf(stack, open().config) === "staging") return [];
      return mistakes(known(props, ["port", "protocol", "sslPolicy", "defaultActions"])).map((mistake) => `"${name}" (${type}) in production stack "${stack}" ${mistake}`);
    },
  );
}

function mistakes({ port, protocol, sslPolicy, defaultActions }: Known): string[] {
  if (protocol === UNKNOWN || port === UNKNOWN) return [];
  if (protocol === "HTTPS") {
    return sslPolicy === UNKNOWN || TLS_1_2.test(String(sslPolicy)) ? [] : [`has the TLS policy ${JSON.stringify(sslPolicy ?? null)}; allowed is one from TLS 1.2 on, such as ELBSecurityPolicy-TLS13-1-2-2021-06.`];
  }
  // No port is a mistake of the program, and then nobody knows whom the listener is for.
  if (port !== undefined && !USERS_PORTS.includes(port)) return [];
  return protocol === "HTTP" && redirects(defaultActions) ? [] : [`serves users by ${JSON.stringify(protocol ?? null)} on port ${JSON.stringify(port ?? null)}; allowed are HTTPS, and HTTP that only redirects to it.`];
}

function redirects(defaultActions: unknown): boolean {
  const actions = listOf(defaultActions);
  if (actions === UNKNOWN) return true;
  return actions.length > 0 && actions.every((action) => [UNKNOWN, "redirect"].includes(at(action, "type") as string) && [UNKNOWN, "HTTPS"].includes(at(action, "redirect", "protocol") as string));
}
