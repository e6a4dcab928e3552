/** A gate that is not judged when a plan is made. */
interface LaterGate {
  readonly gate: string;
  readonly summary: string;
  readonly by: string;
  /** Null: only ever judged with the plan. */
  readonly when: string | null;
  /** Whether a hotfix leaves it out. */
  readonly waivable?: boolean;
  /** Whether it is asked only with --pause, or where the policy pack demands it; `when` is then said by who asks. */
  readonly approval?: boolean;
}

const MISSION = "the mission";

/** Every gate of a mission besides those of the plan, in the order in which they are judged. */
export const GATES: readonly LaterGate[] = [
  { gate: "window-open", summary: "The window of production.", by: MISSION, when: null, waivable: true },
  { gate: "policies-judged", summary: "The policy pack judges what the engine would do, and refuses nothing.", by: "the policy pack", when: "with the engine's preview, and at every up of the mission" },
  { gate: "tests-passed", summary: "No test failed, and more than none ran, on this commit.", by: MISSION, when: "in phase validate, before anything is deployed" },
  { gate: "artifact-built", summary: "What is deployed is what was built.", by: MISSION, when: "in phase validate" },
  { gate: "configuration-complete", summary: "Every variable and secret is there, and none is a placeholder.", by: MISSION, when: "in phase validate" },
  { gate: "migrations-validated", summary: "Migrations were applied, rolled back and applied again on a scratch database.", by: MISSION, when: "in phase validate" },
  { gate: "checklist-complete", summary: "Every item is passed, or waived by name with a reason.", by: "the mission, and whoever confirms its items", when: "in phase validate" },
  { gate: "staging-verified", summary: "The same artifacts passed every check in staging.", by: MISSION, when: "at the end of phase staging", waivable: true },
  { gate: "rollback-ready", summary: "Going back was drilled in staging in less than 5 minutes (from the second release on), and what production returns to is alive.", by: MISSION, when: "in phase staging, and before each raise" },
  { gate: "candidate-as-good-as-baseline", summary: "Errors and response times of the candidate are within the limits.", by: MISSION, when: "at the end of the bake of each step" },
  { gate: "weight-applied", summary: "Answers come from the candidate as often as its weight says.", by: MISSION, when: "during each bake" },
  { gate: "engine-in-line", summary: "The engine has nothing left to do, the policy pack objects to nothing, and no secret stands in the engine's state in plain text.", by: MISSION, when: "after the last up of each environment" },
  { gate: "approved", summary: "A person who may approve agrees to the plan.", by: "a person", when: "", approval: true },
];
