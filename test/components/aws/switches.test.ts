import assert from "node:assert/strict";
import { quarters } from "../../../components/aws/network.js";
import { specOf, observedOf } from "../../support/specs.js";
import { REPOSITORY } from "../../support/aws-app.js";
import { CLUSTER, DOMAIN, LOAD_BALANCER, NETWORK } from "../../support/aws-ground.js";
import { declareOnAws, imageRelease, type DeclaredStack } from "../../support/aws-mocks.js";

const tags = (declared: DeclaredStack, type: string, name: string) => declared.inputs(type, name)["tags"] as Record<string, string>;
const SERVICE = "ecs/service:Service";
const LISTENER = "lb/listener:Listener";
const RULE = "lb/listenerRule:ListenerRule";
const DOOR = "ec2/securityGroupRule:SecurityGroupRule";
const BALANCER = "lb/loadBalancer:LoadBalancer";

describe("the network on AWS", () => {
  const made = ["ec2/vpc:Vpc", "ec2/subnet:Subnet", "ec2/internetGateway:InternetGateway", "ec2/natGateway:NatGateway", "ec2/eip:Eip", "ec2/routeTable:RouteTable", "ec2/route:Route"];

  it("is made where none is named: four subnets in two zones of the region, one NAT gateway for both", async () => {
    const declared = await declareOnAws();
    const subnets = declared.names("ec2/subnet:Subnet").map((name) => declared.inputs("ec2/subnet:Subnet", name));
    assert.deepEqual(subnets.map(({ availabilityZone, cidrBlock, mapPublicIpOnLaunch }) => [availabilityZone, cidrBlock, mapPublicIpOnLaunch]), [
      ["eu-central-1a", "10.42.128.0/18", false],
      ["eu-central-1b", "10.42.192.0/18", false],
      ["eu-central-1a", "10.42.0.0/18", false],
      ["eu-central-1b", "10.42.64.0/18", false],
    ]);
    assert.equal(declared.inputs("ec2/vpc:Vpc", "shop-vpc")["cidrBlock"], "10.42.0.0/16");
    assert.deepEqual(declared.names("ec2/natGateway:NatGateway"), ["shop-out-a"]);
    const ways = ["a", "b"].map((zone) => declared.inputs("ec2/route:Route", `shop-private-${zone}`)["natGatewayId"]);
    assert.equal(ways[0], ways[1]);
  });

  it("has a NAT gateway in each zone with natGateways: 2, and each private subnet goes out by its own", async () => {
    const declared = await declareOnAws({ aws: { network: { natGateways: 2 } } });
    assert.deepEqual(declared.names("ec2/natGateway:NatGateway"), ["shop-out-a", "shop-out-b"]);
    assert.deepEqual(declared.names("ec2/eip:Eip"), ["shop-out-a", "shop-out-b"]);
    const ways = ["a", "b"].map((zone) => declared.inputs("ec2/route:Route", `shop-private-${zone}`)["natGatewayId"]);
    assert.notEqual(ways[0], ways[1]);
  });

  it("lies in the zones and in the range that are named", async () => {
    const declared = await declareOnAws({ aws: { network: { zones: ["eu-central-1b", "eu-central-1c"], cidr: "10.9.0.0/20" } } });
    assert.equal(declared.inputs("ec2/vpc:Vpc", "shop-vpc")["cidrBlock"], "10.9.0.0/20");
    const of = (name: string) => Object.entries(declared.inputs("ec2/subnet:Subnet", name)).flatMap(([key, value]) => (key === "availabilityZone" || key === "cidrBlock" ? [value] : []));
    assert.deepEqual([of("shop-public-a"), of("shop-private-b")], [["eu-central-1b", "10.9.0.0/22"], ["eu-central-1c", "10.9.12.0/22"]]);
  });

  it("is the one that is named, of which nothing is made", async () => {
    const declared = await declareOnAws({ aws: { network: NETWORK } });
    for (const type of made) assert.deepEqual(declared.names(type), [], type);
    assert.deepEqual(declared.inputs(BALANCER, "shop-balancer")["subnets"], NETWORK.publicSubnets);
    const { networkConfiguration } = declared.inputs(SERVICE, "web-blue") as { networkConfiguration: Record<string, unknown> };
    assert.deepEqual(networkConfiguration["subnets"], NETWORK.privateSubnets);
    for (const [type, name] of [["lb/targetGroup:TargetGroup", "web-blue"], ["ec2/securityGroup:SecurityGroup", "shop-tasks"], ["ec2/securityGroup:SecurityGroup", "shop-balancer"]] as const) assert.equal(declared.inputs(type, name)["vpcId"], NETWORK.vpc, name);
  });

  it("gives tasks no public address, whether it is made or named", async () => {
    for (const network of [{}, NETWORK]) {
      const { networkConfiguration } = (await declareOnAws({ aws: { network } })).inputs(SERVICE, "web-blue") as { networkConfiguration: Record<string, unknown> };
      assert.equal(networkConfiguration["assignPublicIp"], false);
    }
  });

  it("cannot be smaller than /26", () => {
    assert.deepEqual(quarters("10.0.0.0/26"), ["10.0.0.0/28", "10.0.0.16/28", "10.0.0.32/28", "10.0.0.48/28"]);
    assert.throws(() => quarters("10.0.0.0/27"), { name: "RangeError", message: '"10.0.0.0/27" is too small for four subnets; allowed is /16 to /26.' });
  });
});

describe("the cluster on AWS", () => {
  it("is made, named like the stack, where none is named", async () => {
    const declared = await declareOnAws();
    assert.deepEqual([declared.inputs("ecs/cluster:Cluster", "shop-cluster")["name"], declared.inputs("ecs/cluster:Cluster", "shop-cluster")["settings"]], ["shop-staging", [{ name: "containerInsights", value: "enabled" }]]);
    assert.equal(declared.inputs(SERVICE, "web-blue")["cluster"], "arn:aws:ecs:eu-central-1:123456789012:cluster/shop-staging");
  });

  it("is the one that is named, and scaling names its service there", async () => {
    const declared = await declareOnAws({ aws: { cluster: CLUSTER, services: { web: { autoscaling: { max: 4 } } } } });
    assert.deepEqual(declared.names("ecs/cluster:Cluster"), []);
    assert.equal(declared.inputs(SERVICE, "web-blue")["cluster"], CLUSTER);
    assert.equal(declared.inputs("appautoscaling/target:Target", "web-blue-scaling")["resourceId"], "service/shared/shop-staging-web-blue");
  });
});

describe("the load balancer on AWS", () => {
  it("is made with access logs, and drops header fields that are none", async () => {
    const { name, internal, loadBalancerType, dropInvalidHeaderFields, accessLogs } = (await declareOnAws()).inputs(BALANCER, "shop-balancer");
    assert.deepEqual([name, internal, loadBalancerType, dropInvalidHeaderFields, (accessLogs as { enabled: boolean }).enabled], ["shop-staging", false, "application", true, true]);
  });

  it("is the one that is named: only rules, test listeners and their doors are added to it", async () => {
    const declared = await declareOnAws({ aws: { network: NETWORK, loadBalancer: { ...LOAD_BALANCER, testRoutes: { from: ["203.0.113.7/32"] } } } });
    for (const type of [BALANCER, "s3/bucket:Bucket", "s3/bucketPolicy:BucketPolicy"]) assert.deepEqual(declared.names(type), [], type);
    assert.deepEqual(declared.names(LISTENER), ["shop-test-blue", "shop-test-green"]);
    assert.deepEqual(declared.names("ec2/securityGroup:SecurityGroup"), ["shop-tasks"]);
    assert.deepEqual(declared.names(DOOR), ["shop-tasks-8080", "shop-tasks-out", "shop-test-blue", "shop-test-green"]);
    assert.equal(declared.inputs(DOOR, "shop-test-green")["securityGroupId"], LOAD_BALANCER.securityGroup);
    assert.equal(declared.inputs(DOOR, "shop-tasks-8080")["sourceSecurityGroupId"], LOAD_BALANCER.securityGroup);
    assert.equal(declared.inputs(LISTENER, "shop-test-blue")["loadBalancerArn"], LOAD_BALANCER.arn);
    assert.equal(declared.inputs(RULE, "web-split")["listenerArn"], LOAD_BALANCER.listener);
    const { dimensions } = declared.inputs("cloudwatch/metricAlarm:MetricAlarm", "web-latency-p95-blue") as { dimensions: Record<string, string> };
    assert.equal(dimensions["LoadBalancer"], "app/shared/50dc6c495c0c9188");
  });

  it("keeps a silent connection for as long as idleTimeout says, in seconds", async () => {
    const timeout = async (loadBalancer: Record<string, unknown>) => (await declareOnAws({ aws: { loadBalancer } })).inputs(BALANCER, "shop-balancer")["idleTimeout"];
    assert.deepEqual([await timeout({}), await timeout({ idleTimeout: "90s" })], [60, 90]);
  });

  it("answers whoever asks for what no rule knows with 404", async () => {
    const declared = await declareOnAws({ aws: { domain: DOMAIN } });
    for (const name of ["shop-users", "shop-test-blue", "shop-test-green"]) {
      const [action] = declared.inputs(LISTENER, name)["defaultActions"] as { type: string; fixedResponse: { statusCode: string } }[];
      assert.deepEqual([action?.type, action?.fixedResponse.statusCode], ["fixed-response", "404"], name);
    }
  });
});

describe("domain and certificate on AWS", () => {
  it("without a domain users come by http, and nothing is certified", async () => {
    const declared = await declareOnAws();
    const { port, protocol } = declared.inputs(LISTENER, "shop-users");
    assert.deepEqual([port, protocol], [80, "HTTP"]);
    for (const type of ["acm/certificate:Certificate", "route53/record:Record"]) assert.deepEqual(declared.names(type), [], type);
    assert.deepEqual(declared.names(DOOR).filter((name) => name.startsWith("shop-users")), ["shop-users-80"]);
  });

  it("with one they come by https, its certificate is made and proved by a record, and http leads there", async () => {
    const declared = await declareOnAws({ aws: { domain: DOMAIN } });
    const { port, protocol, certificateArn, sslPolicy } = declared.inputs(LISTENER, "shop-users");
    assert.deepEqual([port, protocol, sslPolicy], [443, "HTTPS", "ELBSecurityPolicy-TLS13-1-2-2021-06"]);
    const { domainName, validationMethod } = declared.inputs("acm/certificate:Certificate", "shop-certificate");
    assert.deepEqual([domainName, validationMethod], ["shop.example.com", "DNS"]);
    const proof = declared.inputs("route53/record:Record", "shop-certificate-proof");
    assert.deepEqual([proof["zoneId"], proof["name"], proof["type"], proof["records"]], [DOMAIN.zone, "_proof.shop.example.com.", "CNAME", ["_value.acm-validations.aws."]]);
    assert.equal(declared.inputs("acm/certificateValidation:CertificateValidation", "shop-certificate-valid")["certificateArn"], certificateArn);
    const [redirect] = declared.inputs(LISTENER, "shop-to-tls")["defaultActions"] as { type: string; redirect: unknown }[];
    assert.deepEqual([redirect?.type, redirect?.redirect], ["redirect", { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" }]);
    const record = declared.inputs("route53/record:Record", "shop-domain");
    assert.deepEqual([record["zoneId"], record["name"], record["type"], record["aliases"]], [DOMAIN.zone, "shop.example.com", "A", [{ name: "shop-1234567890.eu-central-1.elb.amazonaws.com", zoneId: "Z215JYRZR1TBD5", evaluateTargetHealth: true }]]);
  });

  it("with a certificate that exists none is made", async () => {
    const certificate = "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012";
    const declared = await declareOnAws({ aws: { domain: { ...DOMAIN, certificate } } });
    assert.deepEqual(declared.names("acm/certificate:Certificate"), []);
    assert.deepEqual(declared.names("route53/record:Record"), ["shop-domain"]);
    assert.equal(declared.inputs(LISTENER, "shop-users")["certificateArn"], certificate);
  });

  it("tlsPolicy is that of the listener for users", async () => {
    const tlsPolicy = "ELBSecurityPolicy-TLS13-1-3-2021-06";
    assert.equal((await declareOnAws({ aws: { domain: DOMAIN, loadBalancer: { tlsPolicy } } })).inputs(LISTENER, "shop-users")["sslPolicy"], tlsPolicy);
  });
});

describe("test routes on AWS", () => {
  const ports = async (loadBalancer: Record<string, unknown>) => {
    const declared = await declareOnAws({ aws: { loadBalancer } });
    return (["blue", "green"] as const).map((slot) => declared.inputs(LISTENER, `shop-test-${slot}`)["port"]);
  };

  it("listen on a port for each slot", async () => {
    assert.deepEqual([await ports({}), await ports({ testRoutes: { blue: 9001, green: 9002 } })], [[8081, 8082], [9001, 9002]]);
  });

  it("are open to nobody by default, and with `from` to just those ranges, at just those ports", async () => {
    const doors = (declared: DeclaredStack) => declared.names(DOOR).filter((name) => name.startsWith("shop-test"));
    assert.deepEqual(doors(await declareOnAws()), []);
    const from = ["203.0.113.7/32", "198.51.100.0/24"];
    const declared = await declareOnAws({ aws: { loadBalancer: { testRoutes: { from, green: 9002 } } } });
    assert.deepEqual(doors(declared), ["shop-test-blue", "shop-test-green"]);
    const { type, cidrBlocks, fromPort, toPort, protocol } = declared.inputs(DOOR, "shop-test-green");
    assert.deepEqual([type, cidrBlocks, fromPort, toPort, protocol], ["ingress", from, 9002, 9002, "tcp"]);
  });

  it("lead each to its own slot, whatever the weights are", async () => {
    const declared = await declareOnAws();
    for (const slot of ["blue", "green"] as const) {
      const [action] = declared.inputs(RULE, `web-${slot}-test`)["actions"] as { targetGroupArn: string }[];
      assert.match(action?.targetGroupArn ?? "", new RegExp(`targetgroup/shop-staging-web-${slot}/`));
    }
  });
});

describe("account, credentials and emulator on AWS", () => {
  const provider = async (aws: Record<string, unknown>) => {
    const declared = await declareOnAws({ aws });
    const { inputs } = declared.of("pulumi:providers:aws", "aws");
    return { declared, inputs, plain: (key: string) => (inputs[key] === undefined ? undefined : (JSON.parse(inputs[key] as string) as unknown)) };
  };

  it("by default only the region is said", async () => {
    const { inputs } = await provider({});
    assert.equal(inputs["region"], "eu-central-1");
    for (const key of ["allowedAccountIds", "profile", "assumeRoles", "endpoints", "accessKey", "secretKey"]) assert.equal(inputs[key], undefined, key);
  });

  it("account is the only one that is allowed, profile is that of the shared configuration", async () => {
    const { inputs, plain } = await provider({ account: "123456789012", profile: "shop" });
    assert.deepEqual([plain("allowedAccountIds"), inputs["profile"]], [["123456789012"], "shop"]);
  });

  it("assumeRole is taken, with an external id where one is said", async () => {
    const arn = "arn:aws:iam::123456789012:role/deployer";
    const roles = async (assumeRole: Record<string, unknown>) => (await provider({ assumeRole })).plain("assumeRoles");
    assert.deepEqual(await roles({ arn }), [{ roleArn: arn, sessionName: "mission-deploy" }]);
    assert.deepEqual(await roles({ arn, externalId: "shop-4711" }), [{ roleArn: arn, sessionName: "mission-deploy", externalId: "shop-4711" }]);
  });

  it("with an emulator every service is asked there, by credentials that are none, and the engine does not wait for tasks", async () => {
    const { declared, inputs, plain } = await provider({ emulator: { endpoint: "http://127.0.0.1:5000" } });
    const [endpoints] = plain("endpoints") as Record<string, string>[];
    // Whatever the program declares is of one of these services.
    for (const service of ["acm", "appautoscaling", "cloudwatch", "ec2", "ecs", "elbv2", "iam", "logs", "route53", "s3", "secretsmanager", "sns", "sts"]) assert.equal(endpoints?.[service], "http://127.0.0.1:5000", service);
    assert.deepEqual([inputs["accessKey"], plain("skipCredentialsValidation"), plain("skipRequestingAccountId"), plain("s3UsePathStyle")], ["emulator", true, true, true]);
    assert.equal(declared.inputs(SERVICE, "web-blue")["waitForSteadyState"], false);
    assert.equal((await declareOnAws()).inputs(SERVICE, "web-blue")["waitForSteadyState"], true);
  });
});

describe("tags on AWS", () => {
  const UNTAGGED = /:(CertificateValidation|Policy|Dashboard|Route|RouteTableAssociation|SecurityGroupRule|RolePolicy|RolePolicyAttachment|Record|BucketLifecycleConfiguration|BucketPolicy|BucketPublicAccessBlock|SecretVersion|TopicSubscription)$/;
  const run = {
    release: imageRelease("1.0.0", { secrets: ["API_KEY"] }),
    secrets: { API_KEY: "hunter2" },
    aws: { domain: DOMAIN, owner: "team-shop", tags: { "cost-centre": "4711" }, services: { web: { autoscaling: { max: 4 }, taskPolicies: ["arn:aws:iam::123456789012:policy/read-orders"] } } },
  } as const;

  it("are an input of everything that takes tags, and of nothing else", async () => {
    const { all } = await declareOnAws(run);
    const wanted = { "cost-centre": "4711", owner: "team-shop", application: "shop", environment: "staging", "mission:stack": "shop-staging", "managed-by": "mission-deploy" };
    const tagged = all.filter(({ type }) => type.startsWith("aws:") && !UNTAGGED.test(type));
    assert.ok(tagged.length > 30);
    for (const { type, name, inputs } of tagged) {
      const own = inputs["tags"] as Record<string, string>;
      assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((key) => [key, own[key]])), wanted, `${type} ${name}`);
    }
    for (const { type, name, inputs } of all) if (UNTAGGED.test(type)) assert.equal(inputs["tags"], undefined, `${type} ${name}`);
  });

  it("say no owner and nothing more where none is said", async () => {
    assert.deepEqual(tags(await declareOnAws(), "ecs/cluster:Cluster", "shop-cluster"), { application: "shop", environment: "staging", "mission:stack": "shop-staging", "managed-by": "mission-deploy" });
  });

  it("of a slot say whose it is and what it holds, those of the users' rule what is live", async () => {
    const declared = await declareOnAws({ settings: { gates: { mission: "shop-1.0.0-x" } } });
    const own = tags(declared, "ecs/taskDefinition:TaskDefinition", "web-blue");
    assert.deepEqual([own["mission:service"], own["mission:slot"], own["release"], own["mission"]], ["web", "blue", "1.0.0", "shop-1.0.0-x"]);
    assert.match(own["mission:spec"] ?? "", /^sha256:[0-9a-f]{64}$/);
    const rule = tags(declared, RULE, "web-split");
    assert.deepEqual([rule["mission:route"], rule["mission:live"], rule["mission:return-to"], rule["mission:generation"]], ["users", "blue", "-", "1"]);
  });

  it("of what all services share do not change from release to release", async () => {
    const shared = (declared: DeclaredStack) => declared.all.filter(({ name }) => name.startsWith("shop-")).map(({ type, name, inputs }) => [type, name, inputs["tags"]]);
    const sorted = async (version: string) => shared(await declareOnAws({ release: imageRelease(version) })).map((each) => JSON.stringify(each)).sort();
    assert.deepEqual(await sorted("1.0.0"), await sorted("2.0.0"));
  });

  it("of the settings give way to those by which the program finds what is its own", async () => {
    const declared = await declareOnAws({ aws: { tags: { application: "other", "mission:stack": "other", "mission:live": "green" } } });
    const rule = tags(declared, RULE, "web-split");
    assert.deepEqual([rule["application"], rule["mission:stack"], rule["mission:live"]], ["shop", "shop-staging", "blue"]);
  });
});

describe("who gets the alarms on AWS", () => {
  const subscribers = [
    { protocol: "email", endpoint: "oncall@example.com" },
    { protocol: "https", endpoint: "https://events.example.com/sns" },
    { protocol: "sqs", endpoint: "arn:aws:sqs:eu-central-1:123456789012:alarms" },
    { protocol: "lambda", endpoint: "arn:aws:lambda:eu-central-1:123456789012:function:page" },
  ];

  it("are the subscribers of the environment's topic, by each protocol; an https address confirms by itself", async () => {
    const declared = await declareOnAws({ aws: { subscribers } });
    const topic = "arn:aws:sns:eu-central-1:123456789012:shop-staging-alarms";
    assert.deepEqual(
      subscribers.map((_, index) => declared.inputs("sns/topicSubscription:TopicSubscription", `shop-subscriber-${index}`)),
      subscribers.map((each) => ({ ...each, topic, ...(each.protocol === "https" ? { endpointAutoConfirms: true } : {}) })),
    );
  });

  it("hear of every alarm that goes off and of its end", async () => {
    const declared = await declareOnAws({ aws: { subscribers } });
    const topic = ["arn:aws:sns:eu-central-1:123456789012:shop-staging-alarms"];
    const alarms = declared.all.filter(({ type }) => /:(MetricAlarm|CompositeAlarm)$/.test(type));
    assert.equal(alarms.length, 7);
    for (const { name, inputs } of alarms) assert.deepEqual([inputs["alarmActions"], inputs["okActions"]], [topic, topic], name);
  });
});

describe("limits of alarms on AWS", () => {
  const ALARM = "cloudwatch/metricAlarm:MetricAlarm";

  it("are shares and seconds, over whole minutes", async () => {
    const declared = await declareOnAws({ settings: { alarms: { errorRate: "2%", latencyP95: "750ms", availability: "60%", window: "150s" } } });
    for (const [metric, threshold] of [["error-rate", 0.02], ["latency-p95", 0.75], ["availability", 0.6]] as const) {
      for (const slot of ["blue", "green"]) {
        const { threshold: limit, evaluationPeriods, datapointsToAlarm, treatMissingData, name } = declared.inputs(ALARM, `web-${metric}-${slot}`);
        assert.deepEqual([limit, evaluationPeriods, datapointsToAlarm, treatMissingData, name], [threshold, 3, 3, "missing", `shop-staging-web-${slot}-${metric}`]);
      }
    }
  });

  it("are looked at once a minute at least, however short the window", async () => {
    const declared = await declareOnAws({ settings: { alarms: { window: "5s" } } });
    assert.equal(declared.inputs(ALARM, "web-error-rate-blue")["evaluationPeriods"], 1);
  });

  it("are summed up by one alarm for each service that names all six", async () => {
    const { alarmRule } = (await declareOnAws()).inputs("cloudwatch/compositeAlarm:CompositeAlarm", "web-rollback");
    const names = [...(alarmRule as string).matchAll(/ALARM\("([^"]+)"\)/g)].map(([, name]) => name);
    assert.deepEqual(names.sort(), ["blue", "green"].flatMap((slot) => ["availability", "error-rate", "latency-p95"].map((metric) => `shop-staging-web-${slot}-${metric}`)));
  });
});

describe("retention of logs on AWS", () => {
  it("is that of a slot's log group and of the access logs, in days", async () => {
    const days = async (aws: Record<string, unknown>) => {
      const declared = await declareOnAws({ aws });
      const [rule] = declared.inputs("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "shop-access-logs")["rules"] as { expiration: { days: number } }[];
      return [declared.inputs("cloudwatch/logGroup:LogGroup", "web-blue-logs")["retentionInDays"], rule?.expiration.days];
    };
    assert.deepEqual([await days({}), await days({ logRetention: 365 })], [[30, 30], [365, 365]]);
  });

  it("leaves the bucket of access logs closed to the public", async () => {
    const { blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets } = (await declareOnAws()).inputs("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "shop-access-logs");
    assert.deepEqual([blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets], [true, true, true, true]);
  });
});

describe("production and staging on AWS", () => {
  const run = { release: imageRelease("1.0.0", { secrets: ["API_KEY"] }), secrets: { API_KEY: "hunter2" }, aws: { domain: DOMAIN, services: { web: { autoscaling: { max: 4 } } } } } as const;
  /** What each release replaces: the engine refuses that for what is protected. */
  const REPLACED = ["aws:ecs/taskDefinition:TaskDefinition web-blue", "aws:secretsmanager/secretVersion:SecretVersion web-blue-secrets"];
  const leaves = (declared: DeclaredStack) => declared.all.filter(({ type }) => type.startsWith("aws:"));

  it("production protects everything but what each release replaces; staging nothing", async () => {
    const [production, staging] = [await declareOnAws({ ...run, kind: "production" }), await declareOnAws(run)];
    assert.deepEqual(leaves(production).filter(({ protect }) => !protect).map(({ type, name }) => `${type} ${name}`).sort(), REPLACED);
    assert.deepEqual(leaves(staging).filter(({ protect }) => protect), []);
  });

  it("production's load balancer refuses to be deleted, staging's does not", async () => {
    const refuses = async (kind: "production" | "staging") => (await declareOnAws({ ...run, kind })).inputs(BALANCER, "shop-balancer")["enableDeletionProtection"];
    assert.deepEqual([await refuses("production"), await refuses("staging")], [true, false]);
  });

  it("a container is told its environment, and names are those of the stack", async () => {
    const declared = await declareOnAws({ ...run, kind: "production" });
    assert.ok((declared.container("web-blue")["environment"] as { name: string; value: string }[]).some(({ name, value }) => name === "MISSION_ENVIRONMENT" && value === "production"));
    assert.equal(declared.inputs(SERVICE, "web-blue")["name"], "shop-production-web-blue");
  });
});

describe("slots in use on AWS", () => {
  it("keep all that is recorded of them; the free slot does not", async () => {
    const held = specOf("1.0.0", { image: REPOSITORY });
    const declared = await declareOnAws({ kind: "production", observed: { web: observedOf(held) }, generations: { web: 3 }, release: imageRelease("1.1.0"), aws: { domain: DOMAIN } });
    const ignored = (slot: string) => [...new Set(declared.all.filter(({ type, name }) => type.startsWith("aws:") && (name === `web-${slot}` || name.startsWith(`web-${slot}-`))).map(({ ignoreChanges }) => JSON.stringify(ignoreChanges)))];
    assert.deepEqual([ignored("blue"), ignored("green")], [['["*"]'], ["[]"]]);
    assert.deepEqual(declared.of(RULE, "web-split").ignoreChanges, ["actions", "tags"]);
  });
});
