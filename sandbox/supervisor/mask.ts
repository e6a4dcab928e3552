/** Replaces secret values in a text. */
export type Mask = (text: string) => string;

/**
 * Masks secrets as they stand, and as they stand in JSON and in addresses; of a secret of several lines each line of 4 characters or more,
 * because logs are cut into lines. An empty value is no secret.
 */
export function maskOf(secrets: Iterable<string>): Mask {
  const needles = new Set<string>();
  for (const secret of secrets) {
    const lines = secret.split(/\r?\n/).filter((line) => line.length >= 4 && line !== secret);
    for (const form of [secret, ...lines]) {
      for (const written of [form, JSON.stringify(form).slice(1, -1), encodeURIComponent(form)]) if (written !== "") needles.add(written);
    }
  }
  const longestFirst = [...needles].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((masked, needle) => masked.replaceAll(needle, "[secret]"), text);
}
