import type { PackConfig } from "./pack-config.js";

/** The environment of a stack by the pack's own patterns: staging where one of them fits the whole name, production for every other name. */
export function environmentOf(stack: string, { staging }: Pick<PackConfig, "staging">): "staging" | "production" {
  return staging.some((pattern) => fits(pattern, stack)) ? "staging" : "production";
}

/** `*` stands for any characters, every other one for itself. */
function fits(pattern: string, name: string): boolean {
  const source = pattern.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${source.join(".*")}$`, "s").test(name);
}
