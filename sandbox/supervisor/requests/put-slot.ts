import { existsSync } from "node:fs";
import { treeDigest } from "../../../artifacts/tree-digest.js";
import { canonicalJson } from "../../../model/digest.js";
import { baseOf } from "../../../model/rollout.js";
import type { Slot } from "../../../model/slot.js";
import { specDigest, type SlotSpec } from "../../../model/slot-spec.js";
import type { SlotRequest, SlotStatus } from "../../protocol.js";
import type { Context } from "../context.js";
import { artifactDirectory } from "../instance-environment.js";
import { conflict, Refusal } from "../refusal.js";
import { neededEntries, secretEntry } from "../secret-entry.js";
import type { SecretValues } from "../secret-vault.js";
import { inUse, observedOf, serviceOf, withService, withSlot, type ServiceRecord, type SlotRecord, type State } from "../state.js";
import { failpoint } from "../failpoint.js";

/** What a request means for what is recorded. */
type Change = "nothing" | "incidental" | "retry" | "capacity" | "contents";

/** `PUT /v1/services/:service/slots/:slot` @throws Refusal */
export async function putSlot(context: Context, service: string, slot: Slot, request: SlotRequest): Promise<SlotStatus> {
  checkRequest(service, request);
  const { store, slots } = context;
  const seen = serviceOf(store.current, service).slots[slot];
  // Contents never change under a digest, so this may be done before the change is exclusive.
  if (request.spec !== null && request.instances > 0 && isEffective(changeOf(context, service, slot, seen, request))) await checkArtifact(context, request.spec);
  await store.exclusive(async (save) => {
    const record = serviceOf(store.current, service);
    const held = record.slots[slot];
    const change = changeOf(context, service, slot, held, request);
    if (change === "nothing") return;
    if (change === "contents" || change === "capacity") checkAllowed(context, service, slot, record, request);
    if (request.spec !== null && isEffective(change)) await saveSecrets(context, service, slot, request.spec, request.secrets);
    await save(nextState(store.current, service, slot, change, request));
    if (isEffective(change)) await context.vault.retain((entry) => neededEntries(store.current).has(entry));
  });
  // The router is told before old instances are stopped, by the slot's controller; nobody has to wait for that here.
  slots.reconcile();
  return slots.of(service, slot).status;
}

function isEffective(change: Change): boolean {
  return change !== "nothing" && change !== "incidental";
}

function checkRequest(service: string, { spec, instances }: SlotRequest): void {
  if (spec === null && instances > 0) throw new Refusal(400, `A slot of service "${service}" is to have ${instances} instances of nothing; without a SlotSpec it has 0.`);
  if (spec !== null && spec.service !== service) throw new Refusal(400, `The SlotSpec is of service "${spec.service}"; the request is for service "${service}".`);
}

function changeOf({ vault }: Context, service: string, slot: Slot, held: SlotRecord | null, request: SlotRequest): Change {
  const { spec, instances, environment, progressDeadlineMs, drainMs, labels } = request;
  if (held === null || spec === null) return held === null && spec === null ? "nothing" : "contents";
  if (specDigest(held.spec) !== specDigest(spec) || held.environment !== environment) return "contents";
  if (held.instances !== instances) return "capacity";
  // Values that were lost are taken from whoever brings them again: that is no change.
  const lost = spec.secrets.length > 0 && vault.get(secretEntry(service, slot, spec)) === undefined;
  if (lost && missingSecrets(spec, request.secrets).length === 0) return "retry";
  if (held.failure !== null && instances > 0) return "retry";
  const same = canonicalJson([progressDeadlineMs, drainMs, labels]) === canonicalJson([held.progressDeadlineMs, held.drainMs, held.labels]);
  return same ? "nothing" : "incidental";
}

function checkAllowed({ store }: Context, service: string, slot: Slot, record: ServiceRecord, { base, spec }: SlotRequest): void {
  if (base !== baseOf(observedOf(record))) {
    throw conflict("base", `Service "${service}" is no longer what this change to slot "${slot}" was decided on (it is at generation ${record.generation} now); read its state and decide again.`);
  }
  if (inUse(record, slot)) {
    const weight = record.split?.of(slot) ?? 0;
    const why = [...(weight > 0 ? [`has ${weight} % of the traffic`] : []), ...(record.live === slot ? ["is recorded live"] : [])].join(" and ");
    throw conflict("slot-in-use", `Slot "${slot}" of service "${service}" ${why}; a slot in use is never changed. Use the other slot.`);
  }
  if (spec?.database === true && store.current.database === null) {
    throw conflict("database", `Service "${service}" needs a database and the sandbox has none; make the database first.`);
  }
}

async function checkArtifact({ artifacts }: Context, { digest, version, service }: SlotSpec): Promise<void> {
  const directory = artifactDirectory(artifacts, digest);
  if (!existsSync(directory)) {
    throw conflict("artifact", `The artifact of service "${service}" ${version} (${digest}) is not in "${artifacts}"; make the release again.`);
  }
  const actual = await treeDigest(directory).catch((error: Error) => {
    throw conflict("digest", `The artifact of service "${service}" ${version} (${digest}) cannot be checked: ${error.message}`);
  });
  if (actual !== digest) {
    throw conflict("digest", `The artifact of service "${service}" ${version} was changed after it was stored: wanted is ${digest}, its contents are ${actual}. Remove "${directory}" and make the release again.`);
  }
}

function missingSecrets(spec: SlotSpec, given: SecretValues): string[] {
  return spec.secrets.filter(({ name }) => !Object.hasOwn(given, name)).map(({ name }) => `"${name}"`);
}

/** Equal SlotSpecs have equal secrets, because they name them by keyed digests: what is kept stays, and only a new SlotSpec must bring its values. */
async function saveSecrets({ vault }: Context, service: string, slot: Slot, spec: SlotSpec, given: SecretValues): Promise<void> {
  const entry = secretEntry(service, slot, spec);
  if (spec.secrets.length === 0 || vault.get(entry) !== undefined) return;
  const missing = missingSecrets(spec, given);
  if (missing.length > 0) throw new Refusal(400, `The values of the secrets ${missing.join(", ")} are missing; the SlotSpec of service "${service}" needs them.`);
  try {
    await vault.set(entry, Object.fromEntries(spec.secrets.map(({ name }) => [name, given[name] ?? ""])));
  } catch (error) {
    throw new Refusal(500, `The secrets of service "${service}" cannot be written (${(error as NodeJS.ErrnoException).code ?? "unknown"}); nothing was changed.`, "disk");
  }
  failpoint("secrets-saved");
}

function nextState(state: State, service: string, slot: Slot, change: Change, request: SlotRequest): State {
  const record = serviceOf(state, service);
  const held = record.slots[slot];
  const { spec, instances, progressDeadlineMs, drainMs, environment, labels } = request;
  const generation = record.generation + (change === "contents" || change === "capacity" ? 1 : 0);
  if (spec === null) return withService(state, service, { ...withSlot(record, slot, null), generation });
  const incidental = change === "incidental" || (change === "retry" && held?.failure === null);
  if (held !== null && incidental) return withService(state, service, withSlot(record, slot, { ...held, progressDeadlineMs, drainMs, labels }));
  // A change of capacity alone keeps the instances that are there.
  const kept = held !== null && change === "capacity" && held.failure === null ? held.ids.slice(0, instances) : [];
  const added = Array.from({ length: instances - kept.length }, (_none, index) => `${service}-${slot}-${state.serial + index + 1}`);
  const since = new Date().toISOString();
  const next: SlotRecord = { spec, instances, ids: [...kept, ...added], progressDeadlineMs, drainMs, environment, labels, since, everReady: false, failure: null };
  return { ...withService(state, service, { ...withSlot(record, slot, next), generation }), serial: state.serial + added.length };
}
