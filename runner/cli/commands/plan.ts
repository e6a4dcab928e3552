import { ArtifactStore } from "../../../artifacts/store.js";
import { artifactsDirectory } from "../../../sandbox/home.js";
import { EXIT } from "../../errors.js";
import { readSubject, type SubjectOptions } from "../../mission/read-subject.js";
import { gatherInputs } from "../../plan/gather-inputs.js";
import { stopping } from "../../plan/gate-list.js";
import { makePlan } from "../../plan/make-plan.js";
import { planMarkdown } from "../../plan/plan-markdown.js";
import { buildRelease } from "../../release/build-release.js";
import { replaceFile } from "../../replace-file.js";
import type { Terminal } from "../terminal.js";

/** Options of `mission plan`. */
export interface PlanOptions extends SubjectOptions {
  readonly pause?: boolean;
  readonly json?: boolean;
  /** File that gets the plan, instead of standard output. */
  readonly output?: string;
}

/** Builds a release, looks at both environments, and prints what a mission would do. Ends with 5 when a gate that is judged now does not pass. */
export async function plan(codebase: string, options: PlanOptions, terminal: Terminal): Promise<void> {
  const subject = await readSubject(codebase, options);
  terminal.say(`${subject.application.name} ${subject.version} is built and stored; nothing of "${subject.staging.stack}" and "${subject.production.stack}" changes.`);
  const release = await buildRelease({ codebase, configFile: options.config, version: options.version, store: new ArtifactStore(artifactsDirectory()), onOutput: (text) => process.stderr.write(text) });
  terminal.say("Both environments are looked at, and the engine previews both stacks.");
  const made = makePlan(await gatherInputs({ ...subject, release }, { pause: options.pause === true }));
  const text = options.json === true ? JSON.stringify(made, null, 2) : planMarkdown(made).trimEnd();
  if (options.output === undefined) terminal.print(text);
  else {
    await replaceFile(options.output, `${text}\n`);
    terminal.say(`The plan is in ${options.output}.`);
  }
  const stops = stopping(made.gates);
  for (const { gate, state, summary } of stops) terminal.say(`Gate "${gate}" is ${state}: ${summary}`);
  if (stops.length > 0) process.exitCode = EXIT.refused;
}
