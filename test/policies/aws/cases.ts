import { digestOf } from "../../../model/digest.js";
import { specDigest } from "../../../model/slot-spec.js";
import { specOf } from "../../support/specs.js";
import { service, shownSpec, type Shown } from "../invariants/support.js";
import { awsService, awsState, changedContainer, compositeAlarm, ecsService, IMAGE, metricAlarm, NEW, OLD, taskDefinition, UNSEEN, UNSEEN_LIST } from "./support.js";

/** What a policy allows, what it passes over in a preview, and what it refuses, with every sentence behind the name of the resource. */
export interface AwsCases {
  readonly allows: readonly Shown[];
  readonly unseen: readonly Shown[];
  readonly refuses: readonly (readonly [Shown, readonly string[]])[];
}

const shown = (type: string) => (props: Readonly<Record<string, unknown>>, rest: Partial<Shown> = {}): Shown => ({ type, name: "x", props, stack: "shop-production", ...rest });

const listener = shown("aws:lb/listener:Listener");
const NOTHING = [{ type: "fixed-response", fixedResponse: { statusCode: "404" } }];
const TO_TLS = [{ type: "redirect", redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" } }];
const https = (sslPolicy: unknown) => listener({ port: 443, protocol: "HTTPS", sslPolicy, defaultActions: NOTHING });
const serves = (protocol: string | null, port: number | null): readonly string[] => [` in production stack "shop-production" serves users by ${JSON.stringify(protocol)} on port ${JSON.stringify(port)}; allowed are HTTPS, and HTTP that only redirects to it.`];
const weak = (policy: string | null): readonly string[] => [` in production stack "shop-production" has the TLS policy ${JSON.stringify(policy)}; allowed is one from TLS 1.2 on, such as ELBSecurityPolicy-TLS13-1-2-2021-06.`];

const balancer = shown("aws:lb/loadBalancer:LoadBalancer");
const guarded = { opts: { protect: true } };

const rule = (props: Readonly<Record<string, unknown>>) => shown("aws:ec2/securityGroupRule:SecurityGroupRule")({ type: "ingress", protocol: "tcp", cidrBlocks: ["0.0.0.0/0"], ...props });
const ingress = shown("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
const group = (...rules: readonly unknown[]) => shown("aws:ec2/securityGroup:SecurityGroup")({ ingress: rules });
const opens = (what: string, to = "0.0.0.0/0"): readonly string[] => [` opens ${what} to ${to}; allowed for everybody are ports 80 and 443.`];

const document = (...statements: readonly unknown[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const allow = (Action: unknown, Resource: unknown, more: Readonly<Record<string, unknown>> = {}) => ({ Effect: "Allow", Action, Resource, ...more });
const inline = (policy: unknown) => shown("aws:iam/rolePolicy:RolePolicy")({ policy });
const role = (assumeRolePolicy: unknown, more: Readonly<Record<string, unknown>> = {}) => shown("aws:iam/role:Role")({ assumeRolePolicy, ...more });
const trust = (Principal: unknown, more: Readonly<Record<string, unknown>> = {}) => document({ Effect: "Allow", Principal, Action: "sts:AssumeRole", ...more });
const TASKS = trust({ Service: "ecs-tasks.amazonaws.com" });
const BUCKET = "arn:aws:s3:::orders/*";
const action = (name: string) => ` allows the action "${name}"; allowed are the actions that are needed, by name.`;
const resource = (actions: string, name = "*") => ` allows ${actions} on the resource "${name}"; allowed are named resources, and "*" for ecr:GetAuthorizationToken only.`;
const ANYBODY = ' lets anybody take the role (Principal "*" without a condition); allowed are named principals.';
const attach = (policyArn: unknown) => shown("aws:iam/rolePolicyAttachment:RolePolicyAttachment")({ policyArn });

const HUB = "docker.io/library/shop";
const elsewhere = (image: string) => `: image "${image}" comes from a registry that is not allowed; allowed are *.dkr.ecr.*.amazonaws.com.`;
const withImage = (image: string) => taskDefinition("green", { containerDefinitions: changedContainer("green", { image }) });
function staging(image: string | undefined, asked: "none" | "stage-dark"): Shown {
  const spec = specOf("1.2.0", { image });
  const wanted = awsState(0, { slots: { ...awsState(0).slots, green: { spec: specDigest(spec), instances: 2 } } });
  const previous = asked === "none" ? wanted : awsState(0, { slots: { ...wanted.slots, green: null } });
  return awsService({ transition: asked, previous, wanted, specs: { blue: shownSpec(OLD), green: shownSpec(spec) } });
}

/** By policy. */
export const CASES: Readonly<Record<string, AwsCases>> = {
  "aws-no-public-tasks": {
    allows: [ecsService("green"), ecsService("green", { networkConfiguration: undefined })],
    unseen: [ecsService("green", { networkConfiguration: { subnets: [UNSEEN], securityGroups: UNSEEN_LIST, assignPublicIp: false } }), ecsService("green", { networkConfiguration: UNSEEN })],
    refuses: [[ecsService("green", { networkConfiguration: { subnets: [UNSEEN], assignPublicIp: true } }), [" gives its tasks public addresses (assignPublicIp is true); allowed is false."]]],
  },
  "aws-tls": {
    allows: [
      ...["ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-3-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-TLS-1-2-2017-01", "ELBSecurityPolicy-FS-1-2-Res-2020-10"].map(https),
      listener({ port: 80, protocol: "HTTP", defaultActions: TO_TLS }),
      listener({ port: 8081, protocol: "HTTP", defaultActions: NOTHING }),
      listener({ port: 80, protocol: "HTTP", defaultActions: NOTHING }, { stack: "shop-staging" }),
    ],
    unseen: [https(UNSEEN), listener({ port: 80, protocol: "HTTP", loadBalancerArn: UNSEEN, defaultActions: TO_TLS })],
    refuses: [
      [listener({ port: 80, protocol: "HTTP", loadBalancerArn: UNSEEN, defaultActions: NOTHING }), serves("HTTP", 80)],
      [listener({ port: 443, protocol: "HTTP", defaultActions: NOTHING }), serves("HTTP", 443)],
      [listener({ port: 443, protocol: "TCP", defaultActions: TO_TLS }), serves("TCP", 443)],
      [listener({ protocol: "HTTP", defaultActions: NOTHING }), serves("HTTP", null)],
      [listener({ port: 80, defaultActions: [] }), serves(null, 80)],
      [listener({ port: 80, protocol: "HTTP", defaultActions: [] }), serves("HTTP", 80)],
      [listener({ port: 80, protocol: "HTTP", defaultActions: [...TO_TLS, ...NOTHING] }), serves("HTTP", 80)],
      [listener({ port: 80, protocol: "HTTP", defaultActions: [{ type: "redirect", redirect: { protocol: "HTTP" } }] }), serves("HTTP", 80)],
      [https(undefined), weak(null)],
      [https("ELBSecurityPolicy-2016-08"), weak("ELBSecurityPolicy-2016-08")],
      [https("ELBSecurityPolicy-TLS13-1-1-2021-06"), weak("ELBSecurityPolicy-TLS13-1-1-2021-06")],
      [https("ELBSecurityPolicy-TLS-1-1-2017-01"), weak("ELBSecurityPolicy-TLS-1-1-2017-01")],
    ],
  },
  "aws-access-logs": {
    allows: [balancer({ accessLogs: { bucket: "shop-logs", enabled: true } })],
    unseen: [balancer({ accessLogs: { bucket: UNSEEN, enabled: true } })],
    refuses: [{}, { accessLogs: { bucket: "shop-logs" } }, { accessLogs: { bucket: "shop-logs", enabled: false } }, { accessLogs: { bucket: UNSEEN, enabled: false } }, { accessLogs: { bucket: "", enabled: true } }].map((props) => [
      balancer(props, { stack: "shop-staging" }),
      [" writes no access logs; allowed is `accessLogs` with a bucket, enabled."],
    ]),
  },
  "aws-deletion-protection": {
    allows: [balancer({ enableDeletionProtection: true }, guarded), balancer({}, { stack: "shop-staging" })],
    unseen: [balancer({ enableDeletionProtection: true, subnets: UNSEEN_LIST }, guarded)],
    refuses: [
      [balancer({ enableDeletionProtection: false }, guarded), [' in production stack "shop-production" can be deleted in AWS (enableDeletionProtection is false); allowed is true.']],
      [balancer({}, guarded), [' in production stack "shop-production" can be deleted in AWS (enableDeletionProtection is null); allowed is true.']],
      [balancer({ enableDeletionProtection: true }), [' in production stack "shop-production" can be deleted by the engine (protect is false); allowed is true.']],
    ],
  },
  "aws-no-wildcard-iam": {
    allows: [
      inline(document(allow("s3:GetObject", BUCKET))),
      inline(document(allow(["s3:Get*", "s3:PutObject"], [BUCKET]))),
      inline(document(allow("ecr:GetAuthorizationToken", "*"), allow("ecr:BatchGetImage", "arn:aws:ecr:eu-central-1:1:repository/shop"))),
      inline(document({ Effect: "Deny", Action: "*", Resource: "*" })),
      inline({ Version: "2012-10-17", Statement: allow("s3:GetObject", BUCKET) }),
      role(TASKS),
      role(trust({ AWS: "arn:aws:iam::1:root" })),
      role(trust("*", { Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } } })),
      attach("arn:aws:iam::1:policy/read-orders"),
      attach("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"),
    ],
    unseen: [inline(UNSEEN), inline({ Statement: [allow("s3:GetObject", UNSEEN)] }), role(UNSEEN), attach(UNSEEN), role(TASKS, { inlinePolicies: UNSEEN_LIST, managedPolicyArns: [UNSEEN] })],
    refuses: [
      [inline(document(allow("*", BUCKET))), [action("*")]],
      [inline(document(allow(["s3:GetObject", "s3:*"], BUCKET))), [action("s3:*")]],
      [inline(document(allow("s3:GetObject", "*"))), [resource("s3:GetObject")]],
      [inline(document(allow("s3:GetObject", [BUCKET, "arn:*"]))), [resource("s3:GetObject", "arn:*")]],
      [inline(document(allow(["ecr:GetAuthorizationToken", "ecr:BatchGetImage"], "*"))), [resource("ecr:GetAuthorizationToken, ecr:BatchGetImage")]],
      [inline(document({ Effect: "Allow", Resource: "*" })), [resource("its actions")]],
      [inline(document(allow("*", "*"))), [action("*"), resource("*")]],
      [inline({ Statement: allow("*", UNSEEN) }), [action("*")]],
      [inline(document({ Effect: "Allow", NotAction: "iam:*", Resource: BUCKET })), [' allows everything but what "NotAction" names; allowed is what is named.']],
      [inline(document({ Effect: "Allow", Action: "s3:GetObject", NotResource: BUCKET })), [' allows everything but what "NotResource" names; allowed is what is named.']],
      [inline("not JSON"), [" is no policy document in JSON."]],
      [shown("aws:iam/policy:Policy")({ policy: document(allow("sqs:*", BUCKET)) }), [action("sqs:*")]],
      [role(TASKS, { inlinePolicies: [{ name: "all", policy: document(allow("*", BUCKET)) }] }), [action("*")]],
      [role(trust("*")), [ANYBODY]],
      [role(trust({ AWS: ["arn:aws:iam::1:root", "*"] })), [ANYBODY]],
      [role(trust({ AWS: "*" }, { Condition: {} })), [ANYBODY]],
      [role(document({ Effect: "Allow", NotPrincipal: { AWS: "arn:aws:iam::1:root" }, Action: "sts:AssumeRole" })), [' lets everybody take the role but whom "NotPrincipal" names; allowed are named principals.']],
      ...["AdministratorAccess", "PowerUserAccess", "AmazonS3FullAccess", "job-function/AdministratorAccess-Amplify"].map((policy): [Shown, string[]] => [
        attach(`arn:aws:iam::aws:policy/${policy}`),
        [` gives the policy "arn:aws:iam::aws:policy/${policy}"; allowed are policies that name what is needed.`],
      ]),
      [role(TASKS, { managedPolicyArns: ["arn:aws:iam::aws:policy/IAMFullAccess"] }), [' gives the policy "arn:aws:iam::aws:policy/IAMFullAccess"; allowed are policies that name what is needed.']],
    ],
  },
  "aws-alarms-have-actions": {
    allows: [metricAlarm("error-rate", "green"), compositeAlarm(), metricAlarm("error-rate", "green", { treatMissingData: "breaching" })],
    unseen: [metricAlarm("error-rate", "green", { alarmActions: [UNSEEN] }), compositeAlarm({ alarmActions: UNSEEN_LIST })],
    refuses: [
      ...[[], undefined].flatMap((alarmActions): [Shown, string[]][] => [metricAlarm("latency-p95", "green", { alarmActions }), compositeAlarm({ alarmActions })].map((alarm) => [alarm, [" has no alarm action; allowed is at least one."]])),
      [compositeAlarm({ actionsEnabled: false }), [" has its actions switched off (actionsEnabled is false); allowed is true."]],
      [metricAlarm("availability", "blue", { treatMissingData: "notBreaching", alarmActions: [UNSEEN] }), [' treats missing data as "notBreaching"; allowed are "missing", "breaching" and "ignore".']],
    ],
  },
  "aws-allowed-registries": {
    allows: [
      taskDefinition("green"),
      awsService(),
      staging(IMAGE, "stage-dark"),
      staging(HUB, "none"),
      service(),
      taskDefinition("blue", { containerDefinitions: changedContainer("blue", { image: `${HUB}:latest` }) }, { opts: { ignoreChanges: ["*"] } }),
    ],
    unseen: [taskDefinition("green", { containerDefinitions: UNSEEN })],
    refuses: [
      [withImage(`${HUB}@${NEW.digest}`), [elsewhere(`${HUB}@${NEW.digest}`)]],
      [withImage(`evil.example/${IMAGE}@${NEW.digest}`), [elsewhere(`evil.example/${IMAGE}@${NEW.digest}`)]],
      [withImage(`x.dkr.ecr.evil.example/.amazonaws.com/shop@${NEW.digest}`), [elsewhere(`x.dkr.ecr.evil.example/.amazonaws.com/shop@${NEW.digest}`)]],
      [withImage(`${IMAGE.split("/")[0]}@${NEW.digest}`), [elsewhere(`${IMAGE.split("/")[0]}@${NEW.digest}`)]],
      [withImage(`${IMAGE}:latest`), [`: image "${IMAGE}:latest" is not named by digest; allowed is a repository with @sha256: and the digest.`]],
      [staging(HUB, "stage-dark"), [elsewhere(`${HUB}@${digestOf("1.2.0")}`)]],
      [staging(undefined, "stage-dark"), [": image null is not named by digest; allowed is a repository with @sha256: and the digest."]],
    ],
  },
  "aws-test-routes-closed": {
    allows: [
      ...[80, 443].map((port) => rule({ fromPort: port, toPort: port })),
      rule({ type: "egress", protocol: "-1", fromPort: 0, toPort: 0 }),
      rule({ fromPort: 8081, toPort: 8081, cidrBlocks: ["203.0.113.7/32", "10.0.0.0/8"] }),
      rule({ fromPort: 8080, toPort: 8080, cidrBlocks: undefined, sourceSecurityGroupId: "sg-1" }),
      ingress({ ipProtocol: "tcp", fromPort: 443, toPort: 443, cidrIpv4: "0.0.0.0/0" }),
      group({ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] }),
      group(),
    ],
    unseen: [rule({ fromPort: 8081, toPort: 8081, cidrBlocks: UNSEEN_LIST }), rule({ fromPort: 8081, toPort: 8081, cidrBlocks: [UNSEEN] }), rule({ fromPort: UNSEEN, toPort: UNSEEN }), shown("aws:ec2/securityGroup:SecurityGroup")({ ingress: UNSEEN_LIST, vpcId: UNSEEN })],
    refuses: [
      [rule({ fromPort: 8081, toPort: 8081, securityGroupId: UNSEEN }), opens("port 8081")],
      [rule({ fromPort: 8081, toPort: 8081, cidrBlocks: undefined, ipv6CidrBlocks: ["::/0"] }), opens("port 8081", "::/0")],
      [rule({ fromPort: 80, toPort: 8082 }), opens("ports 80 to 8082")],
      [rule({ fromPort: 80, toPort: 443 }), opens("ports 80 to 443")],
      [rule({ protocol: "-1", fromPort: 0, toPort: 0 }), opens("every port")],
      [rule({ protocol: "-1", fromPort: 80, toPort: 80 }), opens("every port")],
      [rule({}), opens("every port")],
      [rule({ fromPort: 8081, toPort: 8081, cidrBlocks: ["0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/8"] }), opens("port 8081", "0.0.0.0/1 and 128.0.0.0/1")],
      [ingress({ ipProtocol: "-1", cidrIpv6: "::/0" }), opens("every port", "::/0")],
      [ingress({ ipProtocol: "tcp", fromPort: 8082, toPort: 8082, cidrIpv4: "0.0.0.0/0" }), opens("port 8082")],
      [group({ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] }, { protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: ["0.0.0.0/0"] }), opens("port 22")],
    ],
  },
};
