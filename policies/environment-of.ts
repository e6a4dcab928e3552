import type { PackConfig } from "./pack-config.js";

/** Which environment a stack is by the pack's own mapping: staging when one of the patterns is its name, production otherwise. */
export function environmentOf(config: Pick<PackConfig, "staging">, stack: string): "staging" | "production" {
  return config.staging.some((pattern) => matches(pattern, stack)) ? "staging" : "production";
}

/** Whether the whole name is what the pattern says; `*` stands for any characters, everything else for itself. */
function matches(pattern: string, name: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(name);
}
