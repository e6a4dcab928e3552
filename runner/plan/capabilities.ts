import type { ShiftStep } from "../../model/strategy.js";
import type { Release } from "../../model/release.js";
import type { Capabilities } from "../platforms/adapter.js";

/** What a platform lacks that the plan would use, and what is done instead; a sentence each. */
export function lacking({ weights, slotRoutes, database }: Capabilities, release: Release): string[] {
  const said: string[] = [];
  if (weights === "all-or-nothing") said.push("It cannot share traffic by weight: steps below 100 % are left out, and all users get the release at once.");
  if (!slotRoutes) said.push("It has no test route for a slot: the candidate cannot be checked before users see it.");
  if (!database && Object.values(release.services).some((service) => service.database)) said.push("It brings no database, and the release needs one: give DATABASE_URL from elsewhere.");
  return said;
}

/** The steps that a platform can do. */
export function possibleSteps(steps: readonly ShiftStep[], { weights }: Capabilities): readonly ShiftStep[] {
  return weights === "any" ? steps : steps.filter(({ weight }) => weight === 100);
}
