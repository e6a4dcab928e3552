import { DEFAULT_PRIORITY, FARGATE_SIZES, awsServiceSettings, type AwsSettings } from "./aws-settings.js";
import { parseDuration } from "./duration.js";
import type { Diagnostic } from "./diagnostic.js";
import type { EnvironmentSettings } from "./environment-settings.js";
import type { Release } from "./release.js";

/** Milliseconds. */
const LEAST_DEADLINE = 180_000;

/** Mistakes of an environment on AWS that one key alone does not show. */
export function awsMistakes(settings: EnvironmentSettings): Diagnostic[] {
  const { aws, environment, release } = settings;
  if (aws === undefined) return [{ path: "mission:aws", message: 'is missing; the platform "aws" needs at least {region: eu-central-1}.' }];
  const { loadBalancer: balancer, domain, subscribers } = aws;
  const mistakes: Diagnostic[] = [];
  const given = { arn: balancer.arn, securityGroup: balancer.securityGroup, address: balancer.address, listener: balancer.listener };
  const missing = Object.entries(given).flatMap(([key, value]) => (value === undefined ? [key] : []));
  if (missing.length > 0 && missing.length < 4) {
    mistakes.push({ path: "mission:aws.loadBalancer", message: `lacks ${missing.join(", ")}; allowed is all of arn, securityGroup, address and listener, or none of them for a load balancer that is made.` });
  }
  if (balancer.arn !== undefined && aws.network.vpc === undefined) mistakes.push({ path: "mission:aws.network", message: "names no VPC, but the load balancer is one that exists; name the VPC that it is in." });
  if (balancer.arn !== undefined && domain !== undefined) mistakes.push({ path: "mission:aws.domain", message: "is there, but the load balancer is one that exists; its owner gives it certificates and names." });
  if (parseDuration(settings.progressDeadline) < LEAST_DEADLINE) {
    mistakes.push({ path: "mission:progressDeadline", message: `is ${settings.progressDeadline}, but a task takes a minute or two to start and its target group two checks to believe it; allowed on AWS is 3m or more.` });
  }
  const { blue, green } = balancer.testRoutes;
  if (blue === green) mistakes.push({ path: "mission:aws.loadBalancer.testRoutes", message: `gives both slots port ${blue}; allowed are two different ones.` });
  for (const port of [blue, green]) {
    if (port === 80 || port === 443) mistakes.push({ path: "mission:aws.loadBalancer.testRoutes", message: `names port ${port}, which is for users; allowed is any other.` });
  }
  if (environment === "production" && subscribers.length === 0) mistakes.push({ path: "mission:aws.subscribers", message: "is empty; in production somebody must get the alarms." });
  return release === undefined ? mistakes : [...mistakes, ...releaseMistakes(settings, aws, release)];
}

function releaseMistakes({ instances }: EnvironmentSettings, aws: AwsSettings, release: Release): Diagnostic[] {
  const mistakes: Diagnostic[] = [];
  for (const name of Object.keys(aws.services)) {
    if (release.services[name] === undefined) mistakes.push({ path: `mission:aws.services.${name}`, message: `is no service of ${release.application} ${release.version}; allowed is ${Object.keys(release.services).join(" or ")}.` });
  }
  const priorities = new Map<number, string>();
  for (const [name, { image, readiness, liveness, database, secrets }] of Object.entries(release.services)) {
    const path = `mission:release.services.${name}`;
    if (image === undefined) mistakes.push({ path, message: "has a folder of files as its artifact, but AWS runs images; name `image` for the service in mission.yaml." });
    if (!("http" in readiness)) mistakes.push({ path, message: "has a readiness probe that is not HTTP, but a load balancer asks by HTTP only; write readiness: {http: /path} in mission.yaml." });
    if (liveness !== null && !("command" in liveness) && !("http" in liveness)) mistakes.push({ path, message: "has a TCP liveness probe, which ECS has not; write an HTTP or a command probe in mission.yaml, or leave it out." });
    if (database) mistakes.push({ path, message: "wants the environment's database, which is the sandbox's; on AWS name the address of yours as a secret instead of `database: true`." });
    for (const secret of secrets) if (secret.length > 255) mistakes.push({ path, message: `has a secret with a name of ${secret.length} characters; allowed are 255.` });
    mistakes.push(...sizeMistakes(name, aws));
    const { priority, autoscaling } = awsServiceSettings(aws, name);
    if (autoscaling !== null && autoscaling.max < instances) mistakes.push({ path: `mission:aws.services.${name}.autoscaling.max`, message: `is ${autoscaling.max}, fewer than the ${instances} of mission:instances; allowed is that many or more.` });
    if (priority === undefined) {
      if (Object.keys(release.services).length > 1) mistakes.push({ path: `mission:aws.services.${name}.priority`, message: `is missing; where there are several services each needs one (as the only one "${name}" had ${DEFAULT_PRIORITY}).` });
      continue;
    }
    const other = priorities.get(priority);
    if (other !== undefined) mistakes.push({ path: `mission:aws.services.${name}.priority`, message: `is ${priority}, as that of "${other}"; allowed is one that no other service has.` });
    priorities.set(priority, name);
  }
  return mistakes;
}

function sizeMistakes(name: string, aws: AwsSettings): Diagnostic[] {
  const { cpu, memory, capacityProviders } = awsServiceSettings(aws, name);
  if (capacityProviders.some((provider) => !provider.startsWith("FARGATE"))) return [];
  const sizes = FARGATE_SIZES[cpu];
  if (sizes === undefined) return [{ path: `mission:aws.services.${name}.cpu`, message: `is ${cpu}; Fargate has ${Object.keys(FARGATE_SIZES).join(", ")}.` }];
  const { from, to, step } = sizes;
  if (memory >= from && memory <= to && (memory - from) % step === 0) return [];
  return [{ path: `mission:aws.services.${name}.memory`, message: `is ${memory}; with ${cpu} processor units Fargate has ${from} to ${to} MiB in steps of ${step}.` }];
}

/** Whether a secret lies in AWS already, so that the stack's configuration need not hold its value. */
export function liesInAws(settings: EnvironmentSettings, secret: string): boolean {
  return settings.platform === "aws" && settings.aws?.secrets[secret] !== undefined;
}
