import { openStack, stackOrigin } from "../engine/stack.js";
import { readStackFileSettings } from "../engine/read-stack-settings.js";
import type { Release } from "../../model/release.js";
import type { GateResult } from "../../model/verdict.js";
import { EXIT, UserError } from "../errors.js";
import { PREDICATE } from "../../evidence/predicate-types.js";
import { recordEvidence, type EvidenceDesk } from "../evidence/record-evidence.js";
import { artifactBuilt } from "../gates/artifact-built.js";
import { checklistComplete } from "../gates/checklist-complete.js";
import { configurationComplete } from "../gates/configuration-complete.js";
import type { ConfiguredEnvironment } from "../gates/configuration-differences.js";
import { migrationsValidated } from "../gates/migrations-validated.js";
import { releaseClaim } from "../gates/release-claim.js";
import { testsPassed } from "../gates/tests-passed.js";
import { waivers } from "../gates/waivers.js";
import { Interrupted } from "../mission/steps.js";
import type { Json } from "../mission/journal-port.js";
import type { EnvironmentName } from "../mission/subject.js";
import { buildRelease } from "../release/build-release.js";
import { giveExampleSecrets } from "../release/example-secrets.js";
import { liveMigrations } from "./live-migrations.js";
import type { MissionContext } from "./mission-context.js";
import { VALIDATE_LIMIT_MS } from "./time-limits.js";

/**
 * The codebase becomes a release: built, its artifacts digested and stored, tested, its configuration complete, its migrations rehearsed, its checklist
 * done. What can be looked at in spite of an earlier mistake is looked at, so that one mission shows them all.
 */
export async function validate(context: MissionContext, evidence: EvidenceDesk): Promise<readonly GateResult[]> {
  const { subject, steps, artifacts, control, onOutput } = context;
  const signal = AbortSignal.any([control.rollBack, control.stop]);
  const gate = async (name: string, work: () => Promise<readonly GateResult[]>): Promise<readonly GateResult[]> =>
    (await steps.measure(`validate/${name}`, async () => {
      const results = await work();
      // What a signal cut short is no verdict.
      if (control.stop.aborted) throw new Interrupted("Somebody asked the mission to stop.");
      return results as unknown as Json;
    })) as unknown as readonly GateResult[];

  const built = await gate("build", () => build(context, signal));
  const release = steps.recorded("validate/release") as unknown as Release | null | undefined;
  if (release === null || release === undefined) return built;
  const released = { ...subject, release };
  const sign = (type: string) => (predicate: Readonly<Record<string, unknown>>) => recordEvidence(evidence, releaseClaim(released, type, predicate));
  const results = [
    ...(await gate("tests", async () => [await testsPassed(released, { evidence, timeLimitMs: VALIDATE_LIMIT_MS, onOutput, signal })])),
    ...(await gate("artifacts", async () => [await artifactBuilt(released, { store: artifacts, evidence })])),
    ...(await gate("configuration", async () => [configurationComplete({ release, environments: await configured(context, release) })])),
    ...(await gate("migrations", async () => [await migrationsValidated({ release, live: await liveMigrations(context), artifacts, record: sign(PREDICATE.migrations), signal })])),
    ...(await gate("checklist", async () => [await checklistComplete({ codebase: subject.codebase, confirmed: subject.confirmed, waived: subject.waived, by: subject.by, record: sign(PREDICATE.checklist), signal })])),
    ...(await gate("waivers", () => waivers(released, evidence))),
  ];
  return [...built, ...results];
}

/** Builds and stores; the release itself is a record of its own, which every later phase reads. */
async function build({ subject, steps, artifacts, onOutput }: MissionContext, signal: AbortSignal): Promise<readonly GateResult[]> {
  const result = (verdict: GateResult["verdict"], summary: string): readonly GateResult[] => [{ gate: "build", verdict, summary, details: [], measured: {} }];
  try {
    const release = await buildRelease({ codebase: subject.codebase, application: subject.application, version: subject.version, store: artifacts, onOutput, signal });
    await steps.conclude("validate/release", () => Promise.resolve(release as unknown as Json));
    const dirty = release.commit === null ? "outside git" : release.commit.endsWith("-dirty") ? `from ${release.commit.slice(0, 12)} with changes that are not committed` : `from commit ${release.commit.slice(0, 12)}`;
    return result("PASS", `${release.application} ${release.version} was built ${dirty}; ${Object.keys(release.services).length} service(s), stored by digest.`);
  } catch (error) {
    if (signal.aborted) throw new Interrupted("Somebody asked the mission to stop.");
    if (!(error instanceof UserError) || error.exitCode === EXIT.locked) throw error;
    await steps.conclude("validate/release", () => Promise.resolve(null));
    return result("FAIL", error.message);
  }
}

/** What both environments give the release. On the sandbox, secrets that nobody has set get example values first, as everywhere. */
async function configured({ subject, say }: MissionContext, release: Release): Promise<readonly ConfiguredEnvironment[]> {
  const names: readonly EnvironmentName[] = subject.hotfix === null ? ["staging", "production"] : ["production"];
  const environments: ConfiguredEnvironment[] = [];
  for (const environment of names) {
    const { stack: name } = subject[environment];
    const stack = await openStack(name, { ...stackOrigin(name), environment });
    for (const line of stack.settled) say(line);
    const given = await giveExampleSecrets(stack, release);
    if (given.length > 0) say(`Stack "${name}" got random example values for the secrets ${given.join(", ")} (sandbox only).`);
    const { settings, secrets, diagnostics } = await readStackFileSettings(stack.file);
    if (settings === null) throw new UserError(EXIT.usage, `The configuration of stack "${name}" has mistakes:`, diagnostics);
    environments.push({ environment, stack: name, settings, secrets });
  }
  return environments;
}
