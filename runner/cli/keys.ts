import type { Command } from "commander";
import type { CreateKeyOptions } from "./commands/keys.js";
import type { Terminal } from "./terminal.js";

const ROLES = `
Roles, and what their keys may state (the policy pack decides: policies/pack.yaml):
  operator   all that a mission states (tests, provenance, migrations, checklist, plan, staging, drill, waivers), and approvals
  tester     results of tests
  developer  results of tests, provenance, migrations
  analyst    the checklist, approvals

Keys lie in <home>/keys/, Ed25519, readable by their owner only; the private half is never printed.`;

/** The commands for the keys that sign evidence. */
export function addKeys(program: Command, terminal: Terminal): void {
  const keys = program.command("keys").description("The keys of this machine that sign evidence.").addHelpText("after", ROLES);
  const json = (command: Command) => command.option("--json", "print it as JSON; the private half is not in it");

  json(keys.command("create").description("Makes a key for a role, and says what to put into policies/pack.yaml so that it counts."))
    .requiredOption("--role <role>", "operator, tester, developer or analyst")
    .option("--name <name>", "what the key is called on this machine; default: its role")
    .addHelpText("after", ROLES)
    .action(async (options: CreateKeyOptions) => (await import("./commands/keys.js")).create(options, terminal));

  json(keys.command("show [name]").description("Shows one key, or all: the public half in PEM, its id, role and allowed types, what was retired, and the entry for policies/pack.yaml.")).action(
    async (name: string | undefined, options: { json?: boolean }) => (await import("./commands/keys.js")).showKeys(name, options, terminal),
  );

  json(keys.command("rotate <name>").description("Makes a new key in the place of one. The old private half is gone then; its public half stays, as retired, and what it has signed counts for as long as the pack trusts it.")).action(
    async (name: string, options: { json?: boolean }) => (await import("./commands/keys.js")).rotate(name, options, terminal),
  );
}
