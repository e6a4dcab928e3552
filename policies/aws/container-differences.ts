import { digestOfValue } from "../../model/digest.js";
import { imageReference } from "../../model/image.js";
import type { Slot } from "../../model/slot.js";
import { slotSpecSchema, type SlotSpec } from "../../model/slot-spec.js";
import type { GatedInputs } from "../gated-inputs.js";
import { differently, holdsInstead, type Difference } from "./differences.js";
import { at, UNKNOWN } from "./known.js";
import { SPEC_LABEL } from "./leaf.js";

const FIELD = "containerDefinitions";

/** Variables that the program itself gives to each container, beside those of the SlotSpec. */
const OWN = ["PORT", "HOST", "MISSION_ENVIRONMENT", "MISSION_RELEASE", "MISSION_SERVICE", "MISSION_SLOT"];

/**
 * The only container of a task is made of the SlotSpec that is wanted: label, image, command, variables and the names of secrets. It is JSON in one text, which is
 * unknown as a whole in a preview while the ARN of a secret is. Sentences never show the value of a variable.
 */
export function containerDifferences(text: unknown, slot: Slot, gated: GatedInputs): Difference[] {
  if (text === UNKNOWN) return [];
  const containers = parsed(text);
  if (!Array.isArray(containers) || containers.length !== 1) return differently(FIELD, `it has ${Array.isArray(containers) ? `${containers.length} containers` : "container definitions that are no JSON list"}; allowed is exactly one container.`);
  const container: unknown = containers[0];
  const label = parsed(at(container, "dockerLabels", SPEC_LABEL));
  const spec = slotSpecSchema.safeParse(label);
  if (!spec.success) return differently(FIELD, `its container has no label "${SPEC_LABEL}" that is a SlotSpec.`);
  return [...holdsInstead(FIELD, digestOfValue(label), slot, gated), ...(["image", "command", "variables", "secrets"] as const).flatMap((part) => PARTS[part](container, spec.data, slot, gated))];
}

const PARTS: Readonly<Record<"image" | "command" | "variables" | "secrets", (container: unknown, spec: SlotSpec, slot: Slot, gated: GatedInputs) => Difference[]>> = {
  image(container, spec) {
    const [is, wanted] = [at(container, "image"), imageReference(spec.image ?? "", spec.digest)];
    return is === wanted ? [] : differently(FIELD, `its image is ${JSON.stringify(is)}, ${JSON.stringify(wanted)} is wanted.`);
  },
  command(container, { command }) {
    const runs = at(container, "command") ?? [];
    return [
      ...(digestOfValue(runs) === digestOfValue(command) ? [] : differently(FIELD, "its container runs another command than the SlotSpec's.")),
      ...(isEmpty(at(container, "entryPoint")) ? [] : differently(FIELD, "its container has an entry point of its own; allowed is the image's.")),
    ];
  },
  variables(container, spec, slot, { environment }) {
    const fixed: Readonly<Record<string, string>> = { MISSION_ENVIRONMENT: environment, MISSION_RELEASE: spec.version, MISSION_SERVICE: spec.service, MISSION_SLOT: slot };
    const wanted: Readonly<Record<string, string>> = { ...spec.variables, ...fixed };
    const entries = pairs(at(container, "environment"), "value");
    const given = new Map(entries);
    const names = entries.map(([name]) => name);
    return [
      ...Object.entries(wanted).flatMap(([name, value]) => (OWN.includes(name) && !(name in fixed) ? [] : given.get(name) === value ? [] : differently(FIELD, `its container's variable "${name}" is not the one that is wanted.`))),
      ...names.filter((name) => !(name in wanted) && !OWN.includes(name)).flatMap((name) => differently(FIELD, `its container has a variable "${name}", which the SlotSpec does not name.`)),
      ...names.filter((name, index) => names.indexOf(name) !== index).flatMap((name) => differently(FIELD, `its container's variable "${name}" is given twice.`)),
      ...(isEmpty(at(container, "environmentFiles")) ? [] : differently(FIELD, "its container reads variables from files; allowed are those of the SlotSpec.")),
    ];
  },
  secrets(container, { secrets }) {
    const given = pairs(at(container, "secrets"), "valueFrom").map(([name]) => name);
    const wanted = secrets.map(({ name }) => name);
    return digestOfValue(given.toSorted()) === digestOfValue(wanted.toSorted()) ? [] : differently(FIELD, "its container's secrets are not those that the SlotSpec names.");
  },
};

function pairs(list: unknown, value: string): [string, unknown][] {
  return Array.isArray(list) ? list.map((entry: unknown) => [String(at(entry, "name")), at(entry, value)]) : [];
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function parsed(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
