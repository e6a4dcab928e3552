import type { EngineEvent, UpOptions } from "@pulumi/pulumi/automation/index.js";
import { endRun, newRun } from "./end-run.js";
import { projectRoot } from "./engine-environment.js";
import { showsProcesses } from "./processes.js";
import { isPolicyError, PolicyTally, type PolicyEvents, type PolicyReport } from "../policies/policy-report.js";

/** How an update ended. */
export interface UpdateResult {
  readonly ok: boolean;
  /** Whether it was stopped by its signal; what it had done until then stays. */
  readonly stopped: boolean;
  /** What the engine called errors, one text each. */
  readonly errors: readonly string[];
  /** What the policy pack said; null when it ran without one. */
  readonly policies: PolicyReport | null;
}

/**
 * Runs `up` on a stack by the Automation API.
 * @param onOutput gets the engine's own words as they come
 * @param signal stops it: the promise settles when the engine and everything it started is dead. A lock and pending operations may be left; `openStack` clears
 *   them.
 * @param pack folder of the policy pack that judges it
 * @param look URNs of resources that the engine is to look at again before, because it goes by its memory otherwise
 */
export async function update(stack: string, environment: Readonly<Record<string, string>>, onOutput: (text: string) => void, signal?: AbortSignal, pack: string | null = null, look: readonly string[] = []): Promise<UpdateResult> {
  const run = newRun();
  const errors: string[] = [];
  const policies = pack === null ? null : new PolicyTally();
  const onEvent = (event: EngineEvent) => {
    policies?.see(event as PolicyEvents);
    const diagnostic = event.diagnosticEvent;
    if (diagnostic?.severity === "error" && !(policies !== null && isPolicyError(diagnostic.message))) errors.push(diagnostic.message.trim());
  };
  const ended = up(stack, { ...environment, ...run }, { onOutput, onEvent, ...(pack === null ? {} : { policyPacks: [pack] }) }, look, signal).then(
    () => true,
    (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      if (policies?.refused(message) !== true && errors.length === 0) errors.push(message);
      return false;
    },
  );
  let ending: Promise<void> | undefined;
  const stop = () => (ending ??= endRun(run, ended));
  if (signal?.aborted === true) await stop();
  signal?.addEventListener("abort", stop, { once: true });
  const ok = await ended;
  signal?.removeEventListener("abort", stop);
  await ending;
  // The engine ends with this after it has said what failed.
  const said = [...new Set(errors)].filter((error, _index, all) => error !== "update failed" || all.length === 1);
  return { ok, stopped: !ok && ending !== undefined, errors: said, policies: policies?.report() ?? null };
}

async function up(stack: string, environment: Record<string, string>, options: Pick<UpOptions, "onOutput" | "onEvent" | "policyPacks">, look: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  // Loaded here: it costs a second, which commands that never update need not pay.
  const { LocalWorkspace } = await import("@pulumi/pulumi/automation/index.js");
  signal?.throwIfAborted();
  const opened = await LocalWorkspace.selectStack({ stackName: stack, workDir: projectRoot() }, { envVars: { ...environment, PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true" } });
  signal?.throwIfAborted();
  if (look.length > 0) await opened.refresh({ color: "never", target: [...look], ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }) });
  signal?.throwIfAborted();
  await opened.up({
    color: "never",
    ...options,
    // Of itself it sends one SIGINT and waits for ever, so that is only for where processes cannot be found.
    ...(signal === undefined || showsProcesses ? {} : { signal }),
  });
}
