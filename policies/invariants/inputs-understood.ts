import type { ResourceValidationPolicy } from "@pulumi/policy";
import { resourcePolicy } from "../resource-policy.js";
import { ofType } from "../of-type.js";
import { readInputs, SERVICE_TYPE } from "../read-inputs.js";

/** Every other rule on services rests on this one: what is unknown or not understood cannot be judged. */
export function inputsUnderstood(): ResourceValidationPolicy {
  const policy = resourcePolicy(
    {
      name: "inputs-understood",
      description: "All inputs of a service are plain values that this pack understands, already in a preview.",
      severity: "critical",
      remediation: "Declare services by the BlueGreenService component of the same version as the pack, with inputs that come from no other resource.",
    },
    ({ name, props }) => {
      const read = readInputs(props);
      return read.ok ? [] : read.mistakes.map((mistake) => `Service "${name}": input ${mistake}`);
    },
  );
  return { ...policy, validateResource: ofType(SERVICE_TYPE, policy.validateResource as Exclude<typeof policy.validateResource, undefined | unknown[]>) };
}
