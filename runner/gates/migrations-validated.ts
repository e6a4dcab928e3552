import { ArtifactError } from "../../artifacts/artifact-error.js";
import type { ArtifactStore } from "../../artifacts/store.js";
import type { MigrationsResult } from "../../evidence/predicates.js";
import type { EvidenceReference } from "../../model/evidence.js";
import type { Release } from "../../model/release.js";
import type { GateResult, Verdict } from "../../model/verdict.js";
import { startScratchDatabase } from "../../sandbox/client.js";
import { EXIT, UserError } from "../errors.js";
import { isNewBookkeeping } from "../migrate/bookkeeping.js";
import { maskUrl } from "../migrate/mask-url.js";
import { migrationsOf, runMigration, type ReleasedMigrations } from "../migrate/run-migration.js";
import { isExpand, schemaDiff } from "../migrate/schema-diff.js";
import { schemaSnapshot, snapshotDigest } from "../migrate/schema-snapshot.js";
import { changedTables, tableContents } from "../migrate/table-contents.js";
import { inWords } from "../release/run-limited.js";

const GATE = "migrations-validated";

export interface MigrationsValidatedInput {
  readonly release: Release;
  /** Migrations of the release that is live, which the candidate's come after; null where nothing is live, or what is live has none. */
  readonly live: ReleasedMigrations | null;
  readonly artifacts: ArtifactStore;
  /** Signs what was seen of them; null: nobody wants to have that. Not asked for a release without migrations. */
  readonly record: ((result: MigrationsResult) => Promise<EvidenceReference>) | null;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that one command may take. Default 5 minutes. */
  readonly limitMs?: number | undefined;
}

/** Ends the rehearsal with a verdict. */
class Stop extends Error {
  constructor(
    readonly verdict: Verdict,
    readonly summary: string,
    readonly details: readonly string[] = [],
  ) {
    super(summary);
  }
}

/**
 * Gate `migrations-validated`: the candidate's migrations are applied on a scratch database that is as the live release left it, rolled back and
 * applied again; each time the schema must be what it was, a further apply must change neither schema nor rows, and what `expand` says must be so.
 * @throws UserError (interrupted) when the signal was given
 */
export async function migrationsValidated(input: MigrationsValidatedInput): Promise<GateResult> {
  const { release } = input;
  const candidate = migrationsOf(release);
  const name = `${release.application} ${release.version}`;
  if (candidate === null) return { gate: GATE, verdict: "PASS", summary: `${name} declares no migrations, so there is nothing to validate.`, details: [], measured: { declared: false } };
  const measured: Measured = { declared: true, class: candidate.migrations.class, artifact: candidate.digest, live: input.live?.version ?? null, reapplied: false };
  if (candidate.migrations.class !== "expand") {
    const summary = `The migrations of ${name} are of class "${candidate.migrations.class}"; this version deploys only expand migrations. Let this release only add; take away by hand, once no release uses it any more.`;
    return { gate: GATE, verdict: "FAIL", summary, details: [], measured };
  }
  const result = await rehearsed(input, candidate, name, measured);
  return input.record === null ? result : recorded(result, candidate, input.record);
}

async function rehearsed(input: MigrationsValidatedInput, candidate: ReleasedMigrations, name: string, measured: Measured): Promise<GateResult> {
  try {
    const { summary, details } = await rehearse(input, candidate, name, measured);
    return { gate: GATE, verdict: "PASS", summary, details, measured };
  } catch (error) {
    if (error instanceof Stop) return { gate: GATE, verdict: error.verdict, summary: error.summary, details: error.details, measured };
    if (error instanceof UserError && error.exitCode === EXIT.interrupted) throw error;
    const why = error instanceof ArtifactError ? error.problems.join(" ") : error instanceof Error ? error.message : String(error);
    return { gate: GATE, verdict: "ERROR", summary: `The migrations of ${name} could not be tried: ${why}`, details: [], measured };
  }
}

/** What failed is recorded too; what could not be tried says nothing of the migrations. */
async function recorded(result: GateResult, { migrations }: ReleasedMigrations, record: NonNullable<MigrationsValidatedInput["record"]>): Promise<GateResult> {
  const { verdict, measured } = result;
  if (verdict !== "PASS" && verdict !== "FAIL") return result;
  try {
    const reference = await record({
      service: migrations.service,
      class: measured["changes"] === 0 ? "none" : migrations.class,
      result: verdict === "PASS" ? "PASSED" : "FAILED",
      applied: typeof measured["applyMs"] === "number",
      rolledBack: typeof measured["rollbackMs"] === "number",
      reapplied: measured["reapplied"] === true,
    });
    return { ...result, evidence: [reference] };
  } catch (error) {
    return { ...result, verdict: "ERROR", summary: `The migrations were tried, and that could not be recorded: ${error instanceof Error ? error.message : String(error)} Put that right and run the mission again.`, details: [result.summary, ...result.details] };
  }
}

type Measured = Record<string, number | string | boolean | null>;

async function rehearse(input: MigrationsValidatedInput, candidate: ReleasedMigrations, name: string, measured: Measured) {
  const scratch = await startScratchDatabase();
  const { url } = scratch;
  const mask = maskUrl(url);
  const run = async (of: ReleasedMigrations, action: "apply" | "rollback", sentence: string, verdict: Verdict = "FAIL") => {
    const end = await runMigration({ of, action, databaseUrl: url, artifacts: input.artifacts, signal: input.signal, limitMs: input.limitMs });
    if (end.failure !== null) throw new Stop(verdict, `${sentence} ${inWords(end)}`);
    return end.milliseconds;
  };
  try {
    if (input.live !== null) await run(input.live, "apply", `The migrations of the live release ${input.live.version}, which those of ${name} come after, cannot be repeated on a scratch database: the command`, "ERROR");
    const before = await schemaSnapshot(url);
    measured["applyMs"] = await run(candidate, "apply", `The migrations of ${name} cannot be applied: the command`);
    const applied = await schemaSnapshot(url);
    const changes = schemaDiff(before, applied);
    Object.assign(measured, { schemaBefore: snapshotDigest(before), schemaAfter: snapshotDigest(applied), changes: changes.length, notExpand: changes.filter(({ expand }) => !expand).length });
    const sentences = changes.map(({ sentence }) => sentence);
    if (!isExpand(changes)) {
      const wrong = changes.filter(({ expand }) => !expand).map(({ sentence }) => sentence);
      throw new Stop("FAIL", `The migrations of ${name} are declared as expand, but ${wrong.length === 1 ? "one change does" : `${wrong.length} changes do`} not only add: ${wrong[0] ?? ""}`, wrong);
    }
    measured["rollbackMs"] = null;
    // Where nothing was added there is nothing to take back; a rollback then could only take back what the live release needs.
    if (changes.length > 0) {
      measured["rollbackMs"] = await run(candidate, "rollback", `The migrations of ${name} cannot be rolled back: the command`);
      const left = schemaDiff(before, await schemaSnapshot(url)).filter((change) => !isNewBookkeeping(change));
      if (left.length > 0) throw new Stop("FAIL", `After the rollback of ${name} the schema is not what it was before: ${left[0]?.sentence ?? ""} Let the rollback take back everything that the apply added, and nothing else.`, left.map(({ sentence }) => sentence));
      await run(candidate, "apply", `The migrations of ${name} cannot be applied again after their rollback: the command`);
      const differs = schemaDiff(applied, await schemaSnapshot(url)).map(({ sentence }) => sentence);
      if (differs.length > 0) throw new Stop("FAIL", `Applied again after their rollback, the migrations of ${name} lead to another schema than the first time: ${differs[0] ?? ""}`, differs);
    }
    const rows = await tableContents(url);
    await run(candidate, "apply", `The migrations of ${name} cannot be applied when there is nothing to apply: the command`);
    const again = schemaDiff(applied, await schemaSnapshot(url)).map(({ sentence }) => sentence);
    const touched = changedTables(rows, await tableContents(url)).map((table) => `The rows of table "${table}" were changed.`);
    if (again.length + touched.length > 0) throw new Stop("FAIL", `Applied once more with nothing to apply, the migrations of ${name} change something: ${again[0] ?? touched[0] ?? ""}`, [...again, ...touched]);
    measured["reapplied"] = true;
    const summary =
      changes.length === 0
        ? `The migrations of ${name} change no table${input.live === null ? "" : ` beyond those of the live release ${input.live.version}`}; applied twice on a scratch database.`
        : `The migrations of ${name} were applied, rolled back and applied again on a scratch database${input.live === null ? "" : ` after those of the live release ${input.live.version}`}; ${changes.length === 1 ? "the one change only adds" : `all ${changes.length} changes only add`}.`;
    return { summary, details: sentences };
  } catch (error) {
    // What the database's client says has no password in it; this keeps it so.
    if (error instanceof Stop) throw new Stop(error.verdict, mask(error.summary), error.details.map(mask));
    throw error;
  } finally {
    await scratch.stop();
  }
}
