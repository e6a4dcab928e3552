import type { ResourceValidationPolicy } from "@pulumi/policy";
import { COMPOSITE_ALARM, METRIC_ALARM } from "../leaf-types.js";
import { known, listOf, UNKNOWN, type Known } from "./known.js";
import { typedPolicy } from "./typed-policy.js";

/** An alarm that tells nobody is none, and neither is one to which silence is good news. */
export function alarmsHaveActions(): ResourceValidationPolicy {
  return typedPolicy(
    {
      name: "aws-alarms-have-actions",
      description: "Every alarm on AWS tells somebody, and takes missing data for no good sign.",
      severity: "high",
      remediation: "Give it the environment's SNS topic as an alarm action, and leave `treatMissingData` at \"missing\".",
    },
    [METRIC_ALARM, COMPOSITE_ALARM],
    ({ name, type, props }) => mistakes(known(props, ["alarmActions", "actionsEnabled", "treatMissingData"])).map((mistake) => `"${name}" (${type}) ${mistake}`),
  );
}

function mistakes({ alarmActions, actionsEnabled, treatMissingData }: Known): string[] {
  const actions = listOf(alarmActions);
  return [
    ...(actions === UNKNOWN || actions.length > 0 ? [] : ["has no alarm action; allowed is at least one."]),
    ...(actionsEnabled === false ? ["has its actions switched off (actionsEnabled is false); allowed is true."] : []),
    ...(treatMissingData === "notBreaching" ? ['treats missing data as "notBreaching"; allowed are "missing", "breaching" and "ignore".'] : []),
  ];
}
