import type { Rule } from "../rule.js";
import { alarmsPresent } from "./alarms-present.js";
import { artifactsByDigest } from "./artifacts-by-digest.js";
import { environmentAgrees } from "./environment-agrees.js";
import { healthCheckPresent } from "./health-check-present.js";
import { instances } from "./instances.js";
import { notificationTargetPresent } from "./notification-target-present.js";
import { secretsByReference } from "./secrets-by-reference.js";
import { specsAgree } from "./specs-agree.js";
import { transitionAgrees } from "./transition-agrees.js";
import { usedSlotUnchanged } from "./used-slot-unchanged.js";
import { weightsSumTo100 } from "./weights-sum-to-100.js";

/** What holds for every service at any time, in any transition. */
export const INVARIANTS: readonly Rule[] = [
  environmentAgrees,
  weightsSumTo100,
  transitionAgrees,
  usedSlotUnchanged,
  specsAgree,
  artifactsByDigest,
  secretsByReference,
  healthCheckPresent,
  alarmsPresent,
  notificationTargetPresent,
  instances,
];
