import { shortDigest } from "../../model/digest.js";
import { formatDuration, parseDuration } from "../../model/duration.js";
import type { DecidedEnvironment } from "../plan/decided-plan.js";
import { inWords } from "../plan/durations.js";
import type { PlannedGate } from "../plan/gate-list.js";
import type { Plan } from "../plan/make-plan.js";
import { bullets, quoted, table } from "../plan/markdown.js";
import { shiftMarkdown } from "../plan/shift-markdown.js";
import { foreignMarkdown, inline } from "./escape.js";
import { fit, type Section } from "./fit.js";
import { gatesOf, type PullRequestPreview } from "./pull-request-preview.js";

/** Characters that a comment may have. */
export const COMMENT_LIMIT = 65_536;

/** By what a comment is found again; the first line of it, which nobody sees. */
export function markerOf(application: string): string {
  return `<!-- mission-deploy:${application} -->`;
}

/** How a comment is written. */
export interface Writing {
  /** Characters at most. Default: no limit. */
  readonly limit?: number;
  /** Takes secrets out of a text, before it is escaped. */
  readonly hide?: (text: string) => string;
}

/** The comment, in Markdown. Whatever comes from users is escaped: it can neither mention anybody nor leave its place. */
export function commentMarkdown(preview: PullRequestPreview, { limit = Infinity, hide = (text) => text }: Writing = {}): string {
  const { plan } = preview;
  const safe = (text: string) => inline(hide(text));
  const all = gatesOf(preview);
  const sections: readonly Section[] = [
    { head: [markerOf(plan.decided.application), `## ${safe(`${plan.decided.application} ${plan.decided.version}`)}: ${verdict(all)}`, ...(preview.modelOnly === null ? [] : modelLevel(safe(preview.modelOnly)))], body: [], rank: 9 },
    preview.modelOnly === null ? changes(plan, safe) : assumed(plan),
    ...(preview.modelOnly === null ? infrastructure(plan, safe) : []),
    { head: ["### Gates", "", ...table(["gate", "state", ""], [])], body: rows(all.map((gate) => [gate.gate, bold(gate.state), gateWords(gate, safe)])), rank: 8 },
    // What the pack said stands in a part of its own.
    ...gateDetails(preview.policies === null ? all : all.filter(({ gate }) => gate !== "policies-judged"), safe),
    policies(preview, safe),
    { head: ["### Steps", ""], body: [strategy(plan), "", ...shiftMarkdown(plan)], rank: 6 },
    time(plan),
    { head: ["### Going back", ""], body: goingBack(preview), rank: 6 },
    monitoring(plan, safe),
    { head: ["### How staging and production differ", ""], body: preview.differences.length === 0 ? ["No variable has another value."] : bullets(preview.differences.map(safe)), rank: 3 },
    notes(plan, hide),
    { head: [footer(preview)], body: [], rank: 9 },
  ];
  return fit(sections, limit);
}

function verdict(gates: readonly PlannedGate[]): string {
  const named = (state: PlannedGate["state"]) => gates.filter((gate) => gate.state === state).map(({ gate }) => gate);
  const [failed, unknown, pending] = [named("FAIL"), [...named("ERROR"), ...named("INCONCLUSIVE")], named("PENDING").length];
  const later = `${pending} ${pending === 1 ? "gate is" : "gates are"} judged later`;
  if (failed.length > 0) return `FAIL\n\nIt would be refused: ${failed.join(", ")} ${failed.length === 1 ? "does" : "do"} not pass; ${later}.`;
  if (unknown.length > 0) return `not known yet\n\nNothing failed, but ${unknown.join(", ")} could not be judged, and only PASS passes; ${later}.`;
  return `PASS so far\n\nNothing stands in its way now; ${later}.`;
}

function modelLevel(why: string): string[] {
  return [
    "",
    "> **This is a model-level preview.** " + why,
    "> It is made from mission.yaml and the tracked files of both stacks alone: nothing was built or tested, and neither the engine nor a platform was asked.",
    "> It does not know what serves now, what would change there, whether a freeze or a hold stands, whether secrets are set, how much traffic users send, and what the policies say.",
  ];
}

function changes({ decided }: Plan, safe: (text: string) => string): Section {
  return { head: ["### What changes", ""], body: decided.environments.flatMap((environment) => environmentChanges(environment, safe)), rank: 7 };
}

function environmentChanges(environment: DecidedEnvironment, safe: (text: string) => string): string[] {
  const { refusals, lacking, services } = environment;
  return [
    place(environment),
    "",
    ...table(["service", "what becomes of it"], services.map(({ service, words }) => [service, safe(words)])),
    ...([...refusals, ...lacking].length === 0 ? [] : ["", ...bullets([...refusals, ...lacking].map(safe))]),
    "",
  ];
}

/** Of an environment that nobody looked at. */
function assumed({ decided }: Plan): Section {
  const body = decided.environments.flatMap((environment) => [
    place(environment),
    "",
    ...table(["service", "what becomes of it"], environment.services.map(({ service }) => [service, environment.environment === "staging" ? "goes dark into the free slot, is checked there, and gets all traffic of staging" : "goes dark into the free slot, is checked there, and gets traffic step by step"])),
    "",
  ]);
  return { head: ["### What changes", "", "Where an earlier release serves, which is assumed here; a first release takes all traffic at once, and has nothing to return to.", ""], body, rank: 7 };
}

function place({ environment, stack, platform, instances }: DecidedEnvironment): string {
  return `**${environment}** (stack \`${stack}\` on ${platform}, ${instances} ${instances === 1 ? "instance" : "instances"} a slot)`;
}

function infrastructure({ preview }: Plan, safe: (text: string) => string): Section[] {
  if (preview === null) return [];
  return [preview.staging, preview.production].map(({ stack, exists, counts, changes: resources, errors }) => {
    if (counts === null) return { head: [`The engine's preview of \`${stack}\` failed:`, ""], body: bullets(errors.map(safe)), rank: 7 };
    const words = `${counts.create} made, ${counts.update} changed, ${counts.replace} replaced, ${counts.delete} removed, ${counts.same} as before`;
    return folded(`Infrastructure of ${stack}: ${words}${exists ? "" : " (the stack does not exist yet)"}`, resources.length === 0 ? ["No resource of the platform changes."] : bullets(resources.map((change) => safe(change.words))), 2);
  });
}

function gateWords({ summary, later }: PlannedGate, safe: (text: string) => string): string {
  return later === null ? safe(summary) : `${safe(summary)} Judged by ${later.by}, ${later.when}.`;
}

function gateDetails(gates: readonly PlannedGate[], safe: (text: string) => string): Section[] {
  const details = gates.flatMap(({ gate, details: sentences }) => sentences.map((sentence) => `${gate}: ${safe(sentence)}`));
  return details.length === 0 ? [] : [folded(`Details of gates (${details.length})`, bullets(details), 4)];
}

function policies({ policies: results, modelOnly }: PullRequestPreview, safe: (text: string) => string): Section {
  const head = ["### Policies", ""];
  if (results === null) return { head, body: [modelOnly === null ? "They were not run in this preview; the mission's own gates judge the same." : "They were not run: they judge what the engine works out, and it was not asked."], rank: 5 };
  const { ran, refusals, cannotRun } = results;
  const said = `${ran} ran, ${refusals.length} ${refusals.length === 1 ? "refusal" : "refusals"}, ${cannotRun.length} could not run.`;
  const state = ({ later }: (typeof refusals)[number]) => (later ? "PENDING: the mission makes its evidence" : bold("FAIL"));
  return {
    head: [...head, said, ...(refusals.length === 0 ? [] : ["", ...table(["policy", "about", "state", "why"], [])])],
    body: [...rows(refusals.map((refusal) => [safe(refusal.policy), safe(`${refusal.about} in ${refusal.stack}`), state(refusal), safe(refusal.message)])), ...(cannotRun.length === 0 ? [] : ["", ...bullets(cannotRun.map((sentence) => `Could not run: ${safe(sentence)}`))])],
    rank: 7,
  };
}

function strategy({ decided }: Plan): string {
  return `Strategy ${decided.strategy.name}: ${decided.strategy.steps.map(({ weight, bakeMs }) => `${weight} % for ${formatDuration(bakeMs)}`).join(", ")}${decided.pause ? "; a person approves each further step" : ""}.`;
}

function time({ schedule, totals }: Plan): Section {
  const parts = rows(schedule.map(({ name, words, expectedMs, worstMs }) => [name, words, inWords(expectedMs), inWords(worstMs)]));
  const { head, tail = [] } = folded("Parts", [], 3);
  return { head: ["### Time", "", `About ${inWords(totals.expectedMs)}, at most ${inWords(totals.worstMs)}; build, tests and checks of the codebase come on top.`, "", ...head, ...table(["part", "", "expected", "at most"], [])], body: parts, tail, rank: 3 };
}

function goingBack({ plan: { decided, rollback, ready }, modelOnly }: PullRequestPreview): string[] {
  const services = decided.environments.find(({ environment }) => environment === "production")?.services ?? [];
  const targets = services.flatMap(({ service, target }) => (target === null ? [] : [`\`${service}\` to ${target.version} in ${target.slot} (${shortDigest(target.digest)}, ${ready[service]?.ready ?? 0} of ${ready[service]?.instances ?? 0} instances ready)`]));
  if (targets.length === 0) return ["Nothing to return to: it is the first release."];
  const { warmMs, basis, keepWarm, coldMs } = rollback;
  const limit = basis === "measured" ? "measured by the drill in staging" : "the limit; drilled in staging before production is touched";
  const warm = parseDuration(keepWarm) === 0 ? [] : [[`until ${keepWarm} after the release is live (the old slot is warm)`, `${inWords(warmMs)} (${limit})`]];
  return [...(modelOnly === null ? [`Users return: ${targets.join("; ")}.`, ""] : []), ...table(["when", "at most"], [...warm, [warm.length === 0 ? "after the release is live (the old slot is not kept warm)" : "later (the old instances are started first)", inWords(coldMs)]])];
}

function monitoring({ decided }: Plan, safe: (text: string) => string): Section {
  const body = decided.environments.flatMap(({ environment, monitoring: { health, alarms, targets } }) =>
    bullets([
      ...health.map(({ service, readiness, liveness }) => `${environment}, \`${service}\`: ready by ${safe(readiness)}; ${liveness === null ? "restarted when it exits" : `alive by ${safe(liveness)}`}.`),
      `${environment}: alarms over ${alarms.window} above ${alarms.errorRate} of requests failed, above ${alarms.latencyP95} (95th percentile), below ${alarms.availability} of instances ready; ${targets.length === 0 ? "nobody is told" : `told: ${targets.map(({ type, name }) => safe(`${type} ${name}`)).join(", ")}`}.`,
    ]),
  );
  return folded("Monitoring", body, 3);
}

function notes({ notes: text }: Plan, hide: (text: string) => string): Section {
  if (text === null || text.trim() === "") return { head: ["### Release notes", "", "None were given."], body: [], rank: 1 };
  return { head: ["### Release notes", ""], body: quoted(foreignMarkdown(hide(text)).replace(/^\n+/, "")), rank: 1 };
}

function footer({ plan: { decided, digest, madeAt }, modelOnly }: PullRequestPreview): string {
  const commit = decided.commit === null ? "no commit" : `commit ${decided.commit.slice(0, 12)}${decided.commit.endsWith("-dirty") ? " with changes" : ""}`;
  const made = `${madeAt.slice(0, 16).replace("T", " ")} UTC`;
  return modelOnly === null ? `<sub>Plan \`${digest.slice(7, 19)}\` of ${commit}, made at ${made}. Every gate is judged again when the mission runs.</sub>` : `<sub>Made at ${made}. Every gate is judged when the mission runs.</sub>`;
}

function folded(summary: string, body: readonly string[], rank: number): Section {
  return { head: ["<details><summary>" + summary + "</summary>", ""], body, tail: ["", "</details>"], rank };
}

/** Rows alone; the head stands where it cannot be cut. */
function rows(cells: readonly (readonly string[])[]): string[] {
  return table([], cells).slice(2);
}

function bold(state: string): string {
  return state === "PASS" || state === "PENDING" ? state : `**${state}**`;
}
