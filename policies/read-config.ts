import { readPublicKey } from "../evidence/dsse.js";
import { keyIdOf } from "../evidence/signing-key.js";
import { diagnose, show } from "../model/diagnostic.js";
import { parseYaml } from "../model/parse-yaml.js";
import { packConfigSchema, type PackConfig } from "./pack-config.js";
import { KNOWN_TYPES } from "./trust-roots.js";

/** The pack's configuration, or every mistake in it, a sentence each. */
export type ConfigReading = { readonly ok: true; readonly config: PackConfig } | { readonly ok: false; readonly mistakes: readonly string[] };

/** Reads the text of the pack's configuration. An empty one has all defaults, and trusts nobody. @param file its name, for the mistakes */
export function readConfig(text: string, file: string): ConfigReading {
  const { value, diagnostics } = parseYaml(text, file);
  const no = (mistakes: readonly { readonly path: string; readonly message: string }[]): ConfigReading => ({ ok: false, mistakes: mistakes.map(({ path, message }) => `"${path}" ${message}`) });
  if (diagnostics.length > 0) return no(diagnostics);
  const parsed = packConfigSchema.safeParse(value ?? {});
  if (!parsed.success) return no(diagnose(parsed.error, value, `${file}:`));
  const mistakes = trustMistakes(parsed.data, `${file}:`);
  return mistakes.length > 0 ? no(mistakes) : { ok: true, config: parsed.data };
}

function trustMistakes({ trust }: PackConfig, root: string) {
  const ids = trust.map(({ publicKey }) => readPublicKey(publicKey)).map((key) => (key === null ? null : keyIdOf(key)));
  return trust.flatMap(({ name, types }, index) => {
    const path = `${root}trust[${index}]`;
    const first = ids.indexOf(ids[index] ?? null);
    return [
      // What stands there may be a private key, so it is not shown.
      ...(ids[index] === null ? [{ path: `${path}.publicKey`, message: `(${name}) is no Ed25519 public key in PEM; allowed is what begins with -----BEGIN PUBLIC KEY-----.` }] : []),
      ...(ids[index] !== null && first < index ? [{ path: `${path}.publicKey`, message: `(${name}) is the key of "${trust[first]?.name ?? ""}" once more; name each key once, with all that it may sign.` }] : []),
      ...types.flatMap((type, at) => (KNOWN_TYPES.includes(type) ? [] : [{ path: `${path}.types[${at}]`, message: `is ${show(type)}, which no policy asks for; allowed is ${KNOWN_TYPES.join(" or ")}.` }])),
    ];
  });
}
