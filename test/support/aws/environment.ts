import { PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { CreateClusterCommand, CreateServiceCommand, RegisterTaskDefinitionCommand, UpdateServiceCommand, type ContainerDefinition } from "@aws-sdk/client-ecs";
import { CreateRuleCommand, CreateTargetGroupCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { CreateTopicCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { awsClients, type AwsClients } from "../../../aws/clients.js";
import { alarmName, slotName, targetGroupName, topicName } from "../../../aws/names.js";
import { NONE, TAG } from "../../../aws/tags.js";
import { CONTAINER, containerDefinitions } from "../../../components/aws/container.js";
import { awsSettingsSchema, type AwsSettings } from "../../../model/aws-settings.js";
import type { PerSlot, Slot } from "../../../model/slot.js";
import { ALARM_METRICS } from "../../../runner/platforms/aws-alarms.js";
import { imageDigest, REPOSITORY } from "../aws-app.js";
import { specOf } from "../specs.js";
import { existingGround } from "./account.js";
import { DataPlane } from "./data-plane.js";
import { Front } from "./front.js";

const REGION = "eu-central-1";
const SERVICE = "web";

/**
 * An environment as docs/decisions/0012-aws.md describes it, made by AWS's own interfaces without the engine: service "web" with 1.0.0 live in blue, 1.1.0 dark in green, two
 * instances each; alarms whose first tells a topic that a queue is subscribed to, while the others tell another one.
 */
export class AwsEnvironment {
  private readonly told: string[] = [];

  private constructor(
    readonly stack: string,
    readonly front: Front,
    readonly plane: DataPlane,
    /** As a stack's file would have them. */
    readonly settings: AwsSettings,
    /** For what a test does to AWS by itself; by way of the front. */
    readonly clients: AwsClients,
    private readonly queues: SQSClient,
    private readonly queue: string,
    /** ARN of the rule that users come by. */
    readonly rule: string,
    readonly targetGroups: PerSlot<string>,
    readonly vpc: string,
  ) {}

  /** @param emulator address of moto; several environments may share one if their stacks differ */
  static async start(emulator: string, stack: string): Promise<AwsEnvironment> {
    const front = await Front.start(emulator);
    const plane = await DataPlane.start(stack, front, emulator);
    const settings = awsSettingsSchema.parse({ region: REGION, emulator: { endpoint: front.endpoint, period: "1s", ...plane.addresses } });
    const clients = awsClients(settings);
    const queues = new SQSClient({ region: REGION, endpoint: emulator, credentials: { accessKeyId: "emulator", secretAccessKey: "emulator" } });
    const { network, loadBalancer } = await existingGround(emulator, stack);
    const vpc = String(network["vpc"]);
    const group = async (slot: Slot) => {
      const tags = [{ Key: TAG.stack, Value: stack }, { Key: TAG.service, Value: SERVICE }, { Key: TAG.slot, Value: slot }];
      const made = await clients.balancing.send(new CreateTargetGroupCommand({ Name: targetGroupName(stack, SERVICE, slot), Protocol: "HTTP", Port: 80, TargetType: "ip", VpcId: vpc, Tags: tags }));
      return made.TargetGroups?.[0]?.TargetGroupArn ?? "";
    };
    const targetGroups = { blue: await group("blue"), green: await group("green") };
    const { Rules } = await clients.balancing.send(
      new CreateRuleCommand({
        ListenerArn: loadBalancer["listener"],
        Priority: 100,
        Conditions: [{ Field: "path-pattern", Values: ["/*"] }],
        Actions: [{ Type: "forward", ForwardConfig: { TargetGroups: [{ TargetGroupArn: targetGroups.blue, Weight: 100 }, { TargetGroupArn: targetGroups.green, Weight: 0 }] } }],
        Tags: Object.entries({ [TAG.stack]: stack, [TAG.service]: SERVICE, [TAG.route]: "users", [TAG.live]: "blue", [TAG.returnTo]: NONE, [TAG.generation]: "1" }).map(([Key, Value]) => ({ Key, Value })),
      }),
    );
    await clients.ecs.send(new CreateClusterCommand({ clusterName: stack }));
    const [topic, elsewhere] = await Promise.all([topicName(stack), `${stack}-elsewhere`].map(async (Name) => (await clients.topics.send(new CreateTopicCommand({ Name }))).TopicArn ?? ""));
    const { QueueUrl: queue = "" } = await queues.send(new CreateQueueCommand({ QueueName: stack }));
    const { Attributes } = await queues.send(new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ["QueueArn"] }));
    await clients.topics.send(new SubscribeCommand({ TopicArn: topic, Protocol: "sqs", Endpoint: Attributes?.["QueueArn"] }));
    const environment = new AwsEnvironment(stack, front, plane, settings, clients, queues, queue, Rules?.[0]?.RuleArn ?? "", targetGroups, vpc);
    for (const [slot, version] of [["blue", "1.0.0"], ["green", "1.1.0"]] as const) {
      await environment.deploy(slot, version);
      for (const metric of ALARM_METRICS) await environment.alarm(slot, metric, slot === "blue" && metric === "availability" ? topic : elsewhere);
    }
    return environment;
  }

  async remove(): Promise<void> {
    this.queues.destroy();
    await this.plane.close();
    await this.front.close();
  }

  /** A new revision of a slot's task definition, which its ECS service then names. @returns the revision's ARN */
  async deploy(slot: Slot, version: string): Promise<string> {
    const family = slotName(this.stack, SERVICE, slot);
    const spec = specOf(version, { image: REPOSITORY, digest: imageDigest(version), command: [] });
    const [container] = JSON.parse(containerDefinitions({ spec, slot, environment: "production", port: 8080, secrets: {}, region: REGION, logGroup: family, drainMs: 1_000 })) as ContainerDefinition[];
    const { taskDefinition } = await this.clients.ecs.send(
      new RegisterTaskDefinitionCommand({ family, cpu: "256", memory: "512", networkMode: "awsvpc", requiresCompatibilities: ["FARGATE"], containerDefinitions: container === undefined ? [] : [container] }),
    );
    const arn = taskDefinition?.taskDefinitionArn ?? "";
    if (taskDefinition?.revision !== 1) await this.run(slot, arn);
    else {
      const loadBalancers = [{ targetGroupArn: this.targetGroups[slot], containerName: CONTAINER, containerPort: 8080 }];
      await this.clients.ecs.send(new CreateServiceCommand({ cluster: this.stack, serviceName: family, taskDefinition: arn, desiredCount: spec.size, loadBalancers }));
    }
    return arn;
  }

  /** Lets a slot's ECS service name another revision, as ECS itself does when it gives a deployment up. */
  async run(slot: Slot, taskDefinition: string): Promise<void> {
    await this.clients.ecs.send(new UpdateServiceCommand({ cluster: this.stack, service: slotName(this.stack, SERVICE, slot), taskDefinition }));
  }

  /** How many messages with an id have reached the queue. */
  async received(id: string): Promise<number> {
    for (;;) {
      const { Messages = [] } = await this.queues.send(new ReceiveMessageCommand({ QueueUrl: this.queue, MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) break;
      this.told.push(...Messages.map(({ Body = "{}" }) => String((JSON.parse(Body) as { Message?: string }).Message)));
    }
    return this.told.filter((message) => (JSON.parse(message) as { test?: string }).test === id).length;
  }

  private async alarm(slot: Slot, metric: string, topic: string | undefined): Promise<void> {
    await this.clients.watch.send(
      new PutMetricAlarmCommand({
        AlarmName: alarmName(this.stack, SERVICE, slot, metric),
        Namespace: "AWS/ApplicationELB",
        MetricName: "TargetResponseTime",
        ExtendedStatistic: "p95",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "missing",
        AlarmActions: topic === undefined ? [] : [topic],
      }),
    );
  }
}
