import { splitMistakes } from "../../model/split.js";
import type { Rule } from "../rule.js";

/** The weights wanted, and those that the change starts from, are a split. */
export const weightsSumTo100: Rule = {
  name: "weights-sum-to-100",
  description: "The weights of a service's slots are whole numbers from 0 to 100 that sum to 100.",
  severity: "critical",
  remediation: "Change weights by `mission rollout set`, which makes both of them.",
  check: ({ gated: { service, previous, wanted } }) => [
    ...splitMistakes(wanted.split).map((mistake) => `Service "${service}", weights wanted: ${mistake}`),
    ...(previous === null ? [] : splitMistakes(previous.split)).map((mistake) => `Service "${service}", weights it starts from: ${mistake}`),
  ],
};
