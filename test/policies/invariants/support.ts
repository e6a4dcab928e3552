import assert from "node:assert/strict";
import type { PolicyResourceOptions, ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { digestOf } from "../../../model/digest.js";
import { specDigest, type SlotSpec } from "../../../model/slot-spec.js";
import type { Slot } from "../../../model/slot.js";
import type { GatedInputs } from "../../../policies/gated-inputs.js";
import { packConfigSchema } from "../../../policies/pack-config.js";
import type { PackContext } from "../../../policies/pack-context.js";
import { specOf } from "../../support/specs.js";

export const OLD = specOf("1.0.0");
export const NEW = specOf("1.1.0");
export const BASE = digestOf("the platform as it is");

/** What a policy is given as its context: the pack's defaults, and a store that no invariant asks. */
export function openDefaults(): PackContext {
  const never = () => Promise.reject(new Error("An invariant asks the store."));
  return { config: packConfigSchema.parse({}), read: never, standing: never, now: new Date() };
}

/** A resource as CrossGuard hands it to a policy. */
export interface Shown {
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly parent?: string;
  readonly stack?: string;
  readonly opts?: Partial<PolicyResourceOptions>;
  readonly config?: Readonly<Record<string, unknown>>;
}

export function urnOf({ type, name, stack = "shop-staging" }: Pick<Shown, "type" | "name" | "stack">): string {
  return `urn:pulumi:${stack}::mission-deploy::${type}::${name}`;
}

/** What a policy says of a resource: every line of every violation. */
export async function judge(policy: ResourceValidationPolicy, shown: Shown): Promise<string[]> {
  const opts: PolicyResourceOptions = {
    protect: false,
    ignoreChanges: [],
    aliases: [],
    additionalSecretOutputs: [],
    customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
    ...(shown.parent === undefined ? {} : { parent: shown.parent }),
    ...shown.opts,
  };
  const args: ResourceValidationArgs = {
    type: shown.type,
    name: shown.name,
    urn: urnOf(shown),
    props: structuredCloneOrSame(shown.props),
    opts,
    stackTags: new Map(),
    isType: () => assert.fail("no policy asks for a class"),
    asType: () => assert.fail("no policy asks for a class"),
    getConfig: <T extends object>() => (shown.config ?? {}) as T,
    notApplicable: () => assert.fail("no policy says that it is not applicable"),
  };
  const said: string[] = [];
  assert.equal(policy.enforcementLevel, "mandatory", `"${policy.name}" is not mandatory`);
  assert.equal(typeof policy.validateResource, "function");
  await (policy.validateResource as Exclude<typeof policy.validateResource, undefined | unknown[]>)(args, (message) => said.push(...message.split("\n")));
  return said;
}

/** Proxies that refuse to be read cannot be cloned, and stay as they are. */
function structuredCloneOrSame(props: Readonly<Record<string, unknown>>): Record<string, unknown> {
  try {
    return structuredClone(props) as Record<string, unknown>;
  } catch {
    return props;
  }
}

type Weights = { readonly blue: number; readonly green: number };

/** A state of the service: blue is live with 1.0.0, green holds 1.1.0 with `weight` percent. */
export function state(weight: number, more: Partial<GatedInputs["wanted"]> = {}): GatedInputs["wanted"] {
  const held = (spec: SlotSpec) => ({ spec: specDigest(spec), instances: spec.size });
  const split: Weights = { blue: 100 - weight, green: weight };
  return { base: BASE, live: "blue", slots: { blue: held(OLD), green: held(NEW) }, split, returnTo: null, ...more };
}

export function shownSpec(spec: SlotSpec): Record<string, unknown> & { specDigest: string } {
  return { ...spec, specDigest: specDigest(spec) };
}

/** Inputs of service "web" in a raise of its candidate from 0 to 10 %, which every invariant allows. */
export function serviceInputs(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    environment: "staging",
    platform: "sandbox",
    application: "shop",
    service: "web",
    version: "1.1.0",
    commit: null,
    mode: "rollout",
    transition: "raise",
    previous: state(0),
    wanted: state(10),
    specs: { blue: shownSpec(OLD), green: shownSpec(NEW) },
    required: { variables: [], secrets: [] },
    migrations: null,
    alarms: { errorRate: "5%", latencyP95: "1s", availability: "50%", window: "1m" },
    targets: [{ type: "file", path: "n.jsonl" }],
    window: null,
    gates: { mission: null, plan: null, evidence: [] },
    ...more,
  };
}

/** The service as a resource. */
export function service(more: Readonly<Record<string, unknown>> = {}, stack = "shop-staging"): Shown {
  return { type: "mission:index:BlueGreenService", name: "web", props: serviceInputs(more), stack };
}

/** The component that the split's leaf stands below. */
export function splitComponent(stack = "shop-staging"): Shown {
  return { type: "mission:index:TrafficSplit", name: "web-split", props: {}, parent: urnOf(service({}, stack)), stack };
}

/** The leaves of the service, as the sandbox's components declare them for {@link serviceInputs}. */
export function splitLeaf(more: Readonly<Record<string, unknown>> = {}, rest: Partial<Shown> = {}): Shown {
  const { split, live, returnTo, base } = state(10);
  return { type: "sandbox:index:TrafficSplit", name: "web-split", props: { sandbox: rest.stack ?? "shop-staging", service: "web", split, live, returnTo, base, ports: {}, headers: true, stickinessMs: null, accessLog: true, ...more }, parent: urnOf(splitComponent(rest.stack)), ...rest };
}

export function slotLeaf(slot: Slot, more: Readonly<Record<string, unknown>> = {}, rest: Partial<Shown> = {}): Shown {
  const spec = slot === "blue" ? OLD : NEW;
  return { type: "sandbox:index:Slot", name: `web-${slot}`, props: { sandbox: rest.stack ?? "shop-staging", environment: "staging", service: "web", slot, spec: { ...spec }, instances: spec.size, base: BASE, secrets: {}, labels: {}, progressDeadlineMs: 60_000, drainMs: 1_000, ...more }, parent: urnOf(service({}, rest.stack)), ...rest };
}

export function alarmLeaf(more: Readonly<Record<string, unknown>> = {}): Shown {
  return { type: "sandbox:index:Alarm", name: "web-error-rate", props: { sandbox: "shop-staging", service: "web", metric: "error-rate", threshold: 0.05, windowMs: 60_000, targets: [{ type: "file", path: "n.jsonl" }], ...more }, parent: urnOf(service()) };
}
