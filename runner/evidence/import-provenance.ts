import { createHash, createPublicKey, verify, type KeyObject } from "node:crypto";
import { z } from "zod";
import { PAYLOAD_TYPE, payloadOf, preAuthenticationEncoding, type Envelope } from "../../evidence/dsse.js";
import { IMPORTED_BUILD_TYPE, type Provenance } from "../../evidence/predicates.js";
import { PREDICATE } from "../../evidence/predicate-types.js";
import { readEnvelope } from "../../evidence/read-envelope.js";
import { keyIdOf } from "../../evidence/signing-key.js";
import { diagnose, show } from "../../model/diagnostic.js";
import { shortDigest } from "../../model/digest.js";
import type { Release } from "../../model/release.js";
import { artifactsOf } from "./configured-stack.js";
import type { Imported } from "./import-tests.js";

const digestSet = z.record(z.string(), z.string());

/** What is read of a statement with SLSA provenance v1 of anybody's: https://slsa.dev/spec/v1.0/provenance */
const foreignSchema = z.object({
  _type: z.string().regex(/^https:\/\/in-toto\.io\/Statement\/v(0\.1|1)$/, "allowed is https://in-toto.io/Statement/v1"),
  subject: z.array(z.object({ digest: digestSet })).min(1),
  predicateType: z.literal(PREDICATE.provenance),
  predicate: z.object({
    buildDefinition: z.object({ buildType: z.string().min(1), resolvedDependencies: z.array(z.object({ digest: digestSet.optional() })).default([]) }),
    runDetails: z.object({ builder: z.object({ id: z.string().min(1) }), metadata: z.object({ invocationId: z.string().min(1).optional() }).optional() }),
  }),
});
type Foreign = z.output<typeof foreignSchema>;

/**
 * Judges provenance that somebody else has signed, for a release: who has signed it, that it is SLSA provenance v1, that it is about the artifact of every
 * service, and that these were built from the release's commit.
 * @param bytes the envelope's, as they came
 * @param trustedKey SPKI PEM of the key that must have signed: Ed25519, or ECDSA on P-256 or P-384
 * @returns what our own statement says of it: see docs/decisions/0010-evidence-of-others.md
 */
export function importProvenance(name: string, bytes: Buffer, trustedKey: string, release: Release): Imported<Provenance> {
  const no = (...ends: readonly string[]): Imported<Provenance> => ({ ok: false, problems: ends.map((end) => `The provenance "${name}" ${end}`) });
  const key = publicKeyIn(trustedKey);
  if (key === null) return { ok: false, problems: ["The key of --trusted-key is no public key that is understood here; allowed is an Ed25519 key or an ECDSA key on P-256 or P-384, in PEM, beginning with -----BEGIN PUBLIC KEY-----."] };
  const envelope = readEnvelope(bytes);
  if (!envelope.ok) return no(envelope.problem);
  const { payloadType } = envelope.value;
  if (payloadType !== PAYLOAD_TYPE) return no(`has a payload of type ${show(payloadType)}; allowed is "${PAYLOAD_TYPE}".`);
  // Nothing of what nobody has signed is looked into.
  if (!isSignedBy(envelope.value, key)) return no("is not signed by the key of --trusted-key, or was changed after that; name the key of whoever built it.");
  const statement = foreignIn(payloadOf(envelope.value));
  if (typeof statement === "string") return no(statement);
  const problems = [...subjectProblems(statement, release), ...sourceProblems(statement, release)];
  if (problems.length > 0) return no(...problems);
  const { buildDefinition, runDetails } = statement.predicate;
  return {
    ok: true,
    predicate: {
      buildDefinition: {
        buildType: IMPORTED_BUILD_TYPE,
        externalParameters: { command: null, version: release.version, commit: release.commit },
        resolvedDependencies: release.commit === null ? [] : [{ name: "source", digest: { gitCommit: release.commit } }],
      },
      runDetails: { builder: { id: runDetails.builder.id }, metadata: { invocationId: runDetails.metadata?.invocationId ?? "unknown" } },
      missionDeploy_imported: { envelope: { sha256: createHash("sha256").update(bytes).digest("hex") }, buildType: buildDefinition.buildType, keyId: keyIdOf(key) },
    },
  };
}

function foreignIn(payload: Buffer): Foreign | string {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    return "holds no statement: its payload is no JSON in UTF-8.";
  }
  const parsed = foreignSchema.safeParse(value);
  return parsed.success ? parsed.data : `holds no SLSA provenance v1: ${diagnose(parsed.error, value).slice(0, 5).map(({ path, message }) => `"${path}" ${message}`).join(" ")}`;
}

/** How somebody else calls an artifact is theirs; its digest is not. */
function subjectProblems({ subject }: Foreign, release: Release): string[] {
  const built = new Set(subject.map(({ digest }) => digest["sha256"]?.toLowerCase()));
  return Object.entries(artifactsOf(release))
    .filter(([, digest]) => !built.has(digest.slice("sha256:".length)))
    .map(([service, digest]) => `is not about artifact ${shortDigest(digest)} of service "${service}"; its subjects are ${[...built].map((each) => (each === undefined ? "without sha256" : shortDigest(each))).join(", ")}. Deploy what was built there.`);
}

function sourceProblems({ predicate }: Foreign, { version, commit }: Release): string[] {
  if (commit === null || commit.endsWith("-dirty")) return [`cannot be about release "${version}", which was made ${commit === null ? "outside git" : "from changes that are not committed"}; release a commit.`];
  const sources = predicate.buildDefinition.resolvedDependencies.flatMap(({ digest }) => digest?.["gitCommit"] ?? digest?.["sha1"] ?? []);
  if (sources.length === 0) return ["does not say from which commit was built: none of its resolved dependencies has a gitCommit; have the builder state it."];
  return sources.includes(commit) ? [] : [`was built from commit ${sources.map(shortDigest).join(", ")}; the release is of commit ${shortDigest(commit)}. Deploy what was built there.`];
}

function publicKeyIn(pem: string): KeyObject | null {
  if (/PRIVATE KEY/.test(pem)) return null;
  try {
    const key = createPublicKey(pem);
    const curve = key.asymmetricKeyDetails?.namedCurve;
    return key.asymmetricKeyType === "ed25519" || (key.asymmetricKeyType === "ec" && (curve === "prime256v1" || curve === "secp384r1")) ? key : null;
  } catch {
    return null;
  }
}

function isSignedBy(envelope: Envelope, key: KeyObject): boolean {
  const signed = preAuthenticationEncoding(envelope.payloadType, payloadOf(envelope));
  // What signers of containers and of packages use: SHA-256 on P-256, SHA-384 on P-384, signatures in DER.
  const algorithm = key.asymmetricKeyType === "ed25519" ? null : key.asymmetricKeyDetails?.namedCurve === "prime256v1" ? "sha256" : "sha384";
  return envelope.signatures.some(({ sig }) => {
    try {
      return verify(algorithm, signed, key, Buffer.from(sig, "base64"));
    } catch {
      return false;
    }
  });
}
