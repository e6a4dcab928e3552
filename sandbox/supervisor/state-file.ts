import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { diagnose } from "../../model/diagnostic.js";
import type { SandboxPaths } from "./paths.js";
import { stateSchema, type State } from "./state.js";

/** A state that cannot be believed; the message is one sentence for a person. */
export class BrokenState extends Error {
  override readonly name = "BrokenState";
}

/**
 * Reads what a sandbox has recorded; undefined when nothing was ever recorded.
 * @throws BrokenState when the file cannot be read or understood. It is never taken for an empty one.
 */
export function readState(paths: SandboxPaths): State | undefined {
  let text: string;
  try {
    text = readFileSync(paths.state, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") throw new BrokenState(`The sandbox's state "${paths.state}" cannot be read (${code ?? message}); nothing is started, what runs stays as it is.`);
    if (existsSync(paths.previousState)) throw broken(paths, "is missing although an earlier one is there");
    return undefined;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw broken(paths, text.trim() === "" ? "is empty" : "is no JSON (torn or edited)");
  }
  const parsed = stateSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const first = diagnose(parsed.error, value)[0];
  throw broken(paths, first === undefined ? "is not understood" : `is not understood: "${first.path}" ${first.message.replace(/\.$/, "")}`);
}

/** The state of a sandbox that is new. */
export function newState(directory: string, artifacts: string): State {
  return { format: 1, id: newSandboxId(), directory, artifacts, serial: 0, database: null, services: {}, alarms: {} };
}

/** A marker that no other sandbox has. */
export function newSandboxId(): string {
  return randomBytes(12).toString("hex");
}

function broken(paths: SandboxPaths, what: string): BrokenState {
  const earlier = existsSync(paths.previousState)
    ? `the state before the last change is in "${paths.previousState}": compare it with what runs and copy it back`
    : "restore it from a copy, or remove the sandbox's directory when nothing of it runs";
  return new BrokenState(`The sandbox's state "${paths.state}" ${what}; nothing is started and what runs stays as it is; ${earlier}.`);
}
