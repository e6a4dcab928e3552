import { z } from "zod";
import { durationSchema } from "./duration.js";
import { nameSchema, variableNameSchema } from "./names.js";

/*
 * Settings of an environment on AWS: the key `mission:aws`. Patterns and ranges are those of the services' own API models
 * (Elastic Load Balancing v2, ECS, EC2, CloudWatch Logs, Application Auto Scaling).
 */

const arn = (service: string, example: string) => z.string().regex(new RegExp(`^arn:aws[a-z-]*:${service}:`), `allowed is an ARN such as ${example}`);
const id = (prefix: string) => z.string().regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`), `allowed is an id such as ${prefix}-0a1b2c3d4e5f67890`);
const cidr = z.string().regex(/^\d{1,3}(\.\d{1,3}){3}\/([0-9]|[12][0-9]|3[0-2])$/, "allowed is a range such as 10.0.0.0/16");
const roleArn = arn("iam", "arn:aws:iam::123456789012:role/deployer");

const assumeRoleSchema = z.strictObject({
  arn: roleArn.describe("Role in the account of this environment."),
  externalId: z.string().min(2).max(1224).optional().describe("What the role's trust policy demands besides."),
});

const networkSchema = z
  .strictObject({
    vpc: id("vpc").optional().describe("VPC that exists. Default: one is made."),
    publicSubnets: z.array(id("subnet")).min(2).optional().describe("At least two subnets, in two zones, for the load balancer."),
    privateSubnets: z.array(id("subnet")).min(1).optional().describe("Subnets for the tasks, with a way out to the registry."),
    cidr: cidr.default("10.42.0.0/16").describe("Range of the VPC that is made. Default 10.42.0.0/16."),
    zones: z.array(z.string().regex(/^[a-z0-9-]+$/)).length(2).optional().describe("The two zones of the VPC that is made. Default: a and b of the region."),
    natGateways: z.union([z.literal(1), z.literal(2)]).default(1).describe("NAT gateways of the VPC that is made: 1, or 2 (one a zone). Default 1."),
  })
  .superRefine(({ vpc, publicSubnets, privateSubnets }, context) => {
    const given = [vpc, publicSubnets, privateSubnets].filter((each) => each !== undefined).length;
    if (given !== 0 && given !== 3) context.addIssue({ code: "custom", message: "names only some of vpc, publicSubnets and privateSubnets; allowed is all three, or none for a network that is made" });
  });

const testRouteSchema = z.strictObject({
  blue: z.int().min(1).max(65_535).default(8081).describe("Port of blue's test route. Default 8081."),
  green: z.int().min(1).max(65_535).default(8082).describe("Port of green's test route. Default 8082."),
  from: z.array(cidr).default([]).describe("Who may reach the test routes, such as the address of the machine that runs missions: 203.0.113.7/32. Default: nobody but what is in the VPC."),
});

const loadBalancerSchema = z.strictObject({
  arn: arn("elasticloadbalancing", "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shared/50dc6c495c0c9188").optional().describe("Load balancer that exists. Default: one is made."),
  securityGroup: id("sg").optional().describe("Its security group, to which this opens the test routes; with arn."),
  address: z.string().min(1).optional().describe("Its DNS name; with arn."),
  listener: arn("elasticloadbalancing", "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shared/50dc6c495c0c9188/f2f7dc8efc522ab2").optional().describe("Its listener for users, to which this adds one rule a service; with arn."),
  tlsPolicy: z.string().regex(/^ELBSecurityPolicy-/, "allowed is a policy of Elastic Load Balancing such as ELBSecurityPolicy-TLS13-1-2-2021-06").default("ELBSecurityPolicy-TLS13-1-2-2021-06").describe("Which TLS versions and ciphers users may use. Default: TLS 1.2 and 1.3."),
  testRoutes: testRouteSchema.prefault({}).describe("One port per slot, closed to the public, at which that slot answers whatever its weight."),
  idleTimeout: durationSchema("1s", "4000s").default("1m").describe("How long a connection may be silent, 1s to 4000s. Default 1m."),
});

const domainSchema = z.strictObject({
  name: z.string().regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, "allowed is a domain such as shop.example.com").describe("Domain that users call."),
  zone: z.string().regex(/^[A-Z0-9]{1,32}$/, "allowed is the id of a hosted zone such as Z0123456789ABCDEFGHIJ").describe("Hosted zone of Route 53 that the domain lies in."),
  certificate: arn("acm", "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012").optional().describe("Certificate that exists. Default: one is made and validated by DNS."),
});

const autoscalingSchema = z
  .strictObject({
    max: z.int().min(1).max(1000).describe("Most instances of a slot."),
    cpu: z.int().min(10).max(90).default(60).describe("Mean processor use that is aimed at, percent, 10 to 90. Default 60."),
  });

/** What Fargate offers: processor units and the memory in MiB that goes with each (AWS, "Task CPU and memory"). */
export const FARGATE_SIZES: Readonly<Record<number, { readonly from: number; readonly to: number; readonly step: number }>> = {
  256: { from: 512, to: 2048, step: 512 },
  512: { from: 1024, to: 4096, step: 1024 },
  1024: { from: 2048, to: 8192, step: 1024 },
  2048: { from: 4096, to: 16_384, step: 1024 },
  4096: { from: 8192, to: 30_720, step: 1024 },
  8192: { from: 16_384, to: 61_440, step: 4096 },
  16_384: { from: 32_768, to: 122_880, step: 8192 },
};

const serviceSchema = z.strictObject({
  port: z.int().min(1).max(65_535).default(8080).describe("Port that the container listens on; it is told as PORT. Default 8080."),
  cpu: z.int().min(128).max(16_384).default(256).describe("Processor units of a task; 1024 are one processor. Default 256."),
  memory: z.int().min(256).max(122_880).default(512).describe("Memory of a task, MiB. Default 512."),
  paths: z.array(z.string().regex(/^[/*][A-Za-z0-9_\-.$/~"'@:+&()!,;=?*]{0,127}$/, "allowed is a path pattern such as /api/*")).min(1).max(5).default(["/*"]).describe("Paths of the service. Default: all."),
  priority: z.int().min(1).max(50_000).optional().describe("Order of its rule among those of the listener, 1 to 50000, smallest first. Default 100 for an application's only service; several need one each."),
  stickiness: durationSchema("1s", "168h").nullable().default(null).describe("How long a client stays on its slot, 1s to 168h. Default: not at all."),
  autoscaling: autoscalingSchema.nullable().default(null).describe("How far a slot grows by itself beyond mission:instances. Default: not at all."),
  capacityProviders: z.array(z.string().min(1).max(255)).default([]).describe("Capacity providers of the cluster (EC2, FARGATE_SPOT). Default: Fargate."),
  taskPolicies: z.array(arn("iam", "arn:aws:iam::123456789012:policy/read-orders")).default([]).describe("Policies that the application itself needs. Default: none."),
});

/** A secret that lies in Secrets Manager or in SSM; the program gives its ARN to the task and never sees the value. */
const secretArn = z.string().regex(/^arn:aws[a-z-]*:(secretsmanager|ssm):/, "allowed is the ARN of a secret of Secrets Manager or of a parameter of SSM");

const subscriberSchema = z.discriminatedUnion("protocol", [
  z.strictObject({ protocol: z.literal("email"), endpoint: z.email("allowed is an address for mail").describe("Address; its owner gets a mail with a link to confirm.") }),
  z.strictObject({ protocol: z.literal("https"), endpoint: z.url({ protocol: /^https$/, error: "allowed is an https address" }).describe("Address that understands and confirms SNS messages, such as that of an incident tool.") }),
  z.strictObject({ protocol: z.literal("sqs"), endpoint: arn("sqs", "arn:aws:sqs:eu-central-1:123456789012:alarms").describe("Queue; its policy must let the topic send.") }),
  z.strictObject({ protocol: z.literal("lambda"), endpoint: arn("lambda", "arn:aws:lambda:eu-central-1:123456789012:function:page") }),
]);

const emulatorSchema = z.strictObject({
  endpoint: z.url({ protocol: /^https?$/, error: "allowed is an http address" }).describe("Address of the emulator's API; then nothing of AWS is reached."),
  period: durationSchema("1s", "1m").optional().describe("Period of its metrics, 1s to 1m. Default: 1m, as an ALB has."),
  production: z.url({ protocol: /^https?$/ }).optional().describe("Where users' requests go instead of to the load balancer, which an emulator has only on paper."),
  blue: z.url({ protocol: /^https?$/ }).optional().describe("The same for blue's test route."),
  green: z.url({ protocol: /^https?$/ }).optional().describe("The same for green's test route."),
});

export const awsSettingsSchema = z.strictObject({
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "allowed is a region such as eu-central-1").describe("Region of this environment."),
  account: z.string().regex(/^\d{12}$/, "allowed is an account's 12 digits").optional().describe("The account that this environment must be in; another one is refused. Default: whichever the credentials belong to."),
  profile: z.string().min(1).optional().describe("Profile of the shared configuration files. Default: the usual search for credentials."),
  assumeRole: assumeRoleSchema.optional().describe("Role to take, such as one in an account of its own for production."),
  owner: z.string().min(1).max(256).optional().describe("Who is responsible; a tag on everything."),
  tags: z.record(z.string().min(1).max(128).regex(/^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u), z.string().max(256)).default({}).describe("More tags on everything."),
  network: networkSchema.prefault({}).describe("Where it runs: a network that exists, or one that is made."),
  cluster: arn("ecs", "arn:aws:ecs:eu-central-1:123456789012:cluster/shared").optional().describe("Cluster that exists. Default: one is made."),
  loadBalancer: loadBalancerSchema.prefault({}).describe("How users reach it."),
  domain: domainSchema.optional().describe("Domain and certificate; without, users call the load balancer's own name over http, which production refuses."),
  services: z.record(nameSchema, serviceSchema).default({}).describe("Sizes and routes by service; every service has the defaults."),
  secrets: z.record(variableNameSchema, secretArn).default({}).describe("Secrets that lie in AWS already, by the name that the application calls them. Others are kept as secrets:<NAME> and put into Secrets Manager."),
  subscribers: z.array(subscriberSchema).default([]).describe("Who gets the alarms, by the environment's SNS topic; production needs at least one."),
  registries: z.array(z.string().min(1)).default([]).describe("Registries that images may come from, by the beginning of their name. Default: only those of Amazon ECR."),
  logRetention: z.union([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653].map((days) => z.literal(days)), { error: "allowed is a retention of CloudWatch Logs such as 30" }).default(30).describe("How long logs are kept, days. Default 30."),
  permissionsBoundary: arn("iam", "arn:aws:iam::123456789012:policy/boundary").optional().describe("Boundary of every role that is made."),
  emulator: emulatorSchema.optional().describe("For tests: an emulator of AWS instead of AWS."),
});
/** Priority of the rule of an application's only service. */
export const DEFAULT_PRIORITY = 100;

export type AwsSettings = z.output<typeof awsSettingsSchema>;
export type AwsServiceSettings = z.output<typeof serviceSchema>;

/** The settings of one service, defaults filled in. */
export function awsServiceSettings(settings: AwsSettings, service: string): AwsServiceSettings {
  return settings.services[service] ?? serviceSchema.parse({});
}
