/** Tags by which program and runner find what is theirs; see docs/decisions/0012-aws.md. */
export const TAG = {
  stack: "mission:stack",
  service: "mission:service",
  slot: "mission:slot",
  /** What a listener rule is for: `users`, `blue` or `green`. */
  route: "mission:route",
  live: "mission:live",
  returnTo: "mission:return-to",
  generation: "mission:generation",
} as const;

/** Stands for "none" in a tag; an empty value is lost by some readers. */
export const NONE = "-";

/** Label of a container, in its task definition, that holds the SlotSpec as JSON. */
export const SPEC_LABEL = "mission.spec";
