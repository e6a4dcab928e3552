import type { LimitSettings } from "../../model/limits.js";
import type { Release } from "../../model/release.js";
import { worstVerdict, type GateResult } from "../../model/verdict.js";
import { alarmsQuiet, lookAtAlarms } from "./alarm-watch.js";
import type { RecordedBaseline } from "./baseline.js";
import { InstanceWatch, instancesReady, type InstancesLook } from "./instance-watch.js";
import { readServices, type Reading, type WatchedPlatform } from "./reading.js";
import { SaturationWatch, saturation } from "./saturation.js";
import { ServiceWatch, type Judge, type Look } from "./service-watch.js";
import { judgeReports, openUserReports, type UserReports, type UserReportsSetting } from "./user-reports.js";
import { realClock, sleepUntil, type WatchClock } from "./watch-clock.js";

/** How a release is watched. */
export interface WatchOptions {
  readonly adapter: WatchedPlatform;
  readonly release: Release;
  readonly limits: LimitSettings;
  /** Time that must pass before anything passes, milliseconds > 0. */
  readonly milliseconds: number;
  /** What the live release was like before; null where nothing was recorded. */
  readonly baseline: RecordedBaseline | null;
  /** Time after which nothing is waited for any more, milliseconds. Default: three times as long, at least 15 s more. */
  readonly longestMs?: number;
  /** Time between two looks, milliseconds. Default: a tenth of the time, at least 1 s. */
  readonly lookMs?: number;
  /** Where error reports of users come in. Default: they are not counted. */
  readonly userReports?: UserReportsSetting | undefined;
  /** Aborted by somebody who asks to roll back; its reason is told. */
  readonly signal?: AbortSignal | undefined;
  /** Gets sentences for people, such as where reports are taken. */
  readonly onNote?: (text: string) => void;
  readonly clock?: WatchClock;
  /** Default: by thresholds. */
  readonly judge?: Judge;
}

/** Looks in a row without data after which nothing more is expected. */
const MOST_ERRORS = 4;

/**
 * Watches a release while users use it, at a number of looks that is fixed beforehand. Passes only when the full time is over and everything is as it
 * should be over the whole window; ends early when that cannot become so any more; what is still not known is looked at up to `longestMs`.
 * @returns the gates `candidate-as-good-as-baseline` for each service, `instances-ready`, `saturation`, `alarms-quiet` and `user-reports` where they can be told; or
 *   `nobody-asked-to-roll-back` alone
 * @throws RangeError for a time that is none: it would pass on nothing
 */
export async function watchRelease(options: WatchOptions): Promise<readonly GateResult[]> {
  for (const time of [options.milliseconds, options.lookMs ?? 1, options.longestMs ?? 1]) if (!(time > 0 && Number.isFinite(time))) throw new RangeError(`A release cannot be watched for ${time} ms; allowed is a time above 0.`);
  const reports = options.userReports === undefined ? null : await openUserReports(options.userReports);
  if (reports !== null && !reports.ok) return [judgeReports(reports, options.limits.userReports)];
  try {
    if (reports !== null) options.onNote?.(reports.value.where);
    return await new Watch(options, reports?.value ?? null).run();
  } finally {
    await reports?.value.close();
  }
}

/** Everything that is watched of one service. */
interface Watched {
  readonly candidate: ServiceWatch;
  readonly instances: InstanceWatch;
  readonly saturation: SaturationWatch;
}

/** What all looks at one moment say. */
interface Moment {
  readonly results: readonly GateResult[];
  /** It cannot become better. */
  readonly final: boolean;
  /** Every service was watched for the full time. */
  readonly full: boolean;
}

class Watch {
  readonly #services: readonly string[];
  readonly #watched: ReadonlyMap<string, Watched>;
  readonly #clock: WatchClock;
  readonly #interval: number;
  readonly #looks: number;

  constructor(
    private readonly options: WatchOptions,
    private readonly reports: UserReports | null,
  ) {
    const { release, limits, milliseconds, baseline, judge } = options;
    const lookMs = options.lookMs ?? Math.max(1_000, milliseconds / 10);
    const longestMs = Math.max(milliseconds, options.longestMs ?? Math.max(3 * milliseconds, milliseconds + 15_000));
    this.#clock = options.clock ?? realClock;
    // Looks lie evenly in the time, the last of them at its end.
    this.#interval = milliseconds / Math.max(1, Math.round(milliseconds / lookMs));
    this.#looks = Math.max(1, Math.floor(longestMs / this.#interval + 1e-9));
    this.#services = Object.keys(release.services);
    this.#watched = new Map(
      this.#services.map((service) => [
        service,
        { candidate: new ServiceWatch({ service, release, limits, milliseconds, baseline, ...(judge === undefined ? {} : { judge }) }), instances: new InstanceWatch(service), saturation: new SaturationWatch(service, limits.saturation) },
      ]),
    );
  }

  async run(): Promise<readonly GateResult[]> {
    const asked = () => this.options.signal?.aborted === true;
    let moment = await this.#look();
    const start = this.#clock.now();
    for (let look = 1; ; look += 1) {
      if (asked()) return [askedToRollBack(this.options.signal)];
      const { results, final, full } = moment;
      const verdict = worstVerdict(results.map((result) => result.verdict));
      if (final || (full && (verdict === "PASS" || verdict === "FAIL")) || look > this.#looks) return full ? results : results.map(unfinished);
      await sleepUntil(this.#clock, start + look * this.#interval, this.options.signal);
      if (asked()) continue;
      moment = await this.#look();
    }
  }

  async #look(): Promise<Moment> {
    const { adapter, limits, signal } = this.options;
    const readings = await readServices(adapter, this.#services, { clock: this.#clock, silenceMs: Math.min(10_000, Math.max(2_000, this.#interval)), signal });
    const alarms: ReturnType<typeof lookAtAlarms>[] = [];
    const looks: Look[] = [];
    const instances: InstancesLook[] = [];
    for (const [service, watched] of this.#watched) {
      const reading: Reading | undefined = readings.get(service);
      if (reading === undefined) throw new Error(`Service "${service}" was not read.`);
      looks.push(watched.candidate.look(reading));
      instances.push(watched.instances.look(reading));
      watched.saturation.look(reading, watched.candidate.slot);
      alarms.push(lookAtAlarms(service, reading, watched.candidate.slot));
    }
    const used = saturation([...this.#watched.values()].map((each) => each.saturation));
    const reported = this.reports === null ? null : judgeReports(await this.reports.count(), limits.userReports);
    const quiet = alarmsQuiet(alarms);
    const candidates = looks.map(({ result }) => (typeof used === "string" ? { ...result, details: [...result.details, used] } : result));
    return {
      results: [...candidates, instancesReady(instances), ...(typeof used === "string" ? [] : [used]), ...(quiet === null ? [] : [quiet]), ...(reported === null ? [] : [reported])],
      final: looks.some(({ final, errors }) => final || errors >= MOST_ERRORS) || instances.some(({ final }) => final) || quiet?.verdict === "FAIL" || reported?.verdict === "FAIL",
      full: looks.length > 0 && looks.every(({ full }) => full),
    };
  }
}

/** What has not been watched to the end has not passed. */
function unfinished(result: GateResult): GateResult {
  if (result.verdict !== "PASS") return result;
  return { ...result, verdict: "INCONCLUSIVE", summary: `It was not watched for the full time. Until then: ${result.summary}` };
}

function askedToRollBack(signal: AbortSignal | undefined): GateResult {
  const reason: unknown = signal?.reason;
  const said = reason instanceof Error ? reason.message : typeof reason === "string" ? reason : "no reason was given";
  return { gate: "nobody-asked-to-roll-back", verdict: "FAIL", summary: `Somebody asked to roll back: ${said}`, details: [], measured: {} };
}
