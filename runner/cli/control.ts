import type { Command } from "commander";
import type { Terminal } from "./terminal.js";

/** The commands by which a person stops an environment from moving, and by which a service or an environment leaves. */
export function addControl(program: Command, terminal: Terminal): void {
  const standing = (name: string, description: string) =>
    program.command(`${name} <stack>`).description(description).requiredOption("--reason <text>", "why, for those who come after you").option("--json", "print what stands now as JSON");
  standing("freeze", "No candidate gets more traffic and nothing is removed until a person ends that.").action(async (stack: string, options: { reason: string; json?: boolean }) => (await import("./commands/standing.js")).freeze(stack, options, terminal));
  standing("unfreeze", "Ends a freeze.").action(async (stack: string, options: { reason: string; json?: boolean }) => (await import("./commands/standing.js")).unfreeze(stack, options, terminal));
  standing("release-hold", "Ends the hold that a rollback has left.").action(async (stack: string, options: { reason: string; json?: boolean }) => (await import("./commands/standing.js")).releaseHold(stack, options, terminal));

  program
    .command("retire <stack> [service]")
    .description("Stops the instances of slots that are not live; with a service, removes that service for good.")
    .option("--due", "only slots whose time to be kept warm (keepWarm) is over")
    .option("--yes", "remove the service without asking")
    .option("--json", "print the result as JSON")
    .action(async (stack: string, service: string | undefined, options: { due?: boolean; yes?: boolean; json?: boolean }, command: Command) => {
      if (service === undefined) return (await import("./commands/retire.js")).retire(stack, options, terminal);
      if (options.due === true) command.error('error: "--due" is about the capacity of old slots; a service is removed without it.');
      return (await import("./commands/retire-service.js")).retireService(stack, service, options, terminal);
    });

  program
    .command("destroy <stack>")
    .description("Removes an environment for good, its database included.")
    .option("--yes", "do it without asking; needs --confirm")
    .option("--confirm <stack>", "the stack's name once more")
    .action(async (stack: string, options: { yes?: boolean; confirm?: string }) => (await import("./commands/destroy.js")).destroy(stack, options, terminal));
}
