import { parseDuration } from "./duration.js";
import type { EnvironmentSettings } from "./environment-settings.js";

/** How long a mission takes over things where the stack's file does not say: real time on real platforms, seconds on the sandbox. */
export interface Timing {
  /** Duration, for steps of a strategy that name none. */
  readonly bake: string;
  /** How long users are watched after all traffic has moved, milliseconds. */
  readonly monitorMs: number;
  /** Requests a second that the mission itself sends through every change. */
  readonly probeRate: number;
}

/** The environment's timing. Defaults elsewhere than on the sandbox: the field's bake of 10 minutes, and a load that no service notices. */
export function timingOf({ platform, bake, monitor, probeRate }: EnvironmentSettings): Timing {
  const sandbox = platform === "sandbox";
  return { bake: bake ?? (sandbox ? "5s" : "10m"), monitorMs: parseDuration(monitor ?? (sandbox ? "10s" : "30m")), probeRate: probeRate ?? (sandbox ? 100 : 5) };
}
