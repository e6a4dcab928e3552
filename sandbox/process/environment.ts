const PASSED_ON = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"] as const;

/**
 * What a process of the sandbox inherits from the one that starts it: PATH, HOME, LANG, TZ and TMPDIR. Nothing else, so that
 * tokens and passphrases of whoever started the sandbox reach no application.
 */
export function baseEnvironment(from: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return Object.fromEntries(PASSED_ON.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));
}
