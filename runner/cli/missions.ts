import type { Command } from "commander";
import type { ApproveOptions } from "./commands/approve.js";
import type { DeployOptions } from "./commands/deploy.js";
import type { PlanOptions } from "./commands/plan.js";
import type { PreviewOptions } from "./commands/preview.js";
import type { RollbackOptions } from "./commands/rollback.js";
import type { Terminal } from "./terminal.js";

/** The commands that plan, run, steer and look at missions. */
export function addMissions(program: Command, terminal: Terminal): void {
  const subject = (command: Command) =>
    command
      .option("--version <version>", "version of the release; default: the codebase's package.json")
      .option("--config <file>", "description of the application; default: mission.yaml in the codebase")
      .option("--notes <file>", "release notes in Markdown")
      .option("--strategy <name>", "blue-green, canary, linear or all-at-once; default: what mission.yaml says")
      .option("--hotfix", "leave out staging and the window; signed and always reported")
      .option("--reason <text>", "why it is a hotfix")
      .option("--pause", "a person approves each further step of production");

  subject(program.command("deploy <codebase>").description("Takes a codebase through validation, plan, staging and production to users, and back when it is bad."))
    .option("--confirm <item...>", "checklist items that you have done, by id")
    .option("--waive <item=reason...>", "checklist items that are left out, and why")
    .option("--key <name>", "key that signs what the mission states, of the role operator (mission keys); default: this machine's development key, which only sandbox stacks trust")
    .option("--supersede", "bring back a mission that stands in the way first")
    .option("--verbose", "show what the codebase's commands and the engine print")
    .option("--json", "print the report as JSON")
    .action(async (codebase: string, { confirm, waive, ...options }: DeployOptions & { confirm?: string[]; waive?: string[] }) => {
      const { deploy, parseWaivers } = await import("./commands/deploy.js");
      await deploy(codebase, { ...options, confirmed: confirm ?? [], waived: parseWaivers(waive ?? []) }, terminal);
    });

  subject(program.command("plan <codebase>").description("Builds a release and prints what a mission of it would do, and whether a gate stands in its way; changes nothing of the environments."))
    .option("--json", "the plan as JSON")
    .option("--output <file>", "write the plan there instead of printing it")
    .action(async (codebase: string, options: PlanOptions) => (await import("./commands/plan.js")).plan(codebase, options, terminal));

  subject(program.command("preview [codebase]").description("Renders for a pull request what a mission of the code would do; ends with 5 only when a gate is FAIL."))
    .option("--comment", "write it to the pull request, in place of the comment before; needs GITHUB_TOKEN and GITHUB_REPOSITORY")
    .option("--pull-request <number>", "number of the pull request; default: the one that started the workflow")
    .option("--model-only", "by mission.yaml and the tracked files of the stacks alone: no build, no engine, no credentials")
    .option("--json", "print it as JSON")
    .option("--output <file>", "write it there instead of printing it")
    .action(async (codebase: string | undefined, options: PreviewOptions) => (await import("./commands/preview.js")).preview(codebase ?? ".", options, terminal));

  program
    .command("resume [mission]")
    .description("Goes on with a mission that was stopped or killed.")
    .option("--verbose", "show what the codebase's commands and the engine print")
    .option("--json", "print the report as JSON")
    .action(async (what: string | undefined, options: DeployOptions) => (await import("./commands/deploy.js")).resume(what, options, terminal));

  program
    .command("rollback [mission-or-stack]")
    .description("Takes users off a release at once: of the mission that is under way, or of a stack's last one while the old slot is warm.")
    .option("--reason <text>", "why, for the record")
    .option("--verbose", "show what the engine prints")
    .option("--json", "print the result as JSON")
    .action(async (what: string | undefined, options: RollbackOptions) => (await import("./commands/rollback.js")).rollback(what, options, terminal));

  program
    .command("approve [mission]")
    .description("Lets a mission that waits for a person take its next step; with --plan, agrees to its plan before production begins. Either is signed, by whoever approves.")
    .option("--plan", "agree to the plan now, while the mission does not wait: for stacks whose policies demand an approval before the first step")
    .option("--key <name>", "key that signs the approval, of the role operator or analyst (mission keys); default: this machine's development key")
    .action(async (what: string | undefined, options: ApproveOptions) => (await import("./commands/approve.js")).approve(what, options, terminal));

  const look = (command: Command) => command.option("--json", "as JSON");
  look(program.command("status [mission]").description("What is under way, who works on which environment, what is frozen or on hold.")).action(async (what: string | undefined, { json }: { json?: boolean }) => (await import("./commands/status.js")).status(what, json === true, terminal));
  look(program.command("history").description("Every mission: when, what, how it ended.")).action(async ({ json }: { json?: boolean }) => (await import("./commands/status.js")).history(json === true, terminal));
  look(program.command("verify <mission>").description("Checks a mission's record: the journal's chain, its signed evidence, and what the platform shows of it.")).action(async (id: string, { json }: { json?: boolean }) => (await import("./commands/verify.js")).verify(id, json === true, terminal));
}
