import { join } from "node:path";
import { applicationSchema } from "../../../model/application.js";
import { digestOf } from "../../../model/digest.js";
import { environmentSettingsSchema } from "../../../model/environment-settings.js";
import type { GateResult } from "../../../model/verdict.js";
import { releaseSchema } from "../../../model/release.js";
import { resolveStrategy } from "../../../model/strategy.js";
import { directoryEvidenceStore } from "../../../runner/evidence/evidence-store.js";
import type { EvidenceDesk } from "../../../runner/evidence/record-evidence.js";
import { publicKeyText } from "../../../evidence/signing-key.js";
import { verifyEvidence, type EvidenceVerdict } from "../../../evidence/verify-evidence.js";
import type { Hotfix, ReleasedSubject } from "../../../runner/mission/subject.js";
import { emptyFolder } from "../../support/codebases.js";
import { newKey } from "../../evidence/support.js";

export interface SubjectOptions {
  readonly codebase: string;
  readonly test?: unknown;
  readonly build?: string | null;
  readonly hotfix?: Hotfix | null;
  readonly commit?: string | null;
  /** Artifact digests by service. */
  readonly digests?: Readonly<Record<string, string>>;
}

/** A mission of the application "shop" whose release is built. */
export function subjectOf({ codebase, test, build = null, hotfix = null, commit = null, digests = { web: digestOf("web") } }: SubjectOptions): ReleasedSubject {
  const services = Object.fromEntries(Object.keys(digests).map((name) => [name, { command: ["node", "server.js"] }]));
  const application = applicationSchema.parse({ name: "shop", test: test ?? null, build, services });
  const released = Object.fromEntries(
    Object.entries(application.services).map(([name, { command, readiness, liveness, variables, secrets, database }]) => [name, { digest: digests[name], command, readiness, liveness, variables, secrets, database }]),
  );
  const release = releaseSchema.parse({ application: "shop", version: "1.2.0", commit, services: released });
  const environment = <E extends "staging" | "production">(name: E) => ({ environment: name, stack: `shop-${name}`, settings: environmentSettingsSchema.parse({ environment: name }) });
  return { id: "shop-1.2.0-x", codebase, application, version: "1.2.0", notes: null, strategy: resolveStrategy(application.strategy, "5s"), hotfix, pause: false, confirmed: [], waived: {}, by: "somebody on a machine", staging: environment("staging"), production: environment("production"), release };
}

/** A desk of its own, and how a policy would judge what a gate has recorded there. */
export async function evidenceDesk() {
  const key = newKey();
  const desk: EvidenceDesk = { store: directoryEvidenceStore(join(await emptyFolder("evidence"), "evidence")), key };
  const judge = async (subject: ReleasedSubject, result: GateResult, environment: "production" | null = null): Promise<EvidenceVerdict & { readonly text: string }> => {
    const [reference, ...others] = result.evidence ?? [];
    if (reference === undefined || others.length > 0) throw new Error(`Gate "${result.gate}" names ${result.evidence?.length ?? 0} pieces of evidence: ${result.summary}`);
    const stored = await desk.store.get(reference);
    if (!stored.ok) throw new Error(stored.problem);
    const { release, id: mission } = subject;
    const subjects = Object.fromEntries(Object.entries(release.services).map(([name, { digest }]) => [name, digest]));
    const expected = { type: reference.type, subjects, application: release.application, environment, commit: release.commit, configuration: null, mission };
    const verdict = verifyEvidence(reference, stored.bytes, expected, [{ publicKey: publicKeyText(key), types: [reference.type] }], new Date());
    return { ...verdict, text: Buffer.from(stored.envelope.payload, "base64").toString() };
  };
  return { desk, judge };
}
