/** What a leaf resource of a platform does. */
export type LeafRole = "slot" | "split" | "alarm" | "database";

/** Types of the resources that really run a service, by platform and role. A platform that is added is added here, or its leaves are not guarded. */
export const LEAF_TYPES: Readonly<Record<string, Readonly<Record<LeafRole, string>>>> = {
  sandbox: { slot: "sandbox:index:Slot", split: "sandbox:index:TrafficSplit", alarm: "sandbox:index:Alarm", database: "sandbox:index:Database" },
};

/** What a resource type is a leaf of, or undefined. */
export function leafOf(type: string): { readonly platform: string; readonly role: LeafRole } | undefined {
  return BY_TYPE.get(type);
}

const BY_TYPE = new Map(
  Object.entries(LEAF_TYPES).flatMap(([platform, types]) => (Object.entries(types) as [LeafRole, string][]).map(([role, type]) => [type, { platform, role }] as const)),
);
