import { planEnvironment } from "../../model/environment-plan.js";
import type { Release } from "../../model/release.js";
import { ABSENT, type Observed, type ObservedService } from "../../model/rollout.js";
import { otherSlot, type Slot } from "../../model/slot.js";
import { slotSpec, specDigest, type SecretReference, type SlotEnvironment } from "../../model/slot-spec.js";
import type { MissionEnvironment } from "../mission/subject.js";

/** What becomes of a service: `dark-already`: the free slot holds the release, and traffic can be shifted at once. */
export type PlannedTransition = "bootstrap" | "stage-dark" | "dark-already" | "none" | "remove";

/** What a rollback goes back to. */
export interface RollbackTarget {
  readonly slot: Slot;
  readonly version: string;
  readonly commit: string | null;
  /** Digest of the artifact. */
  readonly digest: string;
  /** Digest of the SlotSpec. */
  readonly spec: string;
}

/** One service in one environment. */
export interface PlannedService {
  readonly service: string;
  readonly transition: PlannedTransition;
  /** Where the release goes; null when it goes nowhere. */
  readonly slot: Slot | null;
  /** Digest of the SlotSpec that it is to run; null when it leaves. As long as a secret is not known, that of a stand-in. */
  readonly wanted: string | null;
  /** One sentence. */
  readonly words: string;
  /** Null: nothing to return to. */
  readonly target: RollbackTarget | null;
}

/** What becomes of an environment, and every reason why it cannot. */
export interface EnvironmentServices {
  readonly services: readonly PlannedService[];
  readonly refusals: readonly string[];
}

/**
 * What becomes of every service of an environment. Values of secrets are not read: those that a slot was made with are taken for unchanged, and one that
 * no slot has makes a new SlotSpec.
 */
export function planServices({ environment: kind, settings }: MissionEnvironment, release: Release, observed: Observed): EnvironmentServices {
  const environment: SlotEnvironment = { variables: settings.variables, secrets: assumedSecrets(release, observed), size: settings.instances };
  const plan = planEnvironment({ release, environment, kind, observed, rollout: undefined });
  const leaving = kind === "staging" ? Object.keys(observed).filter((service) => release.services[service] === undefined) : [];
  return {
    services: [...Object.keys(release.services).sort().map((service) => planned(service, release, observed[service] ?? ABSENT, environment)), ...leaving.map((service) => leaves(service, observed[service] ?? ABSENT))],
    refusals: plan.ok ? [] : plan.refusals.map(({ path, message }) => (message.startsWith("Service ") ? message : `Service "${path}" ${message}`)),
  };
}

function planned(service: string, release: Release, now: ObservedService, environment: SlotEnvironment): PlannedService {
  const wanted = specDigest(slotSpec(release, service, environment));
  const target = rollbackTarget(now);
  const { version } = release;
  if (now.live === null || now.split === null) {
    return { service, transition: "bootstrap", slot: "blue", wanted, target: null, words: `${version} is the first release: it takes all traffic, and there is nothing to return to.` };
  }
  if (target?.spec === wanted) {
    const secrets = release.services[service]?.secrets.length ? " (unless the value of a secret was changed)" : "";
    return { service, transition: "none", slot: null, wanted, target, words: `Nothing to do: ${version} is live in "${now.live}" with the same configuration${secrets}.` };
  }
  const free = otherSlot(now.live);
  const held = now.slots[free];
  if (held !== null && held.instances > 0 && specDigest(held.spec) === wanted) {
    const weight = now.split.of(free);
    return { service, transition: "dark-already", slot: free, wanted, target, words: `${version} is in "${free}" already${weight > 0 ? ` and has ${weight} % of the traffic` : ", without traffic"}.` };
  }
  return { service, transition: "stage-dark", slot: free, wanted, target, words: `${version} goes dark into "${free}"${held === null ? "" : `, in place of ${held.spec.version}`}; "${now.live}" with ${target?.version ?? "nothing"} keeps serving.` };
}

function leaves(service: string, now: ObservedService): PlannedService {
  return { service, transition: "remove", slot: null, wanted: null, words: "Is not in this release and leaves staging.", target: rollbackTarget(now) };
}

function rollbackTarget({ live, slots }: ObservedService): RollbackTarget | null {
  const held = live === null ? null : slots[live];
  if (live === null || held === null) return null;
  return { slot: live, version: held.spec.version, commit: held.spec.commit, digest: held.spec.digest, spec: specDigest(held.spec) };
}

function assumedSecrets(release: Release, observed: Observed): SecretReference[] {
  const known = new Map<string, SecretReference>();
  for (const { live, slots } of Object.values(observed)) {
    for (const held of live === null ? [] : [slots[otherSlot(live)], slots[live]]) for (const reference of held?.spec.secrets ?? []) known.set(reference.name, reference);
  }
  const names = new Set(Object.values(release.services).flatMap(({ secrets }) => secrets));
  return [...names].map((name) => known.get(name) ?? { name, keyedDigest: "not known yet" });
}
