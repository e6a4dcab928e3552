import type { GateFact } from "./facts.js";
import { code, table, text } from "./markdown.js";
import { nextSteps, numbersOf, promises, section, timeline } from "./report-markdown.js";
import type { Report } from "./report.js";
import { stepInWords } from "./timeline.js";
import { moment, offset, span } from "./words.js";

/** What stands where a person has to write. */
const FILL_IN = "_to be filled in_";

/**
 * The draft of a post-mortem: what the journal knows, in numbers, and room for what only people know. Blames nobody and invents nothing: what was not measured is
 * said to be so. Null for a mission that succeeded.
 */
export function postMortemMarkdown(report: Report): string | null {
  if (report.state === "succeeded") return null;
  const parts = [
    [`# Post-mortem (draft): ${text(`${report.application} ${report.version}`)}`, ""],
    [`**${text(report.outcome)}**`, "", `Mission ${code(report.mission)}, ${report.began === null ? "not begun" : moment(report.began)}. This draft was made from the mission's journal; whatever is not in it was not measured. It is about what happened and what to change, not about who.`, ""],
    section("Impact", impact(report)),
    section("Detection and recovery", recovery(report)),
    section("What decided", decided(report)),
    section("Promises and what was measured", promises(report)),
    section("Timeline", timeline(report)),
    section("What went well", wentWell(report)),
    section("Open questions", questions(report)),
    section("Action items", table(["what", "kind (prevent, notice sooner, get back faster)", "owner", "until"], [1, 2, 3].map(() => [FILL_IN, FILL_IN, FILL_IN, FILL_IN]))),
    section("What to do now", nextSteps(report)),
  ];
  return `${parts.flat().join("\n").trimEnd()}\n`;
}

/** How much of production's traffic the candidate was given at most, in words, and whether users could see it at all. */
function exposure({ timeline: all, recovery: { highestWeight, environment }, environments }: Report): { readonly words: string; readonly seen: boolean } {
  const first = environments.some((each) => each.environment === "production" && each.first === true);
  if (first && all.some(({ step }) => step === "production/stage")) return { words: "100 %: it was the first deployment, which has no release beside it", seen: true };
  return environment === "staging" || highestWeight === 0 ? { words: "none", seen: false } : { words: `${highestWeight} %`, seen: true };
}

function impact(report: Report): string[] {
  const { production } = report.traffic;
  const { words, seen } = exposure(report);
  const rows: string[][] = [["largest share of production's traffic that the candidate was given", words]];
  if (production === null) {
    rows.push(["requests that failed in production", seen ? "not measured: no client has recorded what it saw" : "none by this release, which had no traffic there; others were not measured"], ["longest time without an answer", "not measured"]);
  } else {
    rows.push(["requests that failed in production, as a client outside saw them", `${production.failed} of ${production.sent}`]);
    rows.push(...production.byRelease.map(({ release, role, requests, failed }) => [`of these by ${role === "unknown" ? "no known release" : `${code(release)}${role === "candidate" ? " (the candidate)" : ""}`}`, `${failed} of ${requests}`]));
    rows.push(["longest time without an answer", span(production.longestGapMs)]);
  }
  rows.push(["users who noticed, and how", FILL_IN], ["data that must be mended", FILL_IN]);
  return table(["", ""], rows);
}

function recovery({ recovery: { environment, detectionMs, detectedAt, backMs, failed }, state }: Report): string[] {
  if (environment === null) {
    return [state === "unfinished" ? "Nothing was decided yet, so there is neither a time of detection nor one of recovery." : "The release was stopped before any traffic was moved, so there was nothing to recover from.", ""];
  }
  const at = detectedAt === null ? "" : `; ${span(detectedAt.afterMs)} after it was given ${detectedAt.weight} %`;
  return table(["", ""], [
    ["where", environment === "staging" ? "staging, where no user is" : environment],
    ["**detection**: from the candidate's first traffic to the verdict", detectionMs === null ? "not measured: no first traffic is recorded" : `${span(detectionMs)}${at}`],
    ["**recovery**: from the verdict to the platform's confirmation that traffic is as before", failed ? "not recovered by the mission" : backMs === null ? "not measured: no confirmation is recorded" : span(backMs)],
  ]);
}

function decided({ decision }: Report): string[] {
  if (decision === null) return ["Nothing has decided against this release so far.", ""];
  if (decision.gates.length === 0) return [`No recorded gate: in phase ${text(decision.phase)}, at ${offset(decision.atMs)}, the mission stopped because of this:`, "", text(decision.reason), ""];
  return decision.gates.flatMap((gate: GateFact) => [
    `Gate ${code(gate.gate)} was **${gate.verdict}** at ${offset(gate.atMs)}, in step "${text(stepInWords(gate.step))}": ${text(gate.summary)}`,
    "",
    ...(gate.details.length === 0 ? [] : [...gate.details.map((detail) => `- ${text(detail)}`), ""]),
    `Numbers: ${numbersOf(gate) === "" ? "the gate recorded none" : text(numbersOf(gate))}.`,
    "",
  ]);
}

/** Only what the journal shows. */
function wentWell({ recovery: { environment, backMs, failed }, promises: all, gates, state, notifications }: Report): string[] {
  const passed = gates.filter(({ verdict }) => verdict === "PASS").length;
  const said = [
    ...(environment === "staging" || (state === "refused" && environment === null) ? ["It was found before any user could see it."] : []),
    ...(environment === "production" && !failed && backMs !== null ? [`Traffic was back ${span(backMs)} after the verdict.`] : []),
    ...all.filter(({ kept, name }) => kept === true && name !== "Rollback in reality").map(({ name, measured }) => `Kept: ${name.toLowerCase()} (${measured}).`),
    ...(passed > 0 ? [`${passed} other gates were measured and passed.`] : []),
    ...(notifications.some(({ ok }) => ok) ? ["People were told by the mission itself."] : []),
  ];
  return [...said.map((line) => `- ${text(line)}`), `- ${FILL_IN}`, ""];
}

function questions({ decision, promises: all, traffic, notifications, timeline: entries, state, waivers, hotfix }: Report): string[] {
  const open = entries.filter((entry) => entry.open);
  const lost = notifications.filter(({ ok }) => !ok);
  return [
    ...(decision === null ? ["Why did the mission not go on?"] : ["Why did the release do what the gate saw? The journal knows that it did, not why."]),
    ...(decision?.phase === "production" || decision?.phase === "monitor" ? [hotfix === null ? "Could staging have shown it? Its gates passed." : "Would staging have shown it? It was left out (hotfix)."] : []),
    ...(traffic.production === null && decision?.phase === "production" ? ["How many users were affected? No client recorded it."] : []),
    ...all.filter(({ kept }) => kept === false).map(({ name, measured }) => `Why was this promise not kept: ${name} (${measured})?`),
    ...waivers.map(({ what, reason }) => `Did it matter that ${what} was waived (${reason})?`),
    ...open.map(({ what }) => `What became of this: ${what}`),
    ...(lost.length > 0 ? [`Why were ${lost.length} notifications not delivered?`] : []),
    ...(state === "failed-safe" ? ["Why could traffic not be taken back, and what serves now?"] : []),
  ].map((line) => `- ${text(line)}`).concat(`- ${FILL_IN}`, "");
}
