import type { Observed } from "../../model/rollout.js";
import { otherSlot } from "../../model/slot.js";
import { timingOf } from "../../model/timing.js";
import type { GateResult } from "../../model/verdict.js";
import { environmentVariables } from "../checks/variables.js";
import { hideSecrets } from "../checks/hide-secrets.js";
import { runChecks } from "../checks/run-checks.js";
import { engineEnvironment } from "../engine/engine-environment.js";
import { readSecrets } from "../engine/search-state.js";
import { noFreezeNow } from "../gates/no-freeze.js";
import { rollbackReady } from "../gates/rollback-target.js";
import { weightApplied } from "../gates/weight-applied.js";
import { windowOpen } from "../gates/window-open.js";
import { applyExpand } from "../migrate/expand.js";
import type { View } from "../mission/ground.js";
import type { LiveSpecs } from "../mission/roll-back.js";
import { StackGround, type Instruments } from "../mission/stack-ground.js";
import { Interrupted } from "../mission/steps.js";
import type { EnvironmentName } from "../mission/subject.js";
import { parseBaseline, recordBaseline } from "../watch/baseline.js";
import { Probing } from "../watch/probing.js";
import { watchRelease } from "../watch/watch-release.js";
import { gatesOf } from "./gates-of.js";
import { releaseOf, type MissionContext } from "./mission-context.js";
import { pinnedPack } from "./pinned-pack.js";

/** One of a mission's environments, with everything that is measured there. */
export function environmentGround(context: MissionContext, environment: EnvironmentName): StackGround {
  const { stack } = context.subject[environment];
  return new StackGround({ stack, environment }, context.adapters[environment], releaseOf(context), instruments(context, environment), context.onOutput, context.control.rollBack, () => gatesOf(context));
}

function instruments(context: MissionContext, environment: EnvironmentName): Instruments {
  const { subject, steps, control, requests, store, artifacts, say, clock } = context;
  const { settings, stack } = subject[environment];
  const adapter = context.adapters[environment];
  const grain = adapter.capabilities.metricsGrainMs;
  const release = releaseOf(context);
  const signal = AbortSignal.any([control.rollBack, control.stop]);
  const probing = new Probing({ adapter, application: subject.application, rate: timingOf(settings).probeRate });
  const before = (): LiveSpecs => (steps.recorded(`${environment}/before`) ?? {}) as LiveSpecs;
  /** What was cut short because somebody asks to stop is no verdict. */
  const unlessStopped = <T>(value: T): T => {
    if (control.stop.aborted && !control.rollBack.aborted) throw new Interrupted("Somebody asked the mission to stop.");
    return value;
  };

  /** The same for what throws when it is cut short; somebody who asks to go back has decided. */
  const unlessAsked = async (work: () => Promise<readonly GateResult[]>): Promise<readonly GateResult[]> => {
    try {
      return unlessStopped(await work());
    } catch (error) {
      if (control.rollBack.aborted) return [{ gate: "nobody-asked-to-roll-back", verdict: "FAIL", summary: String(control.rollBack.reason), details: [], measured: {} }];
      return unlessStopped(Promise.reject(error as Error));
    }
  };

  return {
    pack: () => pinnedPack(context),
    migrate: () => applyExpand({ release, adapter, artifacts, signal: control.rollBack }),
    startProbing: () => probing.startProbing(),
    probed: (since) => probing.probed(since),
    markProbed: () => probing.markProbed(),
    stopProbing: () => probing.stopProbing(),

    async permit(raise) {
      const results = [await noFreezeNow(store, stack), await rollbackReady({ observed: await adapter.describe(), before: before(), artifacts })];
      if (environment === "production" && raise === "first" && subject.hotfix === null) results.push(windowOpen(settings.window, Date.now()));
      const approval = environment === "production" && raise === "first" ? requests.planApproval() : null;
      if (approval !== null) results.push({ gate: "approved", verdict: "PASS", summary: `${approval.by} approved the plan at ${approval.at}.`, details: [], measured: {}, evidence: [approval.evidence] });
      return results;
    },

    async check(view) {
      const observed = await adapter.describe();
      const databaseUrl = Object.values(release.services).some(({ database }) => database) ? await adapter.database() : null;
      const why = `Whether it holds a secret of stack "${stack}" could not be found out`;
      const secrets = async () => new Map([...(await readSecrets(engineEnvironment(stack), why)), ...(databaseUrl === null ? [] : databaseSecrets(databaseUrl))]);
      return unlessAsked(async () => hideSecrets(await runChecks({
        application: subject.application,
        urls: await urlsOf(context, environment, observed, view),
        codebase: subject.codebase,
        variables: environmentVariables(release.services, settings.variables),
        databaseUrl,
        expectRelease: view === "candidate" ? release.version : null,
        signal,
      }), secrets));
    },

    async baseline() {
      return unlessStopped(await recordBaseline({ adapter, limits: settings.limits, milliseconds: Math.max(10_000, 3 * grain), lookMs: Math.max(500, grain / 4), signal }));
    },

    async watch(milliseconds, baseline) {
      await probing.markProbed();
      const results = await watchRelease({ adapter, release, limits: settings.limits, milliseconds, baseline: parseBaseline(baseline), userReports: settings.userReports, signal, onNote: say, lookMs: Math.max(1_000, milliseconds / 10, grain), ...(clock === undefined ? {} : { clock }) });
      return [...unlessStopped(results), ...(await appliedWeights(await adapter.describe(), release.version, probing))];
    },
  };
}

/** What nobody may read of a database's address. */
function databaseSecrets(url: string): readonly (readonly [string, string])[] {
  const password = URL.canParse(url) ? new URL(url).password : "";
  return [["DATABASE_URL", url], ...(password === "" ? [] : [["the database's password", password] as const])];
}

/** Where a service is asked: by its own test route before it has users, by theirs after that. */
async function urlsOf(context: MissionContext, environment: EnvironmentName, observed: Observed, view: View): Promise<Readonly<Record<string, string>>> {
  const { version } = releaseOf(context);
  const adapter = context.adapters[environment];
  const urls = await Promise.all(
    Object.entries(observed).map(async ([service, { live, slots }]) => {
      const endpoints = await adapter.endpoints(service);
      if (endpoints === undefined || live === null) return [];
      const free = otherSlot(live);
      const slot = slots[free]?.spec.version === version && slots[free].instances > 0 ? free : live;
      return [[service, view === "candidate" ? endpoints.slots[slot] : endpoints.production] as const];
    }),
  );
  return Object.fromEntries(urls.flat());
}

/** What answers must be what was asked for: a platform that accepts a weight has not applied it yet. */
async function appliedWeights(observed: Observed, version: string, probing: Probing): Promise<readonly GateResult[]> {
  const seen = await probing.probedServices("mark");
  return Object.entries(observed).flatMap(([service, { live, split, slots }]) => {
    if (live === null || split === null) return [];
    const candidate = otherSlot(live);
    const [ours, theirs] = [slots[candidate]?.spec.version, slots[live]?.spec.version];
    // Two configurations of one version give the same answers, and nothing is split without a candidate.
    if (ours !== version || theirs === undefined || theirs === ours) return [];
    return [weightApplied({ service, candidate: ours, live: theirs, weight: split.of(candidate), probed: seen.get(service) ?? null })];
  });
}
