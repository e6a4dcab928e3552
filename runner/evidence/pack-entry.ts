import { stringify } from "yaml";
import { ROLE_TYPES } from "../../evidence/roles.js";
import { PREDICATE } from "../../evidence/predicate-types.js";
import type { KeyCard } from "./named-keys.js";

/** What to put under `trust:` in `policies/pack.yaml` so that a key counts: in both environments, for what its role may state. A person narrows it. */
export function packEntry({ name, publicKey, role }: KeyCard): string {
  const types = role === null ? Object.values(PREDICATE) : ROLE_TYPES[role];
  const entry = stringify([{ name, publicKey, types, environments: ["staging", "production"] }], { lineWidth: 0, blockQuote: "literal" });
  return entry.replace(/^(?=.)/gm, "  ");
}
