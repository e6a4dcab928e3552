import type { Delivery } from "../../delivery/deliver.js";
import type { GateFact } from "./facts.js";
import { block, code, quote, table, text } from "./markdown.js";
import type { Report } from "./report.js";
import { stepInWords } from "./timeline.js";
import { moment, offset, plain, span } from "./words.js";

const TITLES: Readonly<Record<Report["state"], string>> = { succeeded: "is live", "rolled-back": "was rolled back", refused: "was refused", "failed-safe": "needs a person", unfinished: "is not finished" };

/** A report as a person reads it in a pull request or a wiki: what counts on the first screen, everything else below. */
export function reportMarkdown(report: Report): string {
  const parts = [
    [`# ${text(`${report.application} ${report.version}`)} ${TITLES[report.state]}`, ""],
    summary(report),
    section("Waived", waivers(report)),
    section("Promises and what was measured", promises(report)),
    section("What to do now", nextSteps(report)),
    section("Timeline", [...phases(report), ...timeline(report)]),
    section("Gates", gateTable(report.gates)),
    section("Release", release(report)),
    section("Evidence", table(["gate", "type", "SHA-256"], report.evidence.map(({ gate, type, sha256 }) => [code(gate), code(type), code(sha256)]))),
    section("Who was told", notifications(report)),
    section("Release notes", report.releaseNotes === null ? [] : quote(report.releaseNotes)),
    [`This report rests on ${report.journal.lines} lines of the mission's journal${report.journal.head === null ? "" : `, the last of them ${code(report.journal.head)}`}.`],
  ];
  return `${parts.flat().join("\n").trimEnd()}\n`;
}

/** A heading with what is below it; nothing where that is nothing. */
export function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, "", ...lines];
}

/** The promises as a table. */
export function promises({ promises: all }: Report): string[] {
  return table(["", "promised", "measured", "kept"], all.map(({ name, promise, measured, kept }) => [text(name), text(promise), text(measured), kept === null ? "-" : kept ? "yes" : "**no**"]));
}

/** What happened, as a table. */
export function timeline({ timeline: all }: Report): string[] {
  return table(["when", "what", "took"], all.map(({ atMs, what, tookMs, open }) => [offset(atMs), text(what), open ? "no end recorded" : tookMs === null ? "" : span(tookMs)]));
}

/** What to do, with its commands. */
export function nextSteps({ nextSteps: all, stillRunning }: Report): string[] {
  const running = stillRunning.map(({ environment, stack, what, warmUntil, command }) => {
    const until = warmUntil === null ? "" : ` until ${moment(warmUntil)}`;
    return `- Still running in ${environment} (stack ${code(stack)}): ${text(what)}${until}.${command === null ? "" : ` To stop it: ${code(command)}`}`;
  });
  return [...all.flatMap(({ what, command }) => [text(what), "", ...block([command])]), ...(running.length === 0 ? [] : [...running, ""])];
}

/** A gate's numbers: `errorRate 0.124, requests 500`. */
export function numbersOf({ measured }: Pick<GateFact, "measured">): string {
  return Object.entries(measured)
    .map(([name, value]) => `${name} ${plain(value)}`)
    .join(", ");
}

function summary(report: Report): string[] {
  const { outcome, reason, mission, by, began, tookMs, state, waivers: waived } = report;
  const when = began === null ? "has not begun" : `began ${moment(began)} ${state === "unfinished" ? `and was seen last ${span(tookMs)} after that` : `and took ${span(tookMs)}`}`;
  const say = reason === null || (state === "succeeded" && reason === "Every gate passed.") ? [] : [`**Why:** ${text(reason)}`, ""];
  const count = (verdict: string) => report.gates.filter((gate) => gate.verdict === verdict).length;
  const others = ["FAIL", "ERROR", "INCONCLUSIVE"].flatMap((verdict) => (count(verdict) > 0 ? [`${count(verdict)} ${verdict}`] : []));
  const gates = `${[`${count("PASS")} passed`, ...others].join(", ")}${waived.length === 0 ? "" : `; **${waived.length} waived**`}`;
  return [`**${text(outcome)}**`, "", ...say, `Mission ${code(mission)} by ${code(by)} ${when}. Gates: ${gates}.`, ""];
}

function waivers({ waivers: all }: Report): string[] {
  return table(["what", "reason", "by"], all.map(({ what, reason, by }) => [text(what), text(reason), code(by)]));
}

function phases({ phases: all }: Report): string[] {
  return all.length === 0 ? [] : [all.map(({ phase, tookMs }) => `${text(phase)} ${tookMs === null ? "(no end)" : span(tookMs)}`).join(" · "), ""];
}

/** Every gate, those that did not pass with all their sentences. */
function gateTable(gates: readonly GateFact[]): string[] {
  return table(["when", "step", "gate", "verdict", "what was measured", "numbers"], gates.map((gate) => {
    const passed = gate.verdict === "PASS";
    return [offset(gate.atMs), text(stepInWords(gate.step)), code(gate.gate), passed ? "PASS" : `**${gate.verdict}**`, [gate.summary, ...(passed ? [] : gate.details)].map(text).join("<br>"), text(numbersOf(gate))];
  }));
}

function release(report: Report): string[] {
  const { version, commit, plan, digests, strategy, environments, confirmed } = report;
  const steps = strategy.steps.map(({ weight, bakeMs }) => `${weight} % for ${span(bakeMs)}`).join(", ");
  const rows = [
    ["version", code(version)],
    ["commit", commit === null ? "none recorded" : code(commit)],
    ...Object.entries(digests).map(([service, digest]) => [`artifact of ${code(service)}`, code(digest)]),
    ["plan", plan === null ? "none recorded" : code(plan)],
    ["strategy", text(`${strategy.name}: ${steps}`)],
    ...environments.map(({ environment, stack, platform, before }) => [environment, `stack ${code(stack)} on ${text(platform)}; live before: ${beforeIn(before)}`]),
    ...(confirmed.length === 0 ? [] : [["confirmed by a person", confirmed.map(code).join(", ")]]),
  ];
  return table(["", ""], rows);
}

function beforeIn(before: Readonly<Record<string, string>> | null): string {
  if (before === null) return "not looked at";
  const specs = Object.entries(before).map(([service, digest]) => `${code(service)} ${code(digest.replace(/^sha256:/, "").slice(0, 12))}`);
  return specs.length === 0 ? "nothing" : specs.join(", ");
}

function notifications({ notifications: all }: Report): string[] {
  const outcome = ({ ok, reason }: Delivery) => (ok ? "told" : `**not told:** ${text(reason ?? "no reason is recorded")}`);
  return table(["news", "target", "outcome"], all.map((each) => [text(each.event), `${each.type} ${code(each.where)}`, outcome(each)]));
}
