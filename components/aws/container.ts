import { SPEC_LABEL } from "../../aws/tags.js";
import { canonicalJson } from "../../model/digest.js";
import { parseDuration } from "../../model/duration.js";
import { imageReference } from "../../model/image.js";
import type { Probe } from "../../model/probe.js";
import type { Slot } from "../../model/slot.js";
import type { SlotSpec } from "../../model/slot-spec.js";

/** What a task's only container is made from. */
export interface ContainerInputs {
  readonly spec: SlotSpec;
  readonly slot: Slot;
  readonly environment: string;
  readonly port: number;
  /** Where each secret lies, as ECS calls it, by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly region: string;
  readonly logGroup: string;
  /** Milliseconds that requests in flight get before the container is killed. */
  readonly drainMs: number;
}

/** How the container is called in its task definition. */
export const CONTAINER = "app";

/** The container definitions of a task, as JSON; the same inputs give the same text. */
export function containerDefinitions({ spec, slot, environment, port, secrets, region, logGroup, drainMs }: ContainerInputs): string {
  const variables: Record<string, string> = { ...spec.variables, PORT: String(port), HOST: "0.0.0.0", MISSION_ENVIRONMENT: environment, MISSION_RELEASE: spec.version, MISSION_SERVICE: spec.service, MISSION_SLOT: slot };
  return canonicalJson([
    {
      name: CONTAINER,
      image: imageReference(spec.image ?? "", spec.digest),
      essential: true,
      ...(spec.command.length > 0 ? { command: spec.command } : {}),
      portMappings: [{ containerPort: port, hostPort: port, protocol: "tcp" }],
      environment: byName(variables).map(([name, value]) => ({ name, value })),
      secrets: byName(secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
      dockerLabels: { [SPEC_LABEL]: canonicalJson(spec) },
      logConfiguration: { logDriver: "awslogs", options: { "awslogs-group": logGroup, "awslogs-region": region, "awslogs-stream-prefix": CONTAINER } },
      readonlyRootFilesystem: false,
      // ECS: at most 120 s on Fargate.
      stopTimeout: Math.min(120, Math.max(2, Math.ceil(drainMs / 1000))),
      ...healthCheck(spec.liveness),
    },
  ]);
}

/** ECS restarts a container by a command only; an HTTP probe is the target group's, whose unhealthy tasks ECS replaces as well. */
function healthCheck(liveness: Probe | null) {
  if (liveness === null || !("command" in liveness)) return {};
  return {
    healthCheck: {
      command: ["CMD", ...liveness.command],
      // Ranges of the ECS API: 5 to 300 s, 2 to 60 s, 1 to 10.
      interval: seconds(liveness.interval, 5, 300),
      timeout: seconds(liveness.timeout, 2, 60),
      retries: Math.min(10, liveness.failures),
      startPeriod: 30,
    },
  };
}

/** Whole seconds in a range: AWS knows nothing between. */
export function seconds(duration: string, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.ceil(parseDuration(duration) / 1000)));
}

function byName(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
