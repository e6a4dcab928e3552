/** Bytes of a stack's configuration: it reaches the program in one environment variable, and 130 KiB no longer start. */
export const CONFIGURATION_LIMIT = 64 * 1024;

/** Bytes that a configuration takes on its way to the program: JSON of texts, in which what is no text is JSON once more. @param config by key, as `mission:release` */
export function configurationSize(config: Readonly<Record<string, unknown>>): number {
  const texts = Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
  return Buffer.byteLength(JSON.stringify(Object.fromEntries(texts)));
}

/** Why a configuration is refused, as the end of a sentence whose subject it is; null when it is small enough. */
export function tooLarge(size: number): string | null {
  if (size <= CONFIGURATION_LIMIT) return null;
  return `has ${size.toLocaleString("en")} bytes; the largest allowed is ${CONFIGURATION_LIMIT.toLocaleString("en")} (64 KiB). Shorten its variables and commands, or split the application.`;
}
