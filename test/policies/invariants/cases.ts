import { digestOf } from "../../../model/digest.js";
import { specDigest } from "../../../model/slot-spec.js";
import { specOf } from "../../support/specs.js";
import { NEW, OLD, service, shownSpec, state, type Shown } from "./support.js";

const short = (digest: string) => digest.slice(7, 19);
const [OLD_DIGEST, NEW_DIGEST] = [specDigest(OLD), specDigest(NEW)];

/** A spec under its own digest, in green. */
function withGreen(spec: ReturnType<typeof specOf>, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const held = { spec: specDigest(spec), instances: spec.size };
  const at = (weight: number) => state(weight, { slots: { ...state(0).slots, green: held } });
  return { previous: at(0), wanted: at(10), specs: { blue: shownSpec(OLD), green: { ...shownSpec(spec), ...more } } };
}

const secret = (name: string) => ({ name, keyedDigest: `hmac-sha256:${"ab".repeat(32)}` });

/** What a rule allows besides the usual raise, and what it refuses, with every sentence. */
export interface Cases {
  readonly allows: readonly Shown[];
  readonly refuses: readonly (readonly [Shown, readonly string[]])[];
}

/** By rule. */
export const CASES: Readonly<Record<string, Cases>> = {
  "environment-agrees": {
    allows: [service({ environment: "production" }, "shop-production"), service({ environment: "production" }, "anything-else"), service({}, "staging")],
    refuses: [
      [service({}, "shop-production"), ['Service "web": stack "shop-production" is production to this pack, but its program says staging.']],
      [service({ environment: "production" }), ['Service "web": stack "shop-staging" is staging to this pack, but its program says production.']],
    ],
  },
  "weights-sum-to-100": {
    allows: [service({ wanted: state(100) })],
    refuses: [
      [service({ wanted: state(0, { split: { blue: 60, green: 50 } }) }), ['Service "web", weights wanted: The weights sum to 110; they must sum to 100.']],
      [service({ wanted: state(0, { split: { blue: 99.5, green: 0.5 } }) }), ['Service "web", weights wanted: The weight of slot "blue" is 99.5; allowed is a whole number from 0 to 100.', 'Service "web", weights wanted: The weight of slot "green" is 0.5; allowed is a whole number from 0 to 100.']],
      [service({ previous: state(0, { split: { blue: 0, green: 0 } }) }), ['Service "web", weights it starts from: The weights sum to 0; they must sum to 100.']],
    ],
  },
  "transition-agrees": {
    allows: [
      service({ transition: "none", previous: state(0), wanted: state(0), mode: "keep" }),
      service({ transition: "lower", previous: state(10), wanted: state(0) }),
      service({ transition: "finish", previous: state(100), wanted: state(100, { live: "green", returnTo: OLD_DIGEST }) }),
      service({ transition: "bootstrap", mode: "keep", previous: null, wanted: state(0, { slots: { blue: state(0).slots.blue, green: null } }) }),
    ],
    refuses: [
      [service({ transition: "none" }), ['Service "web": the transition named is "none", but from the previous state to the wanted one leads "raise".']],
      [service({ transition: "raise", mode: "keep" }), ['Service "web": it is to keep its traffic as it is (mode "keep"), but from the previous state to the wanted one leads "raise".']],
      [service({ previous: state(0, { base: digestOf("another") }) }), ['Service "web": the wanted state was decided on another state of the platform than the previous one.']],
      [service({ wanted: state(10, { live: "green" }) }), ['Service "web": Live and weights change in one step; that is allowed only to restore: from 100 % of one slot to 100 % of the other.']],
      [service({ wanted: state(0, { split: { blue: 1, green: 1 } }) }), ['Service "web": no transition leads to or from weights that are no split.']],
    ],
  },
  "used-slot-unchanged": {
    allows: [service({ transition: "stage-dark", previous: state(0, { slots: { ...state(0).slots, green: null } }), wanted: state(0) })],
    refuses: [
      [
        service({ wanted: state(10, { slots: { blue: { spec: NEW_DIGEST, instances: 3 }, green: state(0).slots.green } }) }),
        [`Service "web": slot "blue" is recorded live and has 100 % of the traffic, and its SlotSpec would change from ${short(OLD_DIGEST)} to ${short(NEW_DIGEST)}.`, 'Service "web": slot "blue" is recorded live and has 100 % of the traffic, and its instances would change from 2 to 3.'],
      ],
      [service({ previous: state(10), wanted: state(10, { slots: { ...state(0).slots, green: null } }) }), ['Service "web": slot "green" has 10 % of the traffic and would lose its SlotSpec.']],
      [service({ previous: state(10, { slots: { ...state(0).slots, green: null } }) }), ['Service "web": slot "green" has 10 % of the traffic, but nothing is recorded in it.']],
    ],
  },
  "specs-agree": {
    allows: [service({ wanted: state(0, { slots: { ...state(0).slots, green: null } }), specs: { blue: shownSpec(OLD), green: null } })],
    refuses: [
      [service({ specs: { blue: shownSpec(OLD), green: { ...shownSpec(NEW), digest: digestOf("swapped") } } }), [`Service "web", slot "green": the SlotSpec shown has the digest ${short(specDigest({ ...NEW, digest: digestOf("swapped") }))}, not ${short(NEW_DIGEST)} as it says.`]],
      [service({ specs: { blue: shownSpec(OLD), green: shownSpec(specOf("1.2.0")) } }), [`Service "web", slot "green": SlotSpec ${short(NEW_DIGEST)} is wanted, but ${short(specDigest(specOf("1.2.0")))} is shown.`]],
      [service({ specs: { blue: shownSpec(OLD), green: null } }), [`Service "web", slot "green": SlotSpec ${short(NEW_DIGEST)} is wanted, but none is shown.`]],
      [service({ wanted: state(0, { slots: { ...state(0).slots, green: null } }) }), [`Service "web", slot "green": SlotSpec ${short(NEW_DIGEST)} is shown, but none is wanted.`]],
      [service(withGreen(specOf("1.1.0", { application: "other", service: "api" }))), ['Service "web", slot "green": the SlotSpec is one of application "other", not of "shop".', 'Service "web", slot "green": the SlotSpec is one of service "api", not of "web".']],
    ],
  },
  "artifacts-by-digest": {
    allows: [],
    refuses: [[service(withGreen(specOf("1.1.0", { digest: "registry/shop:latest" }))), ['Service "web", slot "green": its artifact is "registry/shop:latest"; allowed is sha256: and 64 hexadecimal digits.']]],
  },
  "secrets-by-reference": {
    allows: [service(withGreen(specOf("1.1.0", { secrets: [secret("TOKEN")] })))],
    refuses: [
      [service(withGreen(specOf("1.1.0", { secrets: [{ name: "TOKEN", keyedDigest: "hunter2" }] }))), ['Service "web", slot "green": secret "TOKEN" has no keyed digest; allowed is hmac-sha256: and 64 hexadecimal digits.']],
      [service(withGreen(NEW, { secrets: [{ ...secret("TOKEN"), value: "hunter2" }] })), ['Service "web", slot "green": secret "TOKEN" has a field "value"; allowed are a name and a keyed digest.']],
      [service({ ...withGreen(specOf("1.1.0", { variables: { TOKEN: "hunter2" } })), required: { variables: [], secrets: ["TOKEN"] } }), ['Service "web", slot "green": secret "TOKEN" is also a variable, which everybody can read.']],
    ],
  },
  "health-check-present": {
    allows: [service(withGreen(specOf("1.1.0", { readiness: { tcp: true, interval: "1s", timeout: "5s", successes: 2, failures: 3 } })))],
    refuses: [
      [service(withGreen(NEW, { readiness: null })), ['Service "web", slot "green": it has no readiness probe; allowed is one of {http: /path}, {tcp: true}, {command: [...]}.']],
      [service(withGreen(NEW, { liveness: { http: "no path" } })), ['Service "web", slot "green": its liveness probe is not understood; allowed is a probe or null.']],
    ],
  },
  "alarms-present": {
    allows: [],
    refuses: [
      [
        service({ alarms: { errorRate: "100%", latencyP95: "1s", availability: "0%", window: "1m" } }),
        ['Service "web": its alarm on the error rate goes off above 100%; allowed is a limit below 100%.', 'Service "web": its alarm on the availability goes off below 0%; allowed is a limit above 0%.'],
      ],
      [{ ...service(), config: { errorRateBelow: 5, latencyP95AtMostMs: 500, availabilityAbove: 0 } }, ['Service "web": its alarm on the error rate goes off above 5%; allowed is a limit below 5%.', 'Service "web": its alarm on the latency goes off above 1s; allowed is a limit of at most 500ms.']],
    ],
  },
  "notification-target-present": {
    allows: [],
    refuses: [[service({ targets: [] }), ['Service "web": its alarms tell nobody; allowed is at least one notification target.']]],
  },
  instances: {
    allows: [service({ transition: "retire", previous: state(0), wanted: state(0, { slots: { ...state(0).slots, green: { spec: NEW_DIGEST, instances: 0 } } }) })],
    refuses: [
      [service({ wanted: state(10, { slots: { ...state(0).slots, green: { spec: NEW_DIGEST, instances: 1 } } }) }), ['Service "web", slot "green": 1 instances are wanted, its SlotSpec says 2.']],
      [service({ wanted: state(10, { slots: { ...state(0).slots, green: null } }) }), ['Service "web", slot "green": it is to have 10 % of the traffic, but holds nothing.']],
      [service(withGreen(specOf("1.1.0", { size: 1 })), "shop-production"), ['Service "web", slot "green": 1 instance serves production; allowed are at least 2.']],
      [{ ...service({}, "shop-production"), config: { productionAtLeast: 3 } }, ['Service "web", slot "blue": 2 instances serve production; allowed are at least 3.', 'Service "web", slot "green": 2 instances serve production; allowed are at least 3.']],
    ],
  },
};
