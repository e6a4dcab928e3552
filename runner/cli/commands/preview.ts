import { ArtifactStore } from "../../../artifacts/store.js";
import { artifactsDirectory } from "../../../sandbox/home.js";
import { readStackFileSettings } from "../../engine/read-stack-settings.js";
import { stackFilePath } from "../../engine/engine-environment.js";
import { EXIT, UserError } from "../../errors.js";
import { differences, type ConfiguredEnvironment } from "../../gates/configuration-differences.js";
import { readSubject, type SubjectOptions } from "../../mission/read-subject.js";
import type { MissionEnvironment } from "../../mission/subject.js";
import { gatherInputs } from "../../plan/gather-inputs.js";
import { makePlan } from "../../plan/make-plan.js";
import { withoutAccess } from "../../pull-request/access.js";
import { COMMENT_LIMIT, commentMarkdown, markerOf } from "../../pull-request/comment-markdown.js";
import { commentTarget, type CommentTarget } from "../../pull-request/comment-target.js";
import { modelPreview } from "../../pull-request/model-preview.js";
import { packResults } from "../../policies/pack-results.js";
import { postComment } from "../../pull-request/post-comment.js";
import { readPullRequestEvent } from "../../pull-request/pull-request-event.js";
import { failing, gatesOf, type PullRequestPreview } from "../../pull-request/pull-request-preview.js";
import { refusedBy, refusedMarkdown } from "../../pull-request/refused-markdown.js";
import { secretsHidden } from "../../pull-request/secrets.js";
import { buildRelease } from "../../release/build-release.js";
import { readApplication } from "../../release/read-application.js";
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

/** What there is to say, in its three forms. */
interface Said {
  readonly application: string;
  readonly markdown: (limit?: number) => string;
  readonly json: object;
  /** What failed, a sentence each. */
  readonly failed: readonly string[];
}

/** Tells a reviewer what a mission of the code at hand would do. Ends with 5 when a gate is FAIL, and with 0 when others are not known yet. */
export async function preview(codebase: string, options: PreviewOptions, terminal: Terminal): Promise<void> {
  const event = await readPullRequestEvent(process.env);
  // Before anything is built: a job that cannot comment shall say so at once.
  const target = options.comment === true ? commentTarget(process.env, event, options.pullRequest) : null;
  const why = withoutAccess({ modelOnly: options.modelOnly === true, environment: process.env, event: event.event });
  const hide = secretsHidden(process.env);
  // The comment is the only use for it: neither the build nor the engine, which runs the pull request's own program, shall find it.
  delete process.env["GITHUB_TOKEN"];
  const { application, markdown, json, failed } = await what(codebase, options, why, hide, terminal);
  if (options.output !== undefined) await replaceFile(options.output, markdown());
  if (target !== null) await comment(target, application, markdown(COMMENT_LIMIT), terminal);
  else if (options.output === undefined) terminal.print(options.json === true ? hide(JSON.stringify(json, null, 2)) : markdown().trimEnd());
  for (const sentence of failed) terminal.say(hide(sentence));
  if (failed.length > 0) process.exitCode = EXIT.refused;
}

async function what(codebase: string, options: PreviewOptions, why: string | null, hide: (text: string) => string, terminal: Terminal): Promise<Said> {
  try {
    const seen = why === null ? await previewOf(codebase, options, terminal) : await modelPreview(codebase, options, why);
    return {
      application: seen.plan.decided.application,
      markdown: (limit = Infinity) => commentMarkdown(seen, { limit, hide }),
      json: { ...seen, gates: gatesOf(seen) },
      failed: failing(seen).map(({ gate, summary }) => `Gate "${gate}" is FAIL: ${summary}`),
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // A comment of an application that nobody can name would not be found again.
    const { application } = await readApplication(codebase, options.config);
    const refused = application === null ? null : refusedBy(error, application.name);
    if (refused === null) throw error;
    return { application: refused.application, markdown: (limit = Infinity) => refusedMarkdown(refused, { limit, hide }), json: refused, failed: [`Gate "${refused.gate}" is FAIL: ${error.message}`] };
  }
}

async function previewOf(codebase: string, options: PreviewOptions, terminal: Terminal): Promise<PullRequestPreview> {
  const subject = await readSubject(codebase, options);
  terminal.say(`${subject.application.name} ${subject.version} is built and stored; nothing of "${subject.staging.stack}" and "${subject.production.stack}" changes.`);
  const release = await buildRelease({ codebase, configFile: options.config, version: options.version, store: new ArtifactStore(artifactsDirectory()), onOutput: (text) => process.stderr.write(text) });
  terminal.say("Both environments are looked at, and the engine previews both stacks.");
  const plan = makePlan(await gatherInputs({ ...subject, release }, { pause: options.pause === true }));
  const [staging, production] = [await configured(subject.staging), await configured(subject.production)];
  const policies = plan.preview === null ? null : packResults(plan.preview, { validated: false, hotfix: subject.hotfix !== null });
  return { plan, policies, differences: differences(release, staging, production), modelOnly: null };
}

async function configured({ environment, stack, settings }: MissionEnvironment): Promise<ConfiguredEnvironment> {
  const { secrets } = await readStackFileSettings(stackFilePath(stack));
  return { environment, stack, settings, secrets };
}

async function comment(target: CommentTarget, application: string, markdown: string, terminal: Terminal): Promise<void> {
  try {
    const { done, url, remark } = await postComment(target, markerOf(application), markdown);
    terminal.say(`The comment on pull request ${target.pullRequest} of ${target.repository} was ${done}${url === "" ? "." : `: ${url}`}`);
    if (remark !== null) terminal.say(remark);
  } catch (error) {
    // What was worked out shall not be lost with the connection.
    terminal.print(markdown.trimEnd());
    throw error;
  }
}
