import * as ec2 from "@pulumi/aws/ec2/index.js";
import * as lb from "@pulumi/aws/lb/index.js";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsSettings } from "../../model/aws-settings.js";
import { awsServiceSettings } from "../../model/aws-settings.js";
import { parseDuration } from "../../model/duration.js";
import { SLOTS, type PerSlot } from "../../model/slot.js";
import { loadBalancerName } from "../../aws/names.js";
import { accessLogs } from "./access-logs.js";
import { certificateFor } from "./domain.js";
import type { Network } from "./network.js";

/** How users and missions reach the services. */
export interface Balancer {
  /** `app/name/id`: how CloudWatch calls it. */
  readonly dimension: pulumi.Output<string> | string;
  readonly address: pulumi.Input<string>;
  /** Hosted zone of the load balancer's own name; undefined for one that exists. */
  readonly zone: pulumi.Output<string> | undefined;
  readonly securityGroup: pulumi.Input<string>;
  readonly users: pulumi.Input<string>;
  readonly tests: PerSlot<pulumi.Input<string>>;
  /** Whether users come by https. */
  readonly tls: boolean;
  readonly resources: readonly pulumi.Resource[];
}

/** Answers whoever asks for what no rule knows. */
const NOTHING_HERE = [{ type: "fixed-response", fixedResponse: { contentType: "text/plain", messageBody: "Nothing here.", statusCode: "404" } }];

/** The load balancer that is named, or a new one, with its listeners: one for users, and one for each slot's test route. */
export function balancer(name: string, stack: string, settings: AwsSettings, { vpc, publicSubnets }: Network, services: readonly string[], opts: pulumi.CustomResourceOptions): Balancer {
  const { loadBalancer: given, domain } = settings;
  const tests = (arn: pulumi.Input<string>) => {
    const listener = (slot: "blue" | "green") => new lb.Listener(`${name}-test-${slot}`, { loadBalancerArn: arn, port: given.testRoutes[slot], protocol: "HTTP", defaultActions: NOTHING_HERE }, opts);
    return { blue: listener("blue"), green: listener("green") };
  };
  if (given.arn !== undefined && given.securityGroup !== undefined && given.address !== undefined && given.listener !== undefined) {
    const { arn, securityGroup, address, listener } = given;
    const made = tests(arn);
    const doors = SLOTS.flatMap((slot) => testDoors(name, slot, securityGroup, given.testRoutes, opts));
    return {
      dimension: arn.replace(/^.*:loadbalancer\//, ""),
      address,
      zone: undefined,
      securityGroup,
      users: listener,
      tests: { blue: made.blue.arn, green: made.green.arn },
      tls: true,
      resources: [made.blue, made.green, ...doors],
    };
  }
  const group = new ec2.SecurityGroup(`${name}-balancer`, { vpcId: vpc, description: "Load balancer: users in, tasks out", tags: { Name: `${name}-balancer` } }, opts);
  const doors: pulumi.Resource[] = [];
  for (const port of domain === undefined ? [80] : [80, 443]) {
    doors.push(new ec2.SecurityGroupRule(`${name}-users-${port}`, { type: "ingress", securityGroupId: group.id, protocol: "tcp", fromPort: port, toPort: port, cidrBlocks: ["0.0.0.0/0"], description: "users" }, opts));
  }
  for (const slot of SLOTS) doors.push(...testDoors(name, slot, group.id, given.testRoutes, opts));
  const ports = [...new Set(services.map((service) => awsServiceSettings(settings, service).port))].sort((a, b) => a - b);
  for (const port of ports) {
    doors.push(new ec2.SecurityGroupRule(`${name}-to-tasks-${port}`, { type: "egress", securityGroupId: group.id, protocol: "tcp", fromPort: port, toPort: port, cidrBlocks: ["0.0.0.0/0"], description: "tasks" }, opts));
  }
  const logs = accessLogs(name, settings, opts);
  const made = new lb.LoadBalancer(
    `${name}-balancer`,
    {
      name: loadBalancerName(stack),
      loadBalancerType: "application",
      internal: false,
      securityGroups: [group.id],
      subnets: publicSubnets,
      idleTimeout: Math.round(parseDuration(given.idleTimeout) / 1000),
      dropInvalidHeaderFields: true,
      enableDeletionProtection: opts.protect === true,
      accessLogs: { bucket: logs.bucket, enabled: true },
    },
    { ...opts, dependsOn: [logs.policy] },
  );
  const routes = tests(made.arn);
  const listeners: pulumi.Resource[] = [routes.blue, routes.green];
  let users: lb.Listener;
  if (domain === undefined) {
    users = new lb.Listener(`${name}-users`, { loadBalancerArn: made.arn, port: 80, protocol: "HTTP", defaultActions: NOTHING_HERE }, opts);
  } else {
    const certificate = certificateFor(name, domain, opts);
    users = new lb.Listener(`${name}-users`, { loadBalancerArn: made.arn, port: 443, protocol: "HTTPS", sslPolicy: given.tlsPolicy, certificateArn: certificate, defaultActions: NOTHING_HERE }, opts);
    const redirect = [{ type: "redirect", redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" } }];
    listeners.push(new lb.Listener(`${name}-to-tls`, { loadBalancerArn: made.arn, port: 80, protocol: "HTTP", defaultActions: redirect }, opts));
  }
  return {
    dimension: made.arnSuffix,
    address: made.dnsName,
    zone: made.zoneId,
    securityGroup: group.id,
    users: users.arn,
    tests: { blue: routes.blue.arn, green: routes.green.arn },
    tls: domain !== undefined,
    resources: [...listeners, users, ...doors],
  };
}

/** Lets the named ranges to the test route of a slot, and nobody else. */
function testDoors(name: string, slot: "blue" | "green", securityGroupId: pulumi.Input<string>, { from, ...ports }: AwsSettings["loadBalancer"]["testRoutes"], opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
  if (from.length === 0) return [];
  return [new ec2.SecurityGroupRule(`${name}-test-${slot}`, { type: "ingress", securityGroupId, protocol: "tcp", fromPort: ports[slot], toPort: ports[slot], cidrBlocks: from, description: `test route of ${slot}` }, opts)];
}
