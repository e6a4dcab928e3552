import "../support/seed.js";
import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import fc from "fast-check";
import { PAYLOAD_TYPE, envelopeSchema, payloadOf, preAuthenticationEncoding, readPublicKey, signEnvelope, signersOf } from "../../evidence/dsse.js";
import { publicKeyText } from "../../evidence/signing-key.js";
import { newKey } from "./support.js";

describe("a DSSE envelope", () => {
  const key = newKey();

  it("encodes what is signed as the specification's test vector says", () => {
    assert.equal(preAuthenticationEncoding("http://example.com/HelloWorld", Buffer.from("hello world")).toString(), "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  });

  it("agrees with the specification's own signature on that encoding", () => {
    // protocol.md of DSSE 1.0: ECDSA over P-256, r and s one after the other.
    const coordinate = (decimal: string) => Buffer.from(BigInt(decimal).toString(16).padStart(64, "0"), "hex").toString("base64url");
    const x = coordinate("46950820868899156662930047687818585632848591499744589407958293238635476079160");
    const y = coordinate("5640078356564379163099075877009565129882514886557779369047442380624545832820");
    const published = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
    const signature = Buffer.from("A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==", "base64");
    const encoded = preAuthenticationEncoding("http://example.com/HelloWorld", Buffer.from("hello world"));
    assert.ok(verify("sha256", encoded, { key: published, dsaEncoding: "ieee-p1363" }, signature));
  });

  it("counts bytes, not characters, so that no two pairs of type and body are encoded alike", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (type, body, otherType, otherBody) => {
        const same = type === otherType && body === otherBody;
        assert.equal(preAuthenticationEncoding(type, Buffer.from(body)).equals(preAuthenticationEncoding(otherType, Buffer.from(otherBody))), same);
      }),
    );
  });

  it("is verified by its signer's key and by no other, whatever it holds", () => {
    const other = newKey();
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const envelope = signEnvelope(text, key);
        assert.equal(envelope.payloadType, PAYLOAD_TYPE);
        assert.equal(payloadOf(envelope).toString(), text);
        assert.deepEqual(signersOf(envelope, [other.publicKey, key.publicKey]), [key.keyId]);
        assert.deepEqual(signersOf(envelope, [other.publicKey]), []);
      }),
      { numRuns: 50 },
    );
  });

  it("is no longer verified when one bit of its payload, its type or its signature has changed", () => {
    const envelope = signEnvelope("some payload", key);
    const [first] = envelope.signatures;
    const flipped = (base64: string, bit: number) => {
      const bytes = Buffer.from(base64, "base64");
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      return bytes.toString("base64");
    };
    for (let bit = 0; bit < payloadOf(envelope).length * 8; bit += 1) assert.deepEqual(signersOf({ ...envelope, payload: flipped(envelope.payload, bit) }, [key.publicKey]), []);
    for (let bit = 0; bit < 64 * 8; bit += 1) assert.deepEqual(signersOf({ ...envelope, signatures: [{ sig: flipped(first?.sig ?? "", bit) }] }, [key.publicKey]), []);
    assert.deepEqual(signersOf({ ...envelope, payloadType: "application/json" }, [key.publicKey]), []);
  });

  it("takes both base64 alphabets, does not trust the key id it names, and ignores fields it does not know", () => {
    const envelope = signEnvelope("ÿþýüûúù??>>", key);
    const urlSafe = (base64: string) => base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    const other = newKey();
    const parsed = envelopeSchema.parse({ payloadType: envelope.payloadType, payload: urlSafe(envelope.payload), signatures: [{ keyid: other.keyId, sig: urlSafe(envelope.signatures[0]?.sig ?? "") }], further: 1 });
    assert.deepEqual(signersOf(parsed, [other.publicKey, key.publicKey]), [key.keyId]);
    for (const payload of ["a b", "ü", "a=b", "a+_"]) assert.ok(!envelopeSchema.safeParse({ ...envelope, payload }).success, payload);
    assert.ok(!envelopeSchema.safeParse({ ...envelope, signatures: [] }).success);
  });

  it("is never verified by a key of another kind, and none is read as a trusted key", () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
    assert.deepEqual(signersOf(signEnvelope("x", key), [rsa.publicKey]), []);
    assert.equal(readPublicKey(rsa.publicKey.export({ type: "spki", format: "pem" }).toString()), null);
    assert.equal(readPublicKey(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString()), null);
    assert.equal(readPublicKey("no key"), null);
    assert.ok(readPublicKey(publicKeyText(key))?.equals(key.publicKey));
  });
});
