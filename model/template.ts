const REFERENCE = /\$\{([^{}]*)\}/g;

/** The names that a text refers to as `${name}`, in their order, each once. */
export function namesIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(REFERENCE)].map(([, name]) => name ?? ""))];
}

/** The name when a text is one reference and nothing else; null otherwise. */
export function onlyName(text: string): string | null {
  return /^\$\{([^{}]*)\}$/.exec(text)?.[1] ?? null;
}

/** A text with every `${name}` replaced. What is put in is not looked at again. */
export function fillIn(text: string, valueOf: (name: string) => string): string {
  return text.replace(REFERENCE, (_, name: string) => valueOf(name));
}
