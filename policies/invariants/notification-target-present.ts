import type { Rule } from "../rule.js";

/** An alarm that tells nobody is none. */
export const notificationTargetPresent: Rule = {
  name: "notification-target-present",
  description: "Somebody is told when an alarm goes off: there is at least one notification target.",
  severity: "high",
  remediation: "Name a file or a webhook under `mission:notifications` in the stack's file.",
  check: ({ gated: { service, targets } }) => (targets.length > 0 ? [] : [`Service "${service}": its alarms tell nobody; allowed is at least one notification target.`]),
};
