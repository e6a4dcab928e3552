import "../../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { slotInUse } from "../../../model/environment-plan.js";
import { finish, restore, retire, setCandidateWeight, stage, type Next } from "../../../model/next-rollout.js";
import type { Release } from "../../../model/release.js";
import { ABSENT, baseOf, unchanged, type Observed, type Rollout, type ServiceRollout } from "../../../model/rollout.js";
import { otherSlot, type Slot } from "../../../model/slot.js";
import { slotSpec } from "../../../model/slot-spec.js";
import { transitionOf } from "../../../model/transition.js";
import { CLUSTER, LOAD_BALANCER, NETWORK } from "../../support/aws-ground.js";
import { awsInputs, declareOnAws, imageRelease, type AwsRun } from "../../support/aws-mocks.js";
import { RecordedStack, type Change } from "./recorded-stack.js";

/** One step of a day on a stack. */
interface Step {
  /** Whether a new release is configured before it. */
  readonly release: boolean;
  /** Whether traffic is taken back by AWS's own API before it. */
  readonly outside: boolean;
  /** A bare `up`, or one that carries a rollout state. */
  readonly bare: boolean;
  /** For each service, which of the moves that the model allows. */
  readonly choices: readonly number[];
}

/** A day: what the stack is, and what is done to it. */
interface Day {
  readonly kind: "staging" | "production";
  readonly services: readonly string[];
  readonly autoscaling: boolean;
  readonly steps: readonly Step[];
}

const SERVICES = ["api", "web", "worker"];
const days: fc.Arbitrary<Day> = fc.record({
  kind: fc.constantFrom("staging", "production"),
  services: fc.constantFrom(1, 1, 1, 2, 3).map((count) => SERVICES.slice(0, count)),
  autoscaling: fc.boolean(),
  steps: fc.array(
    fc.record({ release: fc.nat(3).map((n) => n === 0), outside: fc.nat(7).map((n) => n === 0), bare: fc.nat(3).map((n) => n === 0), choices: fc.array(fc.nat(99), { minLength: 3, maxLength: 3 }) }),
    { minLength: 4, maxLength: 8 },
  ),
});

/** The configuration after so many releases. In production every release has the secret: there the engine refuses to delete a slot's. */
function configured({ kind, services, autoscaling }: Day, releases: number): AwsRun {
  const version = `1.${releases}.0`;
  const secrets = kind === "production" || releases % 3 !== 1 ? ["API_KEY"] : [];
  const [service] = Object.values(imageRelease(version, { secrets }).services) as [Release["services"][string]];
  return {
    kind,
    release: { ...imageRelease(version), services: Object.fromEntries(services.map((name) => [name, service])) },
    secrets: { API_KEY: `value of ${version}` },
    settings: { gates: { mission: `shop-${version}` } },
    aws: {
      network: NETWORK,
      cluster: CLUSTER,
      loadBalancer: LOAD_BALANCER,
      services: Object.fromEntries(services.map((name, index) => [name, { paths: [`/${name}/*`], priority: 10 + index, stickiness: "1h", autoscaling: autoscaling ? { max: 6 } : null }])),
    },
  };
}

/** The moves that the model allows a service now, none left out and none that changes nothing; the last one takes a release on. */
function moves(run: AwsRun, observed: Observed, service: string): ServiceRollout[] {
  const now = observed[service] ?? ABSENT;
  const { release, environment } = awsInputs(run);
  const weights = [0, 1, 10, 50, 99, 100].map((weight) => setCandidateWeight(service, now, weight));
  const all: Next[] = [retire(service, now), stage(service, now, slotSpec(release, service, environment)), ...weights, finish(service, now), restore(service, now)];
  return all.flatMap((next) => {
    if (!next.ok) return [];
    const verdict = transitionOf(unchanged(now), next.rollout);
    return verdict.ok && verdict.transition !== "none" ? [next.rollout] : [];
  });
}

/** The rollout state of a step; undefined where nothing can be said of any service. */
function wantedBy({ choices }: Step, run: AwsRun, observed: Observed, services: readonly string[]): Rollout {
  return Object.fromEntries(
    services.flatMap((service, index) => {
      const possible = moves(run, observed, service);
      const now = unchanged(observed[service] ?? ABSENT);
      // One time in five a service stays as it is while another one moves; two times it goes on, as far as the last move takes it.
      const choice = choices[index] ?? 0;
      const stays = now !== undefined && choice % 5 === 4;
      const move = choice % 5 < 2 ? possible.at(-1) : possible[Math.floor(choice / 5) % Math.max(1, possible.length)];
      const wanted = stays ? now : (move ?? now);
      return wanted === undefined ? [] : [[service, wanted] as const];
    }),
  );
}

/** Whose a resource is: a slot's, a service's rule for users, or everybody's. */
function ownerOf({ type, name }: Change, services: readonly string[]): { readonly service: string; readonly slot: Slot | "traffic" } | "shared" {
  for (const service of services) {
    if (type === "aws:lb/listenerRule:ListenerRule" && name === `${service}-split`) return { service, slot: "traffic" };
    for (const slot of ["blue", "green"] as const) if (name === `${service}-${slot}` || name.startsWith(`${service}-${slot}-`)) return { service, slot };
  }
  return "shared";
}

const traffic = (observed: Observed, service: string) => {
  const { live, split, returnTo } = observed[service] ?? ABSENT;
  return { live, returnTo, split: split && { blue: split.blue, green: split.green } };
};

/** Names by what slots hold: weights and live slots are not in the key. */
const names = new Map<string, string>();
const told = { days: 0, transitions: new Map<string, number>() };

/** Goes through a day and holds every `up` to what may differ. */
async function live(day: Day): Promise<void> {
  const { services, kind, autoscaling } = day;
  const stack = new RecordedStack(`shop-${kind}`, services);
  let releases = 0;
  const first: Step = { release: false, outside: false, bare: true, choices: [] };
  for (const step of [first, ...day.steps]) {
    if (step.release) releases += 1;
    const run = configured(day, releases);
    if (step.outside) for (const service of services) stack.takeBack(service);
    const before = stack.observe();
    const rollout = step.bare ? undefined : wantedBy(step, run, before.services, services);
    const { release, environment } = awsInputs(run);
    const staged = services.map((service) => stage(service, before.services[service] ?? ABSENT, slotSpec(release, service, environment)));
    // The program refuses the whole of a bare `up` where a service has no free slot, and nothing is registered.
    if (rollout === undefined && staged.some((next) => !next.ok)) continue;
    const wanted = new Map(services.map((service, index) => [service, rollout === undefined ? (staged[index] as { rollout: ServiceRollout }).rollout : rollout[service]]));
    if (rollout !== undefined) stack.refresh();
    const declared = await declareOnAws({ ...run, observed: before.services, generations: before.generations, ...(rollout === undefined ? {} : { rollout }) });
    const changes = stack.up(declared);
    const after = stack.observe();
  
    for (const change of changes) {
      const what = `${change.what} ${change.type} ${change.name} (${change.inputs.join(", ")})`;
      const owner = ownerOf(change, services);
      if (owner === "shared") {
        assert.equal(change.what, "made", what);
        assert.equal(step, first, what);
        continue;
      }
      const previous = unchanged(before.services[owner.service] ?? ABSENT);
      if (previous === undefined) continue;
      if (owner.slot === "traffic") {
        assert.equal(step.bare, false, `a bare up: ${what}`);
        assert.deepEqual(change.inputs.filter((input) => input !== "actions" && input !== "tags"), [], what);
        assert.notDeepEqual(traffic(after.services, owner.service), traffic(before.services, owner.service), what);
      } else {
        assert.equal(slotInUse(previous, owner.slot), false, `a slot in use: ${what}`);
      }
    }

    for (const service of services) {
      const state = wanted.get(service);
      assert.ok(state !== undefined);
      const now = after.services[service];
      assert.ok(now !== undefined);
      const verdict = transitionOf(unchanged(before.services[service] ?? ABSENT), state);
      assert.ok(verdict.ok);
      told.transitions.set(verdict.transition, (told.transitions.get(verdict.transition) ?? 0) + 1);
      // What AWS has is what was wanted; the base names what was before.
      const { base: _base, ...is } = unchanged(now) as ServiceRollout;
      const { base: _was, ...should } = state;
      assert.deepEqual(JSON.parse(JSON.stringify(is)), JSON.parse(JSON.stringify(should)), `${service}: ${verdict.transition}`);
      if (verdict.transition !== "bootstrap") assert.ok(now.generation >= (before.services[service]?.generation ?? 0), `${service}: its generation went back`);
      // What was decided on the state before is refused from now on.
      if (verdict.transition !== "none") assert.notEqual(baseOf(now), baseOf(before.services[service] ?? ABSENT), `${service}: ${verdict.transition} left its base`);
    }

    const held = services.map((service) => (["blue", "green"] as const).map((slot) => after.services[service]?.slots[slot]?.spec.secrets.length ?? null));
    const key = JSON.stringify([kind, autoscaling, held]);
    const now = JSON.stringify(declared.all.map(({ type, name }) => `${type} ${name}`).sort());
    assert.equal(now, names.get(key) ?? now, "names depend on more than on what slots hold");
    names.set(key, now);
    assert.doesNotMatch(now, /\d+\.\d+\.\d+/, "a name says a version");
  }
  told.days += 1;
}

describe("rollouts on AWS", () => {
  it("change, from one up to the next, only the users' rule or the free slot, whatever the day brings", async () => {
    await fc.assert(fc.asyncProperty(days, live), { numRuns: 200 });
    // Not every day has everything, but two hundred do.
    for (const transition of ["bootstrap", "none", "stage-dark", "raise", "lower", "finish", "restore", "retire"]) assert.ok((told.transitions.get(transition) ?? 0) > 0, `no day had a ${transition}`);
    assert.ok(told.days >= 200);
  }).timeout(180_000);

  it("do without what the engine remembers where somebody has moved traffic past it", async () => {
    const day: Day = { kind: "production", services: ["web"], autoscaling: false, steps: [] };
    const stack = new RecordedStack("shop-production", ["web"]);
    const up = async (run: AwsRun, next?: (observed: Observed) => Next) => {
      const { services: observed, generations } = stack.observe();
      if (next === undefined) return stack.up(await declareOnAws({ ...run, observed, generations }));
      const wanted = next(observed);
      assert.ok(wanted.ok);
      stack.refresh();
      return stack.up(await declareOnAws({ ...run, observed, generations, rollout: { web: wanted.rollout } }));
    };
    await up(configured(day, 0));
    await up(configured(day, 1));
    await up(configured(day, 1), (observed) => setCandidateWeight("web", observed["web"] ?? ABSENT, 10));
    stack.takeBack("web");
    assert.deepEqual(await up(configured(day, 1)), []);
    assert.equal(stack.observe().services["web"]?.split?.of(otherSlot("blue")), 0);
    // The same weight once more: what the engine remembers equals it, what AWS has does not.
    const changes = await up(configured(day, 1), (observed) => setCandidateWeight("web", observed["web"] ?? ABSENT, 10));
    assert.deepEqual(changes.map(({ name, inputs }) => [name, inputs]), [["web-split", ["actions", "tags"]]]);
    assert.equal(stack.observe().services["web"]?.split?.of("green"), 10);
  });
});
