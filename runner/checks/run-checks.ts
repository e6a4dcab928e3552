import { mapLimited } from "../../artifacts/map-limited.js";
import type { Application } from "../../model/application.js";
import type { CommandCheck } from "../../model/check.js";
import { parseDuration } from "../../model/duration.js";
import type { GateResult } from "../../model/verdict.js";
import { EXIT, UserError } from "../errors.js";
import { codebaseEnvironment } from "../release/build-environment.js";
import { notMade, timed, type CheckResult } from "./check-result.js";
import { defaultSmokeTests } from "./default-smoke.js";
import { gateOf, type CheckGate } from "./gate.js";
import { runHttpCheck, type HttpChain } from "./http-check.js";
import { runIntegration, type IntegrationContext } from "./integration.js";
import { runCommand } from "./run-command.js";

/** Checks of one gate that are under way at once. */
const AT_ONCE = 8;

export interface ChecksOptions extends IntegrationContext {
  readonly application: Pick<Application, "services" | "checks">;
  /** Address by service: the candidate's own route or the users'. Every service that a check goes to must be in it. */
  readonly urls: Readonly<Record<string, string>>;
  /** Release that must answer smoke tests and flows, where answers say which one did (`x-mission-release`); null when any may. */
  readonly expectRelease: string | null;
}

type Asked = CommandCheck | (HttpChain & { readonly service?: string | undefined });

/**
 * Asks everything that `mission.yaml` wants to know of an application that runs, once.
 *
 * Gates, in this order: `smoke-tests`, always (see `defaultSmokeTests` for an application that declares none); `user-flows` and `integrations-reachable`, each
 * only when at least one is declared: a gate without a check would have measured nothing and could not pass. Smoke tests come before flows; integrations are
 * looked at meanwhile.
 * @throws UserError (interrupted) when the signal was given; everything that was started has ended then
 */
export async function runChecks(options: ChecksOptions): Promise<readonly GateResult[]> {
  const { application, signal } = options;
  const { smoke, flows, integrations } = application.checks;
  const smokeTests: readonly Asked[] = smoke.length > 0 ? smoke : defaultSmokeTests(application.services);
  const [ofService, ofIntegrations] = await Promise.all([
    (async () => {
      const first = await runGate("smoke-tests", smokeTests, (check) => runCheck(check, options));
      return [...first, ...(await runGate("user-flows", flows, (check) => runCheck(check, options)))];
    })(),
    runGate("integrations-reachable", integrations, (integration) => runIntegration(integration, options)),
  ]);
  if (signal?.aborted) throw new UserError(EXIT.interrupted, "The checks were interrupted.");
  return [...ofService, ...ofIntegrations];
}

async function runGate<Item>(gate: CheckGate, items: readonly Item[], work: (item: Item) => Promise<CheckResult>): Promise<GateResult[]> {
  if (items.length === 0) return [];
  const begun = performance.now();
  return [gateOf(gate, await mapLimited(items, AT_ONCE, work), performance.now() - begun)];
}

async function runCheck(check: Asked, { application, urls, codebase, expectRelease, signal }: ChecksOptions): Promise<CheckResult> {
  const service = check.service ?? Object.keys(application.services)[0] ?? "";
  const url = Object.hasOwn(urls, service) ? urls[service] : undefined;
  if (signal?.aborted) return timed(check.name, async () => notMade("the check was interrupted"));
  if (url === undefined) return timed(check.name, async () => notMade(`no address of the service "${service}" is known; deploy it first`));
  if ("steps" in check) return runHttpCheck(check, { url, expectRelease, signal });
  return runCommandCheck(check, url, codebase, signal);
}

function runCommandCheck({ name, command, timeout }: CommandCheck, url: string, codebase: string | null, signal: AbortSignal | undefined): Promise<CheckResult> {
  const environment = codebaseEnvironment(process.env, { MISSION_URL: url });
  return timed(name, () => runCommand({ command, codebase, environment, timeoutMs: parseDuration(timeout), signal }));
}
