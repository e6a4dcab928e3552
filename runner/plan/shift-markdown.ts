import { formatDuration } from "../../model/duration.js";
import { inWords } from "./durations.js";
import type { Plan } from "./make-plan.js";
import { bullets, table } from "./markdown.js";
import type { PlannedStep } from "./shift-plan.js";

const BASELINE: Readonly<Record<PlannedStep["baseline"], string>> = { concurrent: "the live release at the same time", recorded: "the live release as recorded before", thresholds: "fixed limits only" };

/** The steps of the shift, what each needs to be judged, and how long that takes. */
export function shiftMarkdown({ steps, notShifted, traffic, first: deployment }: Plan): string[] {
  const first = steps[0];
  const alone = deployment === null ? [] : ["", ...bullets([aloneInWords(deployment)])];
  if (notShifted !== null || first === undefined) return [`No traffic is shifted. ${notShifted ?? "The strategy has no steps."}`, ...alone];
  // The margin of every step that has a baseline is the same.
  const { needed } = steps.find(({ baseline }) => baseline !== "thresholds") ?? first;
  return [
    ...table(
      ["weight", "bake", "expected", "at most", "compared with", "requests a second", `until ${needed.minimum} requests`, needed.forMargin === null ? "until the margin" : `until ${needed.forMargin} requests`, "bake excludes"],
      steps.map((step) => [
        `${step.weight} %`,
        formatDuration(step.bakeMs),
        inWords(step.expectedMs),
        inWords(step.worstMs),
        BASELINE[step.baseline],
        `${rate(step.candidateRate)} and ${rate(step.baselineRate)}`,
        step.minimumAfterMs === null ? "never" : inWords(step.minimumAfterMs),
        step.marginAfterMs === null ? "never" : inWords(step.marginAfterMs),
        `more than ${percent(step.boundAfterBake)}`,
      ]),
    ),
    "",
    ...bullets([
      `Each side needs ${needed.minimum} requests before anything but a clear failure is said.`,
      needed.forMargin === null
        ? "An allowed increase of 0 % cannot be shown by any number of requests."
        : `That failures grow by less than ${percent(needed.margin)} takes ${needed.forMargin} requests a side when none fails: the smallest n with 1 - 0.05^(1/n) <= ${percent(needed.margin)} (exact 95 % bound for no failures; the rule of three). "Bake excludes" is that bound for the requests that the bake brings.`,
      `Requests a second (candidate and live): the mission sends ${traffic.probe}, shared by the services; ${users(traffic.users)}`,
      ...(deployment === null ? [] : [aloneInWords(deployment)]),
      ...steps.flatMap(({ weight, notes }) => notes.map((note) => `At ${weight} %: ${note}`)),
    ]),
  ];
}

function aloneInWords({ needed, minimumAfterMs, marginAfterMs }: NonNullable<Plan["first"]>): string {
  const after = (milliseconds: number | null) => (milliseconds === null ? "never" : `after ${inWords(milliseconds)}`);
  const ceiling = needed.forMargin === null ? "that none fails cannot be shown by any number" : `that less than ${percent(needed.margin)} fail takes ${needed.forMargin} without a failure, ${after(marginAfterMs)}`;
  return `A first deployment needs ${needed.minimum} requests, which it has ${after(minimumAfterMs)} of the mission's own; ${ceiling}.`;
}

function users(seen: Plan["traffic"]["users"]): string {
  const entries = Object.entries(seen ?? {});
  if (entries.length === 0) return "how many users send is not known, so they are not counted.";
  return `users were seen to send ${entries.map(([service, each]) => `${rate(each)} to "${service}"`).join(", ")}.`;
}

function rate(perSecond: number): string {
  return String(Number(perSecond.toFixed(1)));
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
