import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { PackContext } from "../pack-context.js";
import { accessLogs } from "./access-logs.js";
import { alarmsHaveActions } from "./alarms-have-actions.js";
import { allowedRegistries } from "./allowed-registries.js";
import { deletionProtection } from "./deletion-protection.js";
import { noPublicTasks } from "./no-public-tasks.js";
import { noWildcardIam } from "./no-wildcard-iam.js";
import { testRoutesClosed } from "./test-routes-closed.js";
import { tls } from "./tls.js";

/** Policies on resources of AWS. Stacks without any pay nothing for them: the type is looked at first. */
export function awsPolicies(open: () => Pick<PackContext, "config">): ResourceValidationPolicy[] {
  return [allowedRegistries(open), tls(open), testRoutesClosed(), noPublicTasks(), noWildcardIam(), alarmsHaveActions(), accessLogs(), deletionProtection(open)];
}
