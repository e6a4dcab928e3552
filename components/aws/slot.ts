import * as appautoscaling from "@pulumi/aws/appautoscaling/index.js";
import * as cloudwatch from "@pulumi/aws/cloudwatch/index.js";
import * as ecs from "@pulumi/aws/ecs/index.js";
import * as lb from "@pulumi/aws/lb/index.js";
import * as pulumi from "@pulumi/pulumi";
import { logGroupName, slotName, targetGroupName } from "../../aws/names.js";
import { TAG } from "../../aws/tags.js";
import { awsServiceSettings } from "../../model/aws-settings.js";
import { parseDuration } from "../../model/duration.js";
import type { Probe } from "../../model/probe.js";
import { specDigest } from "../../model/slot-spec.js";
import type { PlatformSlotArgs } from "../platform.js";
import { CONTAINER, containerDefinitions, seconds } from "./container.js";
import { keep } from "./keep.js";
import { roles } from "./roles.js";
import { conditions, priorityOf } from "./routes.js";
import type { Shared } from "./shared.js";
import { slotSecrets } from "./slot-secrets.js";

/** What a slot is made of that others refer to. */
export interface SlotResources {
  readonly targetGroup: lb.TargetGroup;
  /** The last of what is made: what traffic must wait for. */
  readonly last: pulumi.Resource;
}

/** One slot of a service: always a target group and its test route; once it holds something, its task definition, its ECS service and what these need. */
export function awsSlot(name: string, args: PlatformSlotArgs, shared: Shared, given: pulumi.CustomResourceOptions): SlotResources {
  const { stack, settings, environment } = shared;
  const { service, slot, spec, instances, kept } = args;
  const own = awsServiceSettings(settings, service);
  const identity = { [TAG.service]: service, [TAG.slot]: slot };
  const opts = keep(given, kept);
  const targetGroup = new lb.TargetGroup(
    name,
    {
      name: targetGroupName(stack, service, slot),
      // Each task registers its own port; the group's is only a default.
      port: 80,
      protocol: "HTTP",
      targetType: "ip",
      vpcId: shared.network.vpc,
      deregistrationDelay: Math.min(3600, Math.ceil(shared.drainMs / 1000)),
      ...(spec === null ? {} : { healthCheck: healthCheck(spec.readiness) }),
      tags: identity,
    },
    opts,
  );
  const route = new lb.ListenerRule(
    `${name}-test`,
    {
      listenerArn: shared.balancer.tests[slot],
      priority: priorityOf(settings, service),
      conditions: conditions(own.paths),
      actions: [{ type: "forward", targetGroupArn: targetGroup.arn }],
      tags: { ...identity, [TAG.route]: slot },
    },
    opts,
  );
  if (spec === null) return { targetGroup, last: route };

  const tags = { ...identity, release: spec.version, "mission:spec": specDigest(spec), ...(shared.mission === null ? {} : { mission: shared.mission }) };
  const logs = new cloudwatch.LogGroup(`${name}-logs`, { name: logGroupName(stack, service, slot), retentionInDays: settings.logRetention, tags: identity }, opts);
  const secrets = slotSecrets(name, stack, args, settings, identity, opts);
  const { execution, task, resources: policies } = roles(
    name,
    { stack, service, slot, spec, logGroup: logs.arn, secrets: secrets.readable, taskPolicies: own.taskPolicies, permissionsBoundary: settings.permissionsBoundary, tags: identity },
    opts,
  );
  const family = slotName(stack, service, slot);
  const fargate = own.capacityProviders.every((provider) => provider.startsWith("FARGATE"));
  const definition = new ecs.TaskDefinition(
    name,
    {
      family,
      cpu: String(own.cpu),
      memory: String(own.memory),
      networkMode: "awsvpc",
      requiresCompatibilities: [fargate ? "FARGATE" : "EC2"],
      executionRoleArn: execution.arn,
      taskRoleArn: task.arn,
      containerDefinitions: secrets.references.apply((references) =>
        containerDefinitions({ spec, slot, environment, port: own.port, secrets: references, region: settings.region, logGroup: logGroupName(stack, service, slot), drainMs: shared.drainMs }),
      ),
      // ECS goes back to the revision before when a deployment fails; it must still be there.
      skipDestroy: true,
      tags,
    },
    // Each release replaces it, which the engine refuses for what is protected; and no revision is ever destroyed.
    { ...opts, protect: false, dependsOn: [...policies, ...secrets.resources, logs] },
  );
  const running = new ecs.Service(
    name,
    {
      name: family,
      cluster: shared.cluster.arn,
      taskDefinition: definition.arn,
      desiredCount: instances,
      ...(own.capacityProviders.length > 0 ? { capacityProviderStrategies: own.capacityProviders.map((capacityProvider) => ({ capacityProvider, weight: 1 })) } : { launchType: "FARGATE" }),
      networkConfiguration: { subnets: shared.network.privateSubnets, securityGroups: [shared.tasks], assignPublicIp: false },
      loadBalancers: [{ targetGroupArn: targetGroup.arn, containerName: CONTAINER, containerPort: own.port }],
      deploymentCircuitBreaker: { enable: true, rollback: true },
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      healthCheckGracePeriodSeconds: 60,
      enableEcsManagedTags: true,
      propagateTags: "TASK_DEFINITION",
      waitForSteadyState: shared.waits,
      tags,
    },
    // A target group takes tasks only once a rule leads to it.
    { ...opts, dependsOn: [...(Array.isArray(given.dependsOn) ? (given.dependsOn as pulumi.Resource[]) : []), route, ...policies], customTimeouts: { create: shared.deadline, update: shared.deadline } },
  );
  if (own.autoscaling === null) return { targetGroup, last: running };
  const target = new appautoscaling.Target(
    `${name}-scaling`,
    {
      serviceNamespace: "ecs",
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: pulumi.interpolate`service/${shared.cluster.name}/${running.name}`,
      minCapacity: instances,
      maxCapacity: instances === 0 ? 0 : Math.max(instances, own.autoscaling.max),
      tags: identity,
    },
    opts,
  );
  const scaling = new appautoscaling.Policy(
    `${name}-scaling`,
    {
      name: `${family}-cpu`,
      policyType: "TargetTrackingScaling",
      serviceNamespace: target.serviceNamespace,
      scalableDimension: target.scalableDimension,
      resourceId: target.resourceId,
      targetTrackingScalingPolicyConfiguration: { targetValue: own.autoscaling.cpu, predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageCPUUtilization" } },
    },
    opts,
  );
  return { targetGroup, last: scaling };
}

/** The target group asks as the readiness probe says, as far as Elastic Load Balancing can: in whole seconds, 5 to 300 apart, 2 to 120 long, 2 to 10 in a row. */
function healthCheck(readiness: Probe) {
  const interval = seconds(readiness.interval, 5, 300);
  return {
    path: "http" in readiness ? readiness.http : "/",
    protocol: "HTTP",
    port: "traffic-port",
    matcher: "200-399",
    interval,
    timeout: Math.min(interval - 1, seconds(readiness.timeout, 2, 120)),
    healthyThreshold: Math.min(10, Math.max(2, readiness.successes)),
    unhealthyThreshold: Math.min(10, Math.max(2, readiness.failures)),
  };
}

/** Milliseconds as the engine writes durations. */
export function deadlineOf(duration: string): string {
  return `${Math.ceil(parseDuration(duration) / 1000)}s`;
}
