import "../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { payloadOf, type Envelope } from "../../evidence/dsse.js";
import { PREDICATE } from "../../evidence/predicate-types.js";
import { publicKeyText, type SigningKey } from "../../evidence/signing-key.js";
import { canonicalJson, digestOf } from "../../model/digest.js";
import { CRITERIA } from "../../policies/criteria/index.js";
import type { Rule } from "../../policies/rule.js";
import { KNOWN_TYPES } from "../../policies/trust-roots.js";
import { development, goodPredicates, HOUR, NEW, NOW, refusals, server, stranger, WAIVER, type Setup } from "./support.js";

/** Which criterion rests on which type; the waiver stands for a summary that is not there. */
const RESTS_ON: Readonly<Record<string, string>> = {
  "tests-passed": PREDICATE.testResult,
  "artifact-built": PREDICATE.provenance,
  "migrations-validated": PREDICATE.migrations,
  "checklist-complete": PREDICATE.checklist,
  "staging-verified": PREDICATE.verificationSummary,
  "rollback-ready": PREDICATE.rollbackDrill,
  "strategy-planned": PREDICATE.plan,
  approved: PREDICATE.approval,
};
const rule = (name: string): Rule => {
  const found = CRITERIA.find((each) => each.name === name);
  assert.ok(found, name);
  return found;
};
const CASES = [...Object.entries(RESTS_ON).map(([name, type]) => ({ name, type, setup: {} as Setup })), { name: "staging-verified", type: PREDICATE.waiver, setup: { predicates: { [PREDICATE.verificationSummary]: null, [PREDICATE.waiver]: WAIVER } } as Setup }];

/** Every reason that is given is about this; where the waiver is judged, the missing summary comes first. */
async function denied(each: (typeof CASES)[number], setup: Setup, reason: RegExp): Promise<void> {
  const all = await refusals(rule(each.name), { ...each.setup, ...setup });
  const said = all.filter((sentence) => !/no summary of staging is given/.test(sentence));
  assert.ok(said.length > 0, `${each.name}, ${each.type}: allowed`);
  for (const sentence of said) assert.match(sentence, reason, `${each.name}, ${each.type}: ${sentence}`);
}

/** Says something else in the payload, under the signature of what was there before. */
const forged = (envelope: Envelope, change: (statement: Record<string, unknown>) => unknown): Envelope => ({ ...envelope, payload: Buffer.from(canonicalJson(change(JSON.parse(payloadOf(envelope).toString()) as Record<string, unknown>))).toString("base64") });

type Path = readonly (string | number)[];
function leaves(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== "object") return [path];
  const inside = Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, Array.isArray(value) ? Number(key) : key]));
  return inside.length === 0 ? [path] : inside;
}
function changedAt(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) return typeof value === "number" ? value + 1 : typeof value === "boolean" ? !value : typeof value === "string" ? `${value}0` : "other";
  const copy: unknown = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) };
  (copy as Record<string | number, unknown>)[key] = changedAt((value as Record<string | number, unknown>)[key], rest);
  return copy;
}
const unsignedReason = /Evidence "X" is signed by none of the [12] trusted keys, or was changed after it was signed/;

describe("evidence that was tampered with", () => {
  for (const each of CASES) {
    const { name, type } = each;
    it(`denies "${name}" for every field of ${type} that nobody has signed as it stands`, async () => {
      const paths = leaves(await new Promise<unknown>((resolve) => void refusals(rule(name), { ...each.setup, envelope: (envelope, of) => (of === type ? (resolve(JSON.parse(payloadOf(envelope).toString())), envelope) : envelope) })));
      assert.ok(paths.length > 10);
      for (const path of paths) await denied(each, { envelope: (envelope, of) => (of === type ? forged(envelope, (statement) => changedAt(statement, path)) : envelope) }, unsignedReason);
    });

    it(`denies "${name}" for every field of its envelope`, async () => {
      const on = (change: (envelope: Envelope) => unknown): Setup => ({ envelope: (envelope, of) => (of === type ? change(envelope) : envelope) });
      const [first] = ["A", "B"];
      await denied(each, on((envelope) => ({ ...envelope, payload: "AAAA" })), unsignedReason);
      await denied(each, on((envelope) => ({ ...envelope, signatures: envelope.signatures.map(({ keyid, sig }) => ({ keyid, sig: `${sig.startsWith(first ?? "") ? "B" : "A"}${sig.slice(1)}` })) })), unsignedReason);
      await denied(each, on((envelope) => ({ ...envelope, signatures: envelope.signatures.map(({ keyid }) => ({ keyid, sig: "" })) })), unsignedReason);
      await denied(each, on((envelope) => ({ ...envelope, signatures: [] })), /is no DSSE envelope: "signatures"/);
      await denied(each, on((envelope) => ({ ...envelope, payloadType: "application/json" })), /has a payload of type "application\/json"; allowed is/);
      await denied(each, on(() => ({})), /is no DSSE envelope/);
    });

    it(`takes the key id of ${type} for the hint that it is: with it alone only the bytes change`, async () => {
      const other = (envelope: Envelope): Envelope => ({ ...envelope, signatures: envelope.signatures.map(({ sig }) => ({ keyid: "f".repeat(64), sig })) });
      await denied(each, { bytes: (bytes, of) => (of === type ? Buffer.from(canonicalJson(other(JSON.parse(bytes.toString()) as Envelope))) : bytes) }, /has bytes with the hash [0-9a-f]{12}: it was changed, or another one is referred to/);
      assert.deepEqual(await refusals(rule(name), { ...each.setup, envelope: (envelope, of) => (of === type ? other(envelope) : envelope) }), []);
    });

    it(`denies "${name}" for ${type} that a trusted key has signed about something else`, async () => {
      const claims = (change: NonNullable<Setup["claim"]>): Setup => ({ claim: (claim) => (claim.type === type ? change(claim) : claim) });
      await denied(each, claims((claim) => ({ ...claim, type: "urn:mission-deploy:other:v1" })), /is of type "urn:mission-deploy:other:v1"|may not sign statements of type "urn:mission-deploy:other:v1"/);
      await denied(each, claims((claim) => ({ ...claim, subjects: { web: digestOf("other") } })), /is about [0-9a-f]{12}; wanted is artifact/);
      await denied(each, claims((claim) => ({ ...claim, subjects: { worker: NEW.digest } })), /says nothing of that service; wanted is artifact [0-9a-f]{12} of service "web"/);
      await denied(each, claims((claim) => ({ ...claim, application: "other" })), /is about application "other"; wanted is "shop"/);
      await denied(each, claims((claim) => ({ ...claim, environment: claim.environment === "production" ? "staging" : "production" })), /is about environment "(staging|production)"; wanted is/);
      await denied(each, claims((claim) => ({ ...claim, commit: "d".repeat(40) })), /is about commit "d{40}"; wanted is "a{40}"/);
      await denied(each, claims((claim) => ({ ...claim, commit: null })), /is about commit null; wanted is "a{40}"/);
      await denied(each, claims((claim) => ({ ...claim, configuration: digestOf("other") })), /is about configuration "sha256:/);
      const bound = type === PREDICATE.plan || type === PREDICATE.waiver;
      const otherMission = claims((claim) => ({ ...claim, mission: "shop-1.1.0-y" }));
      if (bound) await denied(each, otherMission, /is about mission "shop-1\.1\.0-y"; wanted is "shop-1\.1\.0-x"/);
      else assert.deepEqual(await refusals(rule(name), { ...each.setup, ...otherMission }), []);
    });

    it(`denies "${name}" for ${type} at another time`, async () => {
      await denied(each, { issuedAt: new Date(NOW.getTime() + HOUR) }, /was issued at .*, which is still to come/);
      await denied(each, { validMs: HOUR }, /expired at 2026-11-25T12:00:00\.000Z/);
    });

    it(`denies "${name}" for ${type} by a key that does not count, and says which`, async () => {
      const signedBy = (key: SigningKey, setup: Setup = {}): Setup => ({ key, ...setup });
      const trusted = (change: Readonly<Record<string, unknown>>): Setup => ({ config: { trust: [{ publicKey: publicKeyText(server), name: "Build server", types: [...KNOWN_TYPES], environments: ["production"], ...change }] } });
      await denied(each, signedBy(stranger), /Evidence "X" is signed by none of the 2 trusted keys/);
      await denied(each, signedBy(stranger, { platform: "kubernetes" }), unsignedReason);
      await denied(each, trusted({ types: ["urn:mission-deploy:other:v1"] }), new RegExp(`is signed by key "${server.keyId.slice(0, 12)}", which may not sign statements of type "${type}"`));
      await denied(each, trusted({ environments: ["staging"] }), new RegExp(`is signed by key "${server.keyId.slice(0, 12)}" of Build server, which counts in staging only; sign with a key that policies/pack\\.yaml trusts for production\\.`));
      const development_ = /is signed by the development key, which counts on the sandbox only; sign with a key that policies\/pack\.yaml trusts for production\./;
      assert.deepEqual(await refusals(rule(name), { ...each.setup, key: development }), []);
      await denied(each, signedBy(development, { platform: "kubernetes" }), development_);
      await denied(each, { ...signedBy(development, { platform: "kubernetes" }), ...trusted({ publicKey: publicKeyText(development) }) }, development_);
    });
  }

  it("never counts, whatever bytes of a stored envelope are changed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...CASES), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.integer({ min: 1, max: 255 }), async (each, at, flip) => {
        const bytes = (before: Buffer, type: string) => {
          if (type !== each.type) return before;
          const after = Buffer.from(before);
          const index = Math.floor(at * after.length);
          after[index] = (after[index] ?? 0) ^ flip;
          return after;
        };
        await denied(each, { bytes }, /has bytes with the hash|is no DSSE envelope/);
      }),
      { numRuns: 300 },
    );
  });

  it("never counts, whatever signed bytes are changed and referred to anew", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...CASES), fc.constantFrom("payload", "signature"), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.integer({ min: 1, max: 255 }), async (each, part, at, flip) => {
        const flipped = (base64: string) => {
          const raw = Buffer.from(base64, "base64");
          const index = Math.floor(at * raw.length);
          raw[index] = (raw[index] ?? 0) ^ flip;
          return raw.toString("base64");
        };
        const change = (envelope: Envelope): Envelope => (part === "payload" ? { ...envelope, payload: flipped(envelope.payload) } : { ...envelope, signatures: envelope.signatures.map(({ keyid, sig }) => ({ ...(keyid === undefined ? {} : { keyid }), sig: flipped(sig) })) });
        await denied(each, { envelope: (envelope, type) => (type === each.type ? change(envelope) : envelope) }, unsignedReason);
      }),
      { numRuns: 300 },
    );
  });

  it("takes nothing away by leaving evidence out: what was refused with more is refused with less", async () => {
    const types = Object.keys(goodPredicates());
    const refusing = async (given: readonly string[]) => {
      const predicates = Object.fromEntries(types.filter((type) => !given.includes(type)).map((type) => [type, null]));
      return (await Promise.all(CRITERIA.map(async (each) => ((await refusals(each, { predicates })).length > 0 ? [each.name] : [])))).flat();
    };
    await fc.assert(
      fc.asyncProperty(fc.subarray(types), fc.nat(), async (given, pick) => {
        const less = given.filter((_, index) => index !== pick % Math.max(1, given.length));
        const [more, fewer] = [await refusing(given), await refusing(less)];
        for (const name of more) assert.ok(fewer.includes(name), `${name} with ${less.join(", ")}`);
      }),
      { numRuns: 40 },
    );
  });

  it("is refused when one statement is named as another", async () => {
    const relabelled: Setup = { references: (references) => references.map((reference) => (reference.type === PREDICATE.provenance ? { ...reference, type: PREDICATE.testResult } : reference)).filter((reference, index, all) => reference.type !== PREDICATE.testResult || index === all.findLastIndex(({ type }) => type === PREDICATE.testResult)) };
    const [said] = await refusals(rule("tests-passed"), relabelled);
    assert.equal(said, `Service "web": Evidence "X" is of type "${PREDICATE.provenance}"; wanted is "${PREDICATE.testResult}".`);
  });

  it("denies an artifact that was swapped after its tests by every criterion that rests on it", async () => {
    for (const { name } of CASES) {
      const said = await refusals(rule(name), { spec: { digest: digestOf("swapped") } });
      assert.match(said.join(" "), new RegExp(`is about [0-9a-f]{12}; wanted is artifact ${digestOf("swapped").slice(7, 19)} of service "web"`), name);
    }
  });
});
