import "./compile-cache.js";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { projectRoot } from "../engine/engine-environment.js";
import { EXIT, UserError } from "../errors.js";
import { addControl } from "./control.js";
import type { MoveOptions } from "./commands/rollout.js";
import { addEvidence } from "./evidence.js";
import { addKeys } from "./keys.js";
import { addMissions } from "./missions.js";
import { terminal } from "./terminal.js";

/** Every command with its options. Each command's code is loaded only when it runs. */
export function commandLine(): Command {
  const program = new Command("mission")
    .description("Takes a tested release safely to users.")
    .version((JSON.parse(readFileSync(join(projectRoot(), "package.json"), "utf8")) as { version?: string }).version ?? "without a version")
    .addHelpText("after", "\n./mission doctor checks this machine.\nExit codes: 0 done, 2 wrong usage or configuration, 3 something is missing here, 4 build failed, 5 refused, 6 deployment failed, 7 locked, 130 interrupted.")
    .showHelpAfterError()
    .enablePositionalOptions();

  program
    .command("demo")
    .description("Takes an example shop through two good missions and a bad one that is rolled back.")
    .action(async () => (await import("./commands/demo.js")).demo(terminal));

  addMissions(program, terminal);

  program
    .command("release <codebase>")
    .description("Builds a codebase, stores its artifacts by digest, and writes the release into its stacks' configuration.")
    .option("--version <version>", "version of the release; default: the codebase's package.json")
    .option("--config <file>", "description of the application; default: mission.yaml in the codebase")
    .option("--stack <stack...>", "only these stacks; default: the application's staging and production")
    .option("--json", "print the release as JSON")
    .action(async (codebase: string, options: { version?: string; config?: string; stack?: string[]; json?: boolean }) => (await import("./commands/release.js")).release(codebase, options, terminal));

  program
    .command("pulumi [arguments...]")
    .description("Runs the engine on a stack with this machine's backend, passphrase and configuration: mission pulumi up --stack staging")
    .passThroughOptions()
    .allowUnknownOption()
    .helpOption(false)
    .action(async (args: string[]) => (await import("./commands/pulumi.js")).pulumi(args, terminal));

  program
    .command("env <stack>")
    .description('Prints what a shell needs to run pulumi by hand on a stack: eval "$(./mission env staging)"')
    .action(async (stack: string) => (await import("./commands/env.js")).env(stack, terminal));

  const rollout = program.command("rollout").description("Looks at traffic and moves it, through a gated up.");
  const options = (command: Command) => command.option("--json", "print the result as JSON");
  options(rollout.command("show <stack>").description("What each slot holds and serves.")).action(async (stack: string, { json }: { json?: boolean }) => (await import("./commands/rollout.js")).show(stack, json === true, terminal));
  const moves = (command: Command) => options(command).option("--policy-pack <folder>", "judge the change by this policy pack; by default nobody does");
  moves(rollout.command("set <stack> <weight>").description("Gives the candidate this weight, 0 to 100; live gets the rest.")).action(
    async (stack: string, weight: string, given: MoveOptions) => {
      const { move, parseWeight } = await import("./commands/rollout.js");
      await move(stack, { kind: "set", weight: parseWeight(weight) }, given, terminal);
    },
  );
  for (const [kind, description] of [
    ["finish", "Records the candidate, which must have 100, as live."],
    ["restore", "Gives all traffic back to the slot that was live before finish."],
    ["retire", "Stops the instances of the slot that is not live; its release stays recorded."],
  ] as const) {
    moves(rollout.command(`${kind} <stack>`).description(description)).action(async (stack: string, given: MoveOptions) => (await import("./commands/rollout.js")).move(stack, { kind }, given, terminal));
  }

  addControl(program, terminal);

  const sandbox = program.command("sandbox").description("The embedded platform on this machine.");
  sandbox.command("status").description("What runs, and where.").option("--json", "as JSON").action(async ({ json }: { json?: boolean }) => (await import("./commands/sandbox.js")).status(json === true, terminal));
  sandbox.command("stop [stack]").description("Stops a stack's sandbox, or all; the next up or start brings it back as it was.").action(async (stack: string | undefined) => (await import("./commands/sandbox.js")).stop(stack, terminal));
  sandbox.command("start <stack>").description("Starts a stopped sandbox as it was.").action(async (stack: string) => (await import("./commands/sandbox.js")).start(stack, terminal));

  addKeys(program, terminal);
  addEvidence(program, terminal);

  for (const command of allOf(program)) command.exitOverride();
  return program;
}

function allOf(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allOf)];
}

async function main(): Promise<void> {
  try {
    await commandLine().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has said what is wrong; help and version are no mistakes.
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    } else if (error instanceof UserError) {
      terminal.say(error.message);
      process.exitCode = error.exitCode;
    } else if (await isRefusal(error)) {
      terminal.say((error as Error).message);
      process.exitCode = EXIT.refused;
    } else {
      terminal.say(`This is a bug or a lost connection: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      process.exitCode = EXIT.internal;
    }
  }
}

/** What a platform or a store refuses is said in its own words: a sentence, no stack. */
async function isRefusal(error: unknown): Promise<boolean> {
  const [{ SandboxRefusal }, { BrokenState }, { PlatformRefusal }, { ArtifactError }] = await Promise.all([
    import("../../sandbox/client.js"),
    import("../../sandbox/supervisor/state-file.js"),
    import("../platforms/adapter.js"),
    import("../../artifacts/artifact-error.js"),
  ]);
  return [SandboxRefusal, BrokenState, PlatformRefusal, ArtifactError].some((kind) => error instanceof kind);
}

// A test asks for the commands without running one.
if (require.main === module) void main();
