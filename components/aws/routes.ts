import { awsServiceSettings, DEFAULT_PRIORITY, type AwsSettings } from "../../model/aws-settings.js";

/** The place of a service's rule among those of its listener. Never derived from other services: one more must not move the rules of those that serve. */
export function priorityOf(settings: AwsSettings, service: string): number {
  return awsServiceSettings(settings, service).priority ?? DEFAULT_PRIORITY;
}

export function conditions(paths: readonly string[]) {
  return [{ pathPattern: { values: [...paths] } }];
}
