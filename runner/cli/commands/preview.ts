import { ArtifactStore } from "../../../artifacts/store.js";
import { artifactsDirectory } from "../../../sandbox/home.js";
import { readStackFileSettings } from "../../engine/read-stack-settings.js";
import { stackFilePath } from "../../engine/engine-environment.js";
import { EXIT } from "../../errors.js";
import { differences, type ConfiguredEnvironment } from "../../gates/configuration-differences.js";
import { readSubject, type SubjectOptions } from "../../mission/read-subject.js";
import type { MissionEnvironment } from "../../mission/subject.js";
import { gatherInputs } from "../../plan/gather-inputs.js";
import { makePlan } from "../../plan/make-plan.js";
import { withoutAccess } from "../../pull-request/access.js";
import { COMMENT_LIMIT, commentMarkdown, markerOf } from "../../pull-request/comment-markdown.js";
import { commentTarget, type CommentTarget } from "../../pull-request/comment-target.js";
import { modelPreview } from "../../pull-request/model-preview.js";
import { postComment } from "../../pull-request/post-comment.js";
import { readPullRequestEvent } from "../../pull-request/pull-request-event.js";
import { failing, gatesOf, type PullRequestPreview } from "../../pull-request/pull-request-preview.js";
import { secretsHidden } from "../../pull-request/secrets.js";
import { buildRelease } from "../../release/build-release.js";
import { replaceFile } from "../../replace-file.js";
import type { Terminal } from "../terminal.js";

/** Options of `mission preview`. */
export interface PreviewOptions extends SubjectOptions {
  /** Write it to the pull request, instead of standard output. */
  readonly comment?: boolean;
  /** Number of the pull request; default: the one that started the workflow. */
  readonly pullRequest?: string;
  /** Look at mission.yaml and the tracked files of both stacks alone. */
  readonly modelOnly?: boolean;
  readonly json?: boolean;
  /** File that gets the preview, instead of standard output. */
  readonly output?: string;
}

/** Tells a reviewer what a mission of the code at hand would do. Ends with 5 when a gate is FAIL, and with 0 when others are not known yet. */
export async function preview(codebase: string, options: PreviewOptions, terminal: Terminal): Promise<void> {
  const event = await readPullRequestEvent(process.env);
  // Before anything is built: a job that cannot comment shall say so at once.
  const target = options.comment === true ? commentTarget(process.env, event, options.pullRequest) : null;
  const why = withoutAccess({ modelOnly: options.modelOnly === true, environment: process.env, event: event.event });
  const seen = why === null ? await previewOf(codebase, options, terminal) : await modelPreview(codebase, options, why);
  const hide = secretsHidden(process.env);
  const markdown = commentMarkdown(seen, { hide });
  if (options.output !== undefined) await replaceFile(options.output, markdown);
  if (target !== null) await comment(target, seen, terminal);
  else if (options.output === undefined) terminal.print(options.json === true ? hide(JSON.stringify({ ...seen, gates: gatesOf(seen) }, null, 2)) : markdown.trimEnd());
  const failed = failing(seen);
  for (const { gate, summary } of failed) terminal.say(`Gate "${gate}" is FAIL: ${hide(summary)}`);
  if (failed.length > 0) process.exitCode = EXIT.refused;
}

async function previewOf(codebase: string, options: PreviewOptions, terminal: Terminal): Promise<PullRequestPreview> {
  const subject = await readSubject(codebase, options);
  terminal.say(`${subject.application.name} ${subject.version} is built and stored; nothing of "${subject.staging.stack}" and "${subject.production.stack}" changes.`);
  const release = await buildRelease({ codebase, configFile: options.config, version: options.version, store: new ArtifactStore(artifactsDirectory()), onOutput: (text) => process.stderr.write(text) });
  terminal.say("Both environments are looked at, and the engine previews both stacks.");
  const plan = makePlan(await gatherInputs({ ...subject, release }, { pause: options.pause === true }));
  const [staging, production] = [await configured(subject.staging), await configured(subject.production)];
  return { plan, policies: null, differences: differences(release, staging, production), modelOnly: null };
}

async function configured({ environment, stack, settings }: MissionEnvironment): Promise<ConfiguredEnvironment> {
  const { secrets } = await readStackFileSettings(stackFilePath(stack));
  return { environment, stack, settings, secrets };
}

async function comment(target: CommentTarget, seen: PullRequestPreview, terminal: Terminal): Promise<void> {
  const hide = secretsHidden(process.env);
  const markdown = commentMarkdown(seen, { limit: COMMENT_LIMIT, hide });
  try {
    const { done, url, remark } = await postComment(target, markerOf(seen.plan.decided.application), markdown);
    terminal.say(`The comment on pull request ${target.pullRequest} of ${target.repository} was ${done}${url === "" ? "." : `: ${hide(url)}`}`);
    if (remark !== null) terminal.say(remark);
  } catch (error) {
    // What was worked out shall not be lost with the connection.
    terminal.print(markdown.trimEnd());
    throw error;
  }
}
