import { fillIn, namesIn } from "../../model/template.js";

/**
 * The variables of an environment as one list: what it sets itself, else the default that services name. A variable without a value, or with different
 * defaults in several services and none set, is left out: it has no one value.
 * @param services of a release or an application
 * @param settings `mission:variables`
 */
export function environmentVariables(services: Readonly<Record<string, { readonly variables: Readonly<Record<string, string | null>> }>>, settings: Readonly<Record<string, string>>): Record<string, string> {
  const defaults = new Map<string, Set<string | null>>();
  for (const { variables } of Object.values(services)) {
    for (const [name, value] of Object.entries(variables)) defaults.set(name, new Set([...(defaults.get(name) ?? []), value]));
  }
  const single = [...defaults].flatMap(([name, values]) => {
    const [value] = values;
    return values.size === 1 && typeof value === "string" ? [[name, value] as const] : [];
  });
  return { ...Object.fromEntries(single), ...settings };
}

/** A text with the environment's variables in it, or in words which are missing. */
export function fillVariables(text: string, variables: Readonly<Record<string, string>>): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string } {
  const missing = namesIn(text).filter((name) => !Object.hasOwn(variables, name));
  if (missing.length > 0) {
    return { ok: false, reason: `${missing.map((name) => `"${name}"`).join(" and ")} has no value in this environment, or a different default in several services; set it under mission:variables` };
  }
  return { ok: true, text: fillIn(text, (name) => variables[name] ?? "") };
}
