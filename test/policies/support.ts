import { PREDICATE } from "../../evidence/predicate-types.js";
import { provenanceOf, testConfiguration } from "../../evidence/predicates.js";
import { signEnvelope, type Envelope } from "../../evidence/dsse.js";
import { readEnvelope } from "../../evidence/read-envelope.js";
import { publicKeyText, type SigningKey } from "../../evidence/signing-key.js";
import { statementOf, type Claim } from "../../evidence/statement.js";
import { canonicalJson, digestOf } from "../../model/digest.js";
import type { EvidenceReference } from "../../model/evidence.js";
import { releaseSchema } from "../../model/release.js";
import type { ServiceRollout } from "../../model/rollout.js";
import { slotSpec, specDigest, type SlotSpec } from "../../model/slot-spec.js";
import { Split } from "../../model/split.js";
import { transitionOf } from "../../model/transition.js";
import { gatedInputsSchema, type GatedInputs } from "../../policies/gated-inputs.js";
import { packConfigSchema, type PackConfig } from "../../policies/pack-config.js";
import type { PackStanding } from "../../policies/pack-context.js";
import type { Judged, Rule } from "../../policies/rule.js";
import { KNOWN_TYPES } from "../../policies/trust-roots.js";
import { newKey } from "../evidence/support.js";

export const HOUR = 3_600_000;
export const MISSION = "shop-1.1.0-x";
export const COMMIT = "a".repeat(40);
export const PLAN = digestOf("plan");
/** Wednesday, 13:00 in Berlin. */
export const NOW = new Date("2026-11-25T12:00:00.000Z");
export const SHORT = digestOf("web 1.1.0").slice(7, 19);

export const server = newKey();
export const development = newKey();
export const stranger = newKey();

const probe = { http: "/healthz", interval: "1s", timeout: "5s", successes: 2, failures: 3 };
const released = (version: string, commit: string) =>
  releaseSchema.parse({
    application: "shop",
    version,
    commit,
    services: { web: { digest: digestOf(`web ${version}`), command: ["node", "server.js"], readiness: probe, liveness: null, variables: { REGION: null, COLOUR: "blue" }, secrets: ["API_KEY"], database: true } },
    migrations: { service: "web", apply: "migrate up", rollback: "migrate down" },
  });
const environmentOf = { variables: { REGION: "eu-1" }, secrets: [{ name: "API_KEY", keyedDigest: `hmac-sha256:${"e".repeat(64)}` }], size: 2 };
export const OLD = slotSpec(released("1.0.0", "b".repeat(40)), "web", environmentOf);
export const NEW = slotSpec(released("1.1.0", COMMIT), "web", environmentOf);

/** What is asked: a transition, where `raise-on` is a raise of what has traffic already. */
export const ASKED = ["none", "bootstrap", "stage-dark", "raise", "raise-on", "lower", "finish", "restore", "retire"] as const;
export type Asked = (typeof ASKED)[number];

function statesOf(asked: Asked, spec: SlotSpec): readonly [ServiceRollout | undefined, ServiceRollout] {
  const held = (of: SlotSpec, instances = 2) => ({ spec: specDigest(of), instances });
  const state = (weight: number, more: Partial<ServiceRollout> = {}): ServiceRollout => ({ base: digestOf("base"), live: "blue", slots: { blue: held(OLD), green: held(spec) }, split: Split.weight("green", weight), returnTo: null, ...more });
  const finished = state(100, { live: "green", returnTo: specDigest(OLD) });
  switch (asked) {
    case "none":
      return [state(0), state(0)];
    case "bootstrap":
      return [undefined, state(0, { slots: { blue: held(spec), green: null } })];
    case "stage-dark":
      return [state(0, { slots: { blue: held(OLD), green: null } }), state(0)];
    case "raise":
      return [state(0), state(10)];
    case "raise-on":
      return [state(10), state(50)];
    case "lower":
      return [state(50), state(0)];
    case "finish":
      return [state(100), finished];
    case "restore":
      return [finished, state(0)];
    case "retire":
      return [finished, { ...finished, slots: { blue: held(OLD, 0), green: held(spec) } }];
  }
}

/** Predicates that all count. */
export function goodPredicates(spec: SlotSpec = NEW): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  return {
    [PREDICATE.testResult]: { result: "PASSED", configuration: testConfiguration("npm test"), failedTests: [], missionDeploy_counts: { executed: 12, passed: 12, failed: 0, skipped: 1 }, missionDeploy_report: { source: "junit.xml", digest: null } },
    [PREDICATE.provenance]: { ...provenanceOf({ command: "npm run build", version: spec.version, commit: spec.commit, mission: MISSION }) },
    [PREDICATE.migrations]: { class: "expand", service: "web", result: "PASSED", applied: true, rolledBack: true, reapplied: true },
    [PREDICATE.checklist]: { items: [{ id: "docs", title: "The manual is up to date", state: "confirmed", by: "Ada", reason: null }, { id: "load", title: "A load test was run", state: "waived", by: null, reason: "No change of speed" }] },
    [PREDICATE.verificationSummary]: { verifier: { id: "urn:mission-deploy:staging:v1" }, inputAttestations: [{ digest: { sha256: "c".repeat(64) } }], verificationResult: "PASSED" },
    [PREDICATE.rollbackDrill]: { backMs: 900, forwardMs: 4_000, verdict: "PASS" },
    [PREDICATE.plan]: { plan: PLAN, strategy: { name: "blue-green", steps: [{ weight: 10 }, { weight: 50 }, { weight: 100 }] }, services: { web: { digest: spec.digest } } },
    [PREDICATE.approval]: { plan: PLAN, by: "Grace", author: "Ada" },
  };
}

const ENVIRONMENTS: Readonly<Record<string, Claim["environment"]>> = {
  [PREDICATE.verificationSummary]: "staging",
  [PREDICATE.rollbackDrill]: "staging",
  [PREDICATE.plan]: "production",
  [PREDICATE.approval]: "production",
  [PREDICATE.waiver]: "production",
};
/** A statement on hotfix. */
export const WAIVER = { waived: ["staging-verified", "window-open"], reason: "Orders are lost", by: "Ada", at: NOW.toISOString() };

/** How a setup differs from one in which everything is allowed. */
export interface Setup {
  readonly environment?: "staging" | "production";
  readonly platform?: string;
  readonly asked?: Asked;
  /** What the slot is to hold, otherwise than NEW. */
  readonly spec?: Partial<SlotSpec>;
  /** Other predicates by type; null: none is given. */
  readonly predicates?: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
  /** Changes claims before they are signed. */
  readonly claim?: (claim: Claim) => Claim;
  readonly issuedAt?: Date;
  readonly validMs?: number;
  readonly key?: SigningKey;
  /** Changes envelopes after they were signed. */
  readonly envelope?: (envelope: Envelope, type: string) => unknown;
  /** Changes stored bytes; the reference stays. */
  readonly bytes?: (bytes: Buffer, type: string) => Buffer;
  /** Changes references. */
  readonly references?: (references: readonly EvidenceReference[]) => readonly EvidenceReference[];
  readonly gated?: (gated: GatedInputs) => GatedInputs;
  readonly config?: Partial<PackConfig>;
  readonly standing?: Partial<PackStanding>;
  readonly now?: Date;
}

/** What a rule is asked about, with real signed evidence in a store of its own. */
export function judgedOf(setup: Setup = {}): Judged {
  const { environment = "production", asked = "raise", platform = "sandbox" } = setup;
  const spec = { ...NEW, ...setup.spec };
  const stored = new Map<string, Buffer>();
  const references = Object.entries({ ...goodPredicates(), ...setup.predicates }).flatMap(([type, predicate]) => {
    if (predicate === null) return [];
    const claim: Claim = { type, predicate, subjects: { web: NEW.digest, worker: digestOf("worker") }, application: "shop", environment: ENVIRONMENTS[type] ?? null, commit: COMMIT, configuration: null, mission: MISSION };
    const statement = statementOf(setup.claim?.(claim) ?? claim, setup.issuedAt ?? new Date(NOW.getTime() - HOUR), setup.validMs);
    const envelope = signEnvelope(canonicalJson(statement), setup.key ?? server);
    const bytes = Buffer.from(canonicalJson(setup.envelope?.(envelope, type) ?? envelope));
    const sha256 = digestOf(bytes).slice(7);
    stored.set(sha256, setup.bytes?.(bytes, type) ?? bytes);
    return [{ type, sha256 }];
  });
  const [previous, wanted] = statesOf(asked, spec);
  const transition = transitionOf(previous, wanted);
  const show = (digest: string | undefined) => (digest === undefined ? null : { ...(digest === specDigest(OLD) ? OLD : spec), specDigest: digest });
  const gated = gatedInputsSchema.parse({
    environment,
    platform,
    application: "shop",
    service: "web",
    version: "1.1.0",
    commit: COMMIT,
    mode: "rollout",
    transition: transition.ok ? transition.transition : "none",
    previous: previous === undefined ? null : plain(previous),
    wanted: plain(wanted),
    specs: { blue: show(wanted.slots.blue?.spec), green: show(wanted.slots.green?.spec) },
    required: { variables: ["REGION"], secrets: ["API_KEY"] },
    migrations: { service: "web", class: "expand" },
    alarms: { errorRate: "5%", latencyP95: "1s", availability: "50%", window: "1m" },
    targets: [{ type: "file", path: "notifications.jsonl" }],
    window: { timezone: "Europe/Berlin", allow: [{ days: ["mon", "tue", "wed", "thu"], from: "09:00", to: "16:00" }], deny: [] },
    gates: { mission: MISSION, plan: PLAN, evidence: [...(setup.references?.(references) ?? references)] },
  });
  const trust = [{ publicKey: publicKeyText(server), name: "Build server", types: [...KNOWN_TYPES], environments: ["staging" as const, "production" as const] }];
  return {
    gated: setup.gated?.(gated) ?? gated,
    stack: environment === "staging" ? "shop-staging" : "shop",
    environment,
    context: {
      config: { ...packConfigSchema.parse({ trust, approval: true }), ...setup.config },
      read: async ({ sha256 }) => {
        const bytes = stored.get(sha256);
        if (bytes === undefined) return { ok: false, problem: `Evidence "${sha256.slice(0, 12)}" is not in the store; run the gate again that makes it.` };
        const envelope = readEnvelope(bytes);
        return envelope.ok ? { ok: true, bytes, envelope: envelope.value } : { ok: false, problem: `Evidence "${sha256.slice(0, 12)}" ${envelope.problem}` };
      },
      standing: async () => ({ freeze: null, hold: null, ...setup.standing }),
      developmentKey: async () => publicKeyText(development),
      now: setup.now ?? NOW,
    },
  };
}

function plain({ split, ...rollout }: ServiceRollout) {
  return { ...rollout, split: { blue: split.blue, green: split.green } };
}

/** What a rule says, with names of evidence that do not depend on keys. */
export async function refusals(rule: Rule, setup: Setup = {}): Promise<readonly string[]> {
  return (await rule.check(judgedOf(setup))).map((sentence) => sentence.replace(/Evidence "[0-9a-f]{12}"/g, 'Evidence "X"'));
}
