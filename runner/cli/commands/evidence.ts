import { readFile } from "node:fs/promises";
import { errorCode } from "../../../artifacts/artifact-error.js";
import { parseDuration } from "../../../model/duration.js";
import { shortDigest } from "../../../model/digest.js";
import { addEvidence } from "../../evidence/add-evidence.js";
import { configuredStack } from "../../evidence/configured-stack.js";
import { directoryEvidenceStore } from "../../evidence/evidence-store.js";
import { judgeReference, type JudgedReference } from "../../evidence/judge-reference.js";
import { DEVELOPMENT } from "../../evidence/keys.js";
import { keyFor, namedKey } from "../../evidence/named-keys.js";
import { knownKeys, trustedFor } from "../../evidence/trusted-keys.js";
import { writeGates } from "../../evidence/write-gates.js";
import { statementIn } from "../../../evidence/read-envelope.js";
import { payloadOf } from "../../../evidence/dsse.js";
import { EXIT, UserError } from "../../errors.js";
import { evidenceDirectory, openStore } from "../../store/open-store.js";
import { withLease } from "../../store/with-lease.js";
import type { Terminal } from "../terminal.js";

/** Options of `mission evidence add`. */
export interface AddEvidenceOptions {
  readonly stack: string;
  readonly junit?: readonly string[];
  readonly ctrf?: readonly string[];
  readonly provenance?: readonly string[];
  readonly trustedKey?: string;
  readonly statement?: readonly string[];
  readonly key?: string;
  readonly expires: string;
  readonly json?: boolean;
}

const LONGEST_MS = 30 * 24 * 3_600_000;

/** Signs and stores what a CI of one's own has found out, and refers to it in this machine's copy of the stack's file. */
export async function add(options: AddEvidenceOptions, terminal: Terminal): Promise<void> {
  const { junit = [], ctrf = [], provenance = [], statement = [], trustedKey, key = DEVELOPMENT } = options;
  if ([junit, ctrf, provenance, statement].every(({ length }) => length === 0)) throw new UserError(EXIT.usage, "There is nothing to add; give at least one of --junit, --ctrf, --provenance and --statement.");
  if (provenance.length > 0 && trustedKey === undefined) throw new UserError(EXIT.usage, "--provenance is given without --trusted-key; name the file with the public key of whoever built, so that the signature can be verified.");
  if (provenance.length === 0 && trustedKey !== undefined) throw new UserError(EXIT.usage, "--trusted-key is given without --provenance; add --provenance or leave it out.");
  const validMs = parseExpiry(options.expires);
  const trustedPem = trustedKey === undefined ? null : await readPem(trustedKey);
  // A key that is not there is said before anything is read; what it may sign, when it is known what is to be signed.
  await namedKey(key);
  await withLease(openStore(), options.stack, "evidence add", async () => {
    const configured = await configuredStack(options.stack);
    const place = { configured, store: directoryEvidenceStore(evidenceDirectory()), directory: evidenceDirectory(), keyFor: (types: readonly string[]) => keyFor(key, types), trusted: await trustedFor(configured.settings), validMs };
    const { added, dropped, gates } = await addEvidence({ junit, ctrf, provenance, trustedKey: trustedPem, statements: statement }, place);
    await writeGates(configured.file, gates);
    const { release } = configured;
    for (const { type, sha256 } of dropped) terminal.say(`Evidence "${sha256.slice(0, 12)}" (${type}) counts no more and is not referred to any longer.`);
    for (const { type, sha256 } of added) terminal.say(`Evidence "${sha256.slice(0, 12)}" (${type}) about ${release.application} ${release.version} is added to stack "${options.stack}".`);
    if (options.json === true) terminal.print(JSON.stringify(added, null, 2));
  });
}

/** Lists the evidence of a stack. */
export async function list(stack: string, json: boolean, terminal: Terminal): Promise<void> {
  const judged = await judgedOf(stack);
  if (json) return terminal.print(JSON.stringify(judged, null, 2));
  if (judged.length === 0) terminal.say(nothing(stack));
  else for (const line of tableOf(judged)) terminal.print(line);
}

/** Verifies the evidence of a stack, or one piece by its hash. Sets the exit code. */
export async function verify(what: string, json: boolean, terminal: Terminal): Promise<void> {
  const judged = /^[0-9a-f]{64}$/.test(what) ? [await judgedAlone(what)] : await judgedOf(what);
  if (json) terminal.print(JSON.stringify(judged, null, 2));
  else for (const line of judged.length === 0 ? [] : tableOf(judged)) terminal.print(line);
  const bad = judged.filter(({ problems }) => problems.length > 0).length;
  terminal.say(judged.length === 0 ? nothing(what) : bad === 0 ? `All ${judged.length} pieces of evidence count.` : `${bad} of ${judged.length} pieces of evidence do not count.`);
  if (bad > 0 || judged.length === 0) process.exitCode = EXIT.refused;
}

async function judgedOf(stack: string): Promise<readonly JudgedReference[]> {
  const { release, settings } = await configuredStack(stack);
  const [store, trusted, now] = [directoryEvidenceStore(evidenceDirectory()), await trustedFor(settings), new Date()];
  return Promise.all(settings.gates.evidence.map((reference) => judgeReference(reference, { release, gates: settings.gates }, store, trusted, now)));
}

async function judgedAlone(sha256: string): Promise<JudgedReference> {
  const store = directoryEvidenceStore(evidenceDirectory());
  const stored = await store.get({ type: "", sha256 });
  const statement = stored.ok ? statementIn(payloadOf(stored.envelope)) : null;
  return judgeReference({ type: statement?.ok === true ? statement.value.predicateType : "unknown", sha256 }, null, store, await knownKeys(), new Date());
}

function nothing(stack: string): string {
  return `Stack "${stack}" refers to no evidence; a mission makes all of it (./mission deploy), or add what your own CI has found out: ./mission evidence add --help`;
}

function tableOf(judged: readonly JudgedReference[]): readonly string[] {
  const rows = [["EVIDENCE", "TYPE", "ABOUT", "ISSUED", "EXPIRES", "KEY", "COUNTS"], ...judged.map(rowOf)];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd());
  return lines.flatMap((line, index) => [line, ...(judged[index - 1]?.problems ?? []).map((problem) => `  ${problem}`)]);
}

/** A key that was not verified is shown with a question mark: the envelope only claims it. */
function rowOf({ reference, subjects, issuedAt, expiresAt, keyIds, claimedKeyIds, problems }: JudgedReference): string[] {
  const shown = subjects.length > 3 ? `${subjects.slice(0, 3).join(",")} and ${subjects.length - 3} more` : subjects.join(",");
  const keys = keyIds.length > 0 ? keyIds.map(shortDigest) : claimedKeyIds.map((id) => `${shortDigest(id)}?`);
  return [reference.sha256.slice(0, 12), reference.type, shown || "-", issuedAt ?? "-", expiresAt ?? "-", keys.join(",") || "-", problems.length === 0 ? "yes" : "no"];
}

/** Days besides what durations have: evidence counts for days. @throws UserError (usage) */
function parseExpiry(text: string): number {
  const days = /^(\d{1,3})d$/.exec(text)?.[1];
  let milliseconds = Number.NaN;
  try {
    milliseconds = days === undefined ? parseDuration(text) : Number(days) * 24 * 3_600_000;
  } catch {
    // Said below.
  }
  if (!(milliseconds >= 60_000 && milliseconds <= LONGEST_MS)) throw new UserError(EXIT.usage, `--expires is "${text}"; allowed is a duration from 1m to 30d, such as 12h or 7d.`);
  return milliseconds;
}

async function readPem(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: unknown) => Promise.reject(new UserError(EXIT.usage, `The key of --trusted-key, "${file}", cannot be read (${errorCode(error) ?? String(error)}); correct the path.`)));
}
