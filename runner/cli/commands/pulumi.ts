import { EXIT, UserError } from "../../errors.js";
import { refuseLargeConfiguration } from "../../engine/refuse-large-configuration.js";
import { openStack } from "../../engine/stack.js";
import { searchState } from "../../engine/search-state.js";
import { runEngine } from "../../engine/run-engine.js";
import { sayStillRunning } from "../still-running.js";
import type { Terminal } from "../terminal.js";

/** Commands that need no stack. */
const WITHOUT_STACK = new Set(["version", "help", "about", "plugin", "whoami", "--help", "-h", "--version"]);

/** Runs the engine as a person would, on this machine's copy of a stack. The engine's exit code is ours. */
export async function pulumi(args: readonly string[], terminal: Terminal): Promise<void> {
  if (args[0] === undefined || WITHOUT_STACK.has(args[0])) {
    process.exitCode = (await runEngine(args, { environment: {}, terminal: "inherit" })).code;
    return;
  }
  const { stack: name, rest } = takeStack(args);
  if (name === undefined) throw new UserError(EXIT.usage, `Which stack? Name it, such as: ./mission pulumi ${args[0]} --stack staging`);
  const stack = await openStack(name);
  for (const line of stack.settled) terminal.say(line);
  // What is too large must still be possible to make smaller.
  if (rest[0] !== "config") await refuseLargeConfiguration(name, stack.file);
  const { code } = await runEngine(rest, { environment: stack.environment, terminal: "inherit" });
  process.exitCode = code;
  if (rest[0] !== "up") return;
  sayStillRunning(name, terminal);
  if (code === 0) await searchState(name, stack.environment);
}

/** Takes `--stack NAME`, `--stack=NAME` or `-s NAME` out of the arguments: the stack travels in the environment. */
function takeStack(args: readonly string[]): { stack: string | undefined; rest: string[] } {
  let stack = process.env["PULUMI_OPTION_STACK"];
  const rest: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? "";
    if (argument === "--stack" || argument === "-s") stack = args[++index];
    else if (argument.startsWith("--stack=")) stack = argument.slice("--stack=".length);
    else rest.push(argument);
  }
  return { stack, rest };
}
