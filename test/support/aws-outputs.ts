import { createHash } from "node:crypto";

/** What AWS names itself when a resource is made. */
export interface AwsOutputs {
  readonly id: string;
  readonly state: Readonly<Record<string, unknown>>;
}

const ACCOUNT = "123456789012";
const PLACE = `eu-central-1:${ACCOUNT}`;

/** Seventeen hexadecimal digits that depend on nothing but the name. */
function digits(name: string, length = 17): string {
  return createHash("sha256").update(name).digest("hex").slice(0, length);
}

type Named = (name: string, inputs: Readonly<Record<string, unknown>>) => AwsOutputs;

const ofEc2 = (prefix: string): Named => (name) => {
  const id = `${prefix}-${digits(name)}`;
  return { id, state: { arn: `arn:aws:ec2:${PLACE}:${prefix}/${id}` } };
};
const byArn = (arn: (name: string, inputs: Readonly<Record<string, unknown>>) => string, more: (arn: string) => Record<string, unknown> = () => ({})): Named => (name, inputs) => {
  const made = arn(name, inputs);
  return { id: made, state: { arn: made, ...more(made) } };
};
const nothing: Named = (name) => ({ id: name, state: {} });
/** `app/name/id` and `targetgroup/name/id`: how CloudWatch calls them. */
const suffix = (arn: string) => ({ arnSuffix: arn.split(":").slice(5).join(":").replace(/^loadbalancer\//, "") });

const KNOWN: Readonly<Record<string, Named>> = {
  "aws:acm/certificate:Certificate": byArn((name) => `arn:aws:acm:${PLACE}:certificate/${digits(name, 8)}-1111-2222-3333-444444444444`, () => ({ domainValidationOptions: [{ resourceRecordName: "_proof.shop.example.com.", resourceRecordType: "CNAME", resourceRecordValue: "_value.acm-validations.aws." }] })),
  "aws:acm/certificateValidation:CertificateValidation": nothing,
  "aws:appautoscaling/policy:Policy": nothing,
  "aws:appautoscaling/target:Target": nothing,
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": byArn((_, inputs) => `arn:aws:cloudwatch:${PLACE}:alarm:${String(inputs["alarmName"])}`),
  "aws:cloudwatch/dashboard:Dashboard": nothing,
  "aws:cloudwatch/logGroup:LogGroup": byArn((_, inputs) => `arn:aws:logs:${PLACE}:log-group:${String(inputs["name"])}`),
  "aws:cloudwatch/metricAlarm:MetricAlarm": byArn((_, inputs) => `arn:aws:cloudwatch:${PLACE}:alarm:${String(inputs["name"])}`),
  "aws:ec2/eip:Eip": ofEc2("eipalloc"),
  "aws:ec2/internetGateway:InternetGateway": ofEc2("igw"),
  "aws:ec2/natGateway:NatGateway": ofEc2("nat"),
  "aws:ec2/route:Route": nothing,
  "aws:ec2/routeTable:RouteTable": ofEc2("rtb"),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": nothing,
  "aws:ec2/securityGroup:SecurityGroup": ofEc2("sg"),
  "aws:ec2/securityGroupRule:SecurityGroupRule": nothing,
  "aws:ec2/subnet:Subnet": ofEc2("subnet"),
  "aws:ec2/vpc:Vpc": ofEc2("vpc"),
  "aws:ecs/cluster:Cluster": byArn((_, inputs) => `arn:aws:ecs:${PLACE}:cluster/${String(inputs["name"])}`),
  "aws:ecs/service:Service": byArn((_, inputs) => `arn:aws:ecs:${PLACE}:service/cluster/${String(inputs["name"])}`),
  // Each other definition is another revision.
  "aws:ecs/taskDefinition:TaskDefinition": byArn((_, inputs) => `arn:aws:ecs:${PLACE}:task-definition/${String(inputs["family"])}:${1 + (Number.parseInt(digits(JSON.stringify(inputs), 8), 16) % 100_000)}`),
  "aws:iam/role:Role": byArn((_, inputs) => `arn:aws:iam::${ACCOUNT}:role/${String(inputs["name"])}`),
  "aws:iam/rolePolicy:RolePolicy": nothing,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": nothing,
  "aws:lb/listener:Listener": byArn((name) => `arn:aws:elasticloadbalancing:${PLACE}:listener/app/shop/${digits("shop", 16)}/${digits(name, 16)}`),
  "aws:lb/listenerRule:ListenerRule": byArn((name) => `arn:aws:elasticloadbalancing:${PLACE}:listener-rule/app/shop/${digits("shop", 16)}/${digits("users", 16)}/${digits(name, 16)}`),
  "aws:lb/loadBalancer:LoadBalancer": byArn(
    (name, inputs) => `arn:aws:elasticloadbalancing:${PLACE}:loadbalancer/app/${String(inputs["name"])}/${digits(name, 16)}`,
    (arn) => ({ ...suffix(arn), dnsName: "shop-1234567890.eu-central-1.elb.amazonaws.com", zoneId: "Z215JYRZR1TBD5" }),
  ),
  "aws:lb/targetGroup:TargetGroup": byArn((name, inputs) => `arn:aws:elasticloadbalancing:${PLACE}:targetgroup/${String(inputs["name"])}/${digits(name, 16)}`, suffix),
  "aws:route53/record:Record": (name, inputs) => ({ id: name, state: { fqdn: inputs["name"] } }),
  "aws:s3/bucket:Bucket": (_, inputs) => {
    const bucket = `${String(inputs["bucketPrefix"])}20261126000000000000000001`;
    return { id: bucket, state: { bucket, arn: `arn:aws:s3:::${bucket}` } };
  },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": nothing,
  "aws:s3/bucketPolicy:BucketPolicy": nothing,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": nothing,
  "aws:secretsmanager/secret:Secret": byArn((name, inputs) => `arn:aws:secretsmanager:${PLACE}:secret:${String(inputs["name"])}-${digits(name, 6)}`),
  "aws:secretsmanager/secretVersion:SecretVersion": (name, inputs) => ({ id: name, state: { versionId: `${digits(String(inputs["secretString"]), 8)}-1111-2222-3333-444444444444` } }),
  "aws:sns/topic:Topic": byArn((_, inputs) => `arn:aws:sns:${PLACE}:${String(inputs["name"])}`),
  "aws:sns/topicSubscription:TopicSubscription": nothing,
  "pulumi:providers:aws": nothing,
};

/** The types of AWS that tests know. */
export const AWS_TYPES: readonly string[] = Object.keys(KNOWN).filter((type) => type.startsWith("aws:"));

/** The same for the same resource, always. @throws Error for a type that no test knows */
export function awsOutputs(type: string, name: string, inputs: Readonly<Record<string, unknown>>): AwsOutputs {
  const known = /^(mission:index:\w+|pulumi:pulumi:Stack)$/.test(type) ? nothing : KNOWN[type];
  if (known === undefined) throw new Error(`The program declares a "${type}", which no test knows.`);
  return known(name, inputs);
}
