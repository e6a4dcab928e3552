import { digestOf } from "../../model/digest.js";
import type { Release } from "../../model/release.js";
import { ABSENT, type ObservedService } from "../../model/rollout.js";
import type { SlotSpec } from "../../model/slot-spec.js";
import { Split } from "../../model/split.js";

/** A SlotSpec of service "web" that differs from others by its version. */
export function specOf(version: string, more: Partial<SlotSpec> = {}): SlotSpec {
  return {
    application: "shop",
    service: "web",
    version,
    commit: null,
    digest: digestOf(version),
    command: ["node", "server.mjs"],
    readiness: { http: "/healthz", interval: "1s", timeout: "5s", successes: 2, failures: 3 },
    liveness: null,
    variables: {},
    secrets: [],
    database: false,
    size: 2,
    ...more,
  };
}

/** A release of one service "web". */
export function releaseOf(version: string, more: Partial<Release["services"][string]> = {}): Release {
  const { digest, command, readiness, liveness, database } = specOf(version);
  return { application: "shop", version, commit: null, services: { web: { digest, command: [...command], readiness, liveness, variables: {}, secrets: [], database, ...more } }, migrations: null };
}

/** A service with blue live at 100 %, and green as given. */
export function observedOf(blue: SlotSpec, green: SlotSpec | null = null, more: Partial<ObservedService> = {}): ObservedService {
  const held = (spec: SlotSpec | null) => spec && { spec, instances: spec.size, ready: spec.size };
  return { ...ABSENT, generation: 1, live: "blue", split: Split.all("blue"), slots: { blue: held(blue), green: held(green) }, ...more };
}
