import * as ec2 from "@pulumi/aws/ec2/index.js";
import * as ecs from "@pulumi/aws/ecs/index.js";
import * as sns from "@pulumi/aws/sns/index.js";
import * as pulumi from "@pulumi/pulumi";
import { topicName } from "../../aws/names.js";
import { serviceEndpoints } from "../../aws/endpoints.js";
import { awsServiceSettings, type AwsSettings } from "../../model/aws-settings.js";
import { parseDuration } from "../../model/duration.js";
import type { EnvironmentSettings } from "../../model/environment-settings.js";
import { balancer, type Balancer } from "./balancer.js";
import { domainRecord } from "./domain.js";
import { network, type Network } from "./network.js";

/** What all services of an environment use. */
export interface Shared {
  readonly stack: string;
  readonly settings: AwsSettings;
  readonly environment: EnvironmentSettings["environment"];
  /** The mission that changes it now; null by hand. */
  readonly mission: string | null;
  readonly drainMs: number;
  /** How long a slot may take until its tasks run and are healthy, as the engine writes durations. */
  readonly deadline: string;
  /** Whether the engine waits for that. */
  readonly waits: boolean;
  readonly network: Network;
  readonly cluster: { readonly arn: pulumi.Input<string>; readonly name: pulumi.Input<string> };
  /** Security group of the tasks. */
  readonly tasks: pulumi.Input<string>;
  readonly balancer: Balancer;
  readonly topic: pulumi.Output<string>;
  endpoints(service: string): pulumi.Output<{ production: string; blue: string; green: string }>;
  readonly resources: readonly pulumi.Resource[];
}

/** Network, cluster, load balancer and topic: those that are named, and new ones for the rest. */
export function shared(name: string, stack: string, environment: EnvironmentSettings, settings: AwsSettings, opts: pulumi.CustomResourceOptions): Shared {
  const services = Object.keys(environment.release?.services ?? {}).sort();
  const where = network(name, settings, opts);
  const cluster = clusterOf(name, stack, settings, opts);
  const front = balancer(name, stack, settings, where, services, opts);
  const tasks = new ec2.SecurityGroup(`${name}-tasks`, { vpcId: where.vpc, description: "Tasks: the load balancer in, everything out", tags: { Name: `${name}-tasks` } }, opts);
  const rules: pulumi.Resource[] = [
    new ec2.SecurityGroupRule(`${name}-tasks-out`, { type: "egress", securityGroupId: tasks.id, protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"], description: "out" }, opts),
    ...[...new Set(services.map((service) => awsServiceSettings(settings, service).port))].sort((a, b) => a - b).map(
      (port) => new ec2.SecurityGroupRule(`${name}-tasks-${port}`, { type: "ingress", securityGroupId: tasks.id, protocol: "tcp", fromPort: port, toPort: port, sourceSecurityGroupId: front.securityGroup, description: "load balancer" }, opts),
    ),
  ];
  const topic = new sns.Topic(`${name}-alarms`, { name: topicName(stack) }, opts);
  const subscribers = settings.subscribers.map(
    ({ protocol, endpoint }, index) => new sns.TopicSubscription(`${name}-subscriber-${index}`, { topic: topic.arn, protocol, endpoint, ...(protocol === "https" ? { endpointAutoConfirms: true } : {}) }, opts),
  );
  const domain = settings.domain !== undefined && front.zone !== undefined ? [domainRecord(name, settings.domain, { address: front.address, zone: front.zone }, opts)] : [];
  const { progressDeadline, drain, gates } = environment;
  return {
    stack,
    settings,
    environment: environment.environment,
    mission: gates.mission ?? null,
    drainMs: parseDuration(drain),
    deadline: `${Math.ceil(parseDuration(progressDeadline) / 1000)}s`,
    waits: settings.emulator === undefined,
    network: where,
    cluster,
    tasks: tasks.id,
    balancer: front,
    topic: topic.arn,
    endpoints: (service) => pulumi.output(front.address).apply((address) => {
      const { production, slots } = serviceEndpoints(settings, address, service);
      return { production, ...slots };
    }),
    resources: [...where.resources, ...front.resources, ...rules, ...subscribers, ...domain],
  };
}

/** The cluster that is named, or a new one. */
function clusterOf(name: string, stack: string, { cluster: given }: AwsSettings, opts: pulumi.CustomResourceOptions): Shared["cluster"] {
  if (given !== undefined) return { arn: given, name: given.split("/").pop() ?? "" };
  const made = new ecs.Cluster(`${name}-cluster`, { name: stack, settings: [{ name: "containerInsights", value: "enabled" }] }, opts);
  return { arn: made.arn, name: made.name };
}
