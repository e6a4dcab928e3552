import type { ResourceValidationArgs } from "@pulumi/policy";
import type { GatedInputs } from "./gated-inputs.js";
import { leafOf } from "./leaf-types.js";
import { readInputs, SERVICE_TYPE } from "./read-inputs.js";

/** What a leaf stands below. */
export type Above = { readonly found: true; readonly gated: GatedInputs; readonly urn: string } | { readonly found: false; readonly why: string };

/**
 * Which resources stand below which service. CrossGuard shows a policy one resource at a time, but in one process and parents first (a child is registered with
 * the URN of its parent, which has been judged by then), so what was seen of a service is known when its leaves come.
 */
export class ServiceFamily {
  private readonly parents = new Map<string, string>();
  private readonly services = new Map<string, GatedInputs | null>();
  /** URN of the one resource that plays a role, such as the split of "web". */
  private readonly roles = new Map<string, string>();

  /** Remembers a resource. */
  remember({ type, urn, opts, props }: Pick<ResourceValidationArgs, "type" | "urn" | "opts" | "props">): void {
    if (opts.parent !== undefined) this.parents.set(urn, opts.parent);
    if (type !== SERVICE_TYPE) return;
    const read = readInputs(props);
    this.services.set(urn, read.ok ? read.gated : null);
  }

  /** The service that a resource stands below, with the inputs that were judged. */
  above(urn: string): Above {
    // A chain that long does not exist; one with a loop does not end.
    for (let at = this.parents.get(urn), left = 32; at !== undefined && left > 0; at = this.parents.get(at), left -= 1) {
      const gated = this.services.get(at);
      if (gated === null) return { found: false, why: "the inputs of the service above it are not understood" };
      if (gated !== undefined) return { found: true, gated, urn: at };
    }
    return { found: false, why: `there is no ${SERVICE_TYPE} above it` };
  }

  /** URN of what a resource stands directly below. */
  parentOf(urn: string): string | undefined {
    return this.parents.get(urn);
  }

  /** Gives a role to a resource. @returns the URN of another one that has it already */
  take(role: string, urn: string): string | undefined {
    const holder = this.roles.get(role);
    if (holder !== undefined && holder !== urn) return holder;
    this.roles.set(role, urn);
    return undefined;
  }
}

/** Leaves that carry traffic: without a service above them nobody has judged what they do. */
export function carriesTraffic(type: string): boolean {
  const role = leafOf(type)?.role;
  return role === "slot" || role === "split";
}
