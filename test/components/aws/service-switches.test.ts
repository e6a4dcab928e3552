import assert from "node:assert/strict";
import { DOMAIN } from "../../support/aws-ground.js";
import { AWS_SERVICES_RELEASE, declareOnAws, imageRelease, type AwsRun, type DeclaredStack } from "../../support/aws-mocks.js";

const SERVICE = "ecs/service:Service";
const TASK = "ecs/taskDefinition:TaskDefinition";
const GROUP = "lb/targetGroup:TargetGroup";
const RULE = "lb/listenerRule:ListenerRule";
const TARGET = "appautoscaling/target:Target";
const POLICY = "iam/rolePolicy:RolePolicy";

/** Declares a stack whose service "web" has these settings. */
const web = (settings: Readonly<Record<string, unknown>>, more: AwsRun = {}) => declareOnAws({ ...more, aws: { ...more.aws, services: { web: settings } } });

describe("port, size and instances of a service on AWS", () => {
  it("port is what the container listens on, is told, and may be reached at by the load balancer alone", async () => {
    const declared = await web({ port: 9000 });
    const container = declared.container("web-blue");
    assert.deepEqual(container["portMappings"], [{ containerPort: 9000, hostPort: 9000, protocol: "tcp" }]);
    assert.ok((container["environment"] as { name: string; value: string }[]).some(({ name, value }) => name === "PORT" && value === "9000"));
    const [balancer] = declared.inputs(SERVICE, "web-blue")["loadBalancers"] as { containerPort: number }[];
    assert.equal(balancer?.containerPort, 9000);
    const door = declared.inputs("ec2/securityGroupRule:SecurityGroupRule", "shop-tasks-9000");
    assert.deepEqual([door["fromPort"], door["toPort"], door["cidrBlocks"], typeof door["sourceSecurityGroupId"]], [9000, 9000, undefined, "string"]);
    const way = declared.inputs("ec2/securityGroupRule:SecurityGroupRule", "shop-to-tasks-9000");
    assert.deepEqual([way["type"], way["fromPort"], way["toPort"]], ["egress", 9000, 9000]);
  });

  it("cpu and memory are the task's", async () => {
    const size = (declared: DeclaredStack) => [declared.inputs(TASK, "web-blue")["cpu"], declared.inputs(TASK, "web-blue")["memory"]];
    assert.deepEqual([size(await declareOnAws()), size(await web({ cpu: 1024, memory: 4096 }))], [["256", "512"], ["1024", "4096"]]);
  });

  it("instances are the desired count of a slot that holds something; one that was never filled has nothing that runs", async () => {
    const declared = await declareOnAws({ settings: { instances: 3 } });
    assert.equal(declared.inputs(SERVICE, "web-blue")["desiredCount"], 3);
    for (const type of [SERVICE, TASK, "iam/role:Role", "cloudwatch/logGroup:LogGroup"]) assert.deepEqual(declared.names(type).filter((name) => name.includes("green")), [], type);
    assert.deepEqual(declared.names(GROUP), ["web-blue", "web-green"]);
  });

  it("progressDeadline is how long the engine waits for a slot, and a failed deployment goes back by itself", async () => {
    const declared = await declareOnAws({ settings: { progressDeadline: "4m" } });
    assert.deepEqual(declared.of(SERVICE, "web-blue").customTimeouts, { create: "240s", update: "240s" });
    assert.deepEqual(declared.inputs(SERVICE, "web-blue")["deploymentCircuitBreaker"], { enable: true, rollback: true });
  });
});

describe("routes of a service on AWS", () => {
  const RULES = ["web-split", "web-blue-test", "web-green-test"];

  it("paths and priority are those of its rule for users and of its test routes", async () => {
    const route = (declared: DeclaredStack) => RULES.map((name) => [declared.inputs(RULE, name)["priority"], declared.inputs(RULE, name)["conditions"]]);
    assert.deepEqual(route(await declareOnAws()), RULES.map(() => [100, [{ pathPattern: { values: ["/*"] } }]]));
    assert.deepEqual(route(await web({ paths: ["/api/*", "/v1/*"], priority: 20 })), RULES.map(() => [20, [{ pathPattern: { values: ["/api/*", "/v1/*"] } }]]));
  });

  it("stickiness keeps a client on its slot, in seconds, at the rule for users only", async () => {
    const forward = async (settings: Record<string, unknown>) => {
      const declared = await web(settings);
      const [action] = declared.inputs(RULE, "web-split")["actions"] as { forward: { stickiness?: unknown; targetGroups: { weight: number }[] } }[];
      assert.deepEqual(action?.forward.targetGroups.map(({ weight }) => weight), [100, 0]);
      for (const slot of ["blue", "green"]) assert.doesNotMatch(JSON.stringify(declared.inputs(RULE, `web-${slot}-test`)), /stickiness/);
      return action?.forward.stickiness;
    };
    assert.deepEqual([await forward({}), await forward({ stickiness: "1h" })], [undefined, { enabled: true, duration: 3600 }]);
  });

  it("of several services are each its own, and a port that two share is opened once", async () => {
    const declared = await declareOnAws({ release: AWS_SERVICES_RELEASE, aws: { services: { api: { paths: ["/api/*"], priority: 10, port: 9000 }, web: { priority: 20 }, worker: { paths: ["/jobs/*"], priority: 30 } } } });
    assert.deepEqual(["api", "web", "worker"].map((service) => declared.inputs(RULE, `${service}-split`)["priority"]), [10, 20, 30]);
    assert.deepEqual(declared.names("ec2/securityGroupRule:SecurityGroupRule").filter((name) => name.startsWith("shop-tasks-")), ["shop-tasks-8080", "shop-tasks-9000", "shop-tasks-out"]);
    assert.deepEqual(declared.names("cloudwatch/dashboard:Dashboard"), ["api-dashboard", "web-dashboard", "worker-dashboard"]);
  });
});

describe("autoscaling on AWS", () => {
  it("is not there by default", async () => {
    const declared = await declareOnAws();
    assert.deepEqual([declared.names(TARGET), declared.names("appautoscaling/policy:Policy")], [[], []]);
  });

  it("grows a slot from mission:instances to max, at the processor use that is aimed at", async () => {
    const declared = await web({ autoscaling: { max: 8, cpu: 70 } }, { settings: { instances: 3 } });
    const { minCapacity, maxCapacity, resourceId, scalableDimension } = declared.inputs(TARGET, "web-blue-scaling");
    assert.deepEqual([minCapacity, maxCapacity, resourceId, scalableDimension], [3, 8, "service/shop-staging/shop-staging-web-blue", "ecs:service:DesiredCount"]);
    assert.deepEqual(declared.inputs("appautoscaling/policy:Policy", "web-blue-scaling")["targetTrackingScalingPolicyConfiguration"], { targetValue: 70, predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageCPUUtilization" } });
  });
});

describe("capacity providers on AWS", () => {
  const ofRun = async (capacityProviders: string[]) => {
    const declared = await web({ capacityProviders });
    const { launchType, capacityProviderStrategies } = declared.inputs(SERVICE, "web-blue");
    return [launchType, capacityProviderStrategies, declared.inputs(TASK, "web-blue")["requiresCompatibilities"]];
  };

  it("are Fargate by default", async () => assert.deepEqual(await ofRun([]), ["FARGATE", undefined, ["FARGATE"]]));
  it("share tasks evenly where they are named", async () =>
    assert.deepEqual(await ofRun(["FARGATE", "FARGATE_SPOT"]), [undefined, [{ capacityProvider: "FARGATE", weight: 1 }, { capacityProvider: "FARGATE_SPOT", weight: 1 }], ["FARGATE"]]));
  it("of EC2 make it a task for EC2", async () => assert.deepEqual(await ofRun(["big-machines"]), [undefined, [{ capacityProvider: "big-machines", weight: 1 }], ["EC2"]]));
});

describe("roles on AWS", () => {
  const READ_ORDERS = "arn:aws:iam::123456789012:policy/read-orders";
  const BOUNDARY = "arn:aws:iam::123456789012:policy/boundary";

  it("the application's own may do what taskPolicies say, and nothing without", async () => {
    assert.deepEqual((await declareOnAws()).names("iam/rolePolicyAttachment:RolePolicyAttachment"), []);
    const declared = await web({ taskPolicies: [READ_ORDERS] });
    assert.deepEqual(declared.inputs("iam/rolePolicyAttachment:RolePolicyAttachment", "web-blue-task-0"), { role: "shop-staging-web-blue-task", policyArn: READ_ORDERS });
    assert.deepEqual(declared.names(POLICY), ["web-blue-execution"]);
  });

  it("are all within permissionsBoundary", async () => {
    const boundaries = async (aws: Record<string, unknown>) => {
      const declared = await declareOnAws({ aws });
      return declared.names("iam/role:Role").map((name) => declared.inputs("iam/role:Role", name)["permissionsBoundary"]);
    };
    assert.deepEqual([await boundaries({}), await boundaries({ permissionsBoundary: BOUNDARY })], [[undefined, undefined], [BOUNDARY, BOUNDARY]]);
  });

  it("ECS's own may pull this image from Amazon ECR, write these logs, and nothing else", async () => {
    const statements = async (run: AwsRun) => (JSON.parse((await declareOnAws(run)).inputs(POLICY, "web-blue-execution")["policy"] as string) as { Statement: { Action: string | string[]; Resource: unknown }[] }).Statement;
    const logs = { Effect: "Allow", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: "arn:aws:logs:eu-central-1:123456789012:log-group:/mission/shop-staging/web/blue:*" };
    assert.deepEqual(await statements({}), [
      logs,
      { Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
      { Effect: "Allow", Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], Resource: "arn:aws:ecr:eu-central-1:123456789012:repository/shop" },
    ]);
    assert.deepEqual(await statements({ release: imageRelease("1.0.0", { image: "ghcr.io/example/shop" }) }), [logs]);
  });
});

describe("secrets on AWS", () => {
  const IN_AWS = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders-AbCdEf";
  const PARAMETER = "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/mail";
  const VALUE = "hunter2-of-the-stack";
  const SECRET = "secretsmanager/secret:Secret";
  const VERSION = "secretsmanager/secretVersion:SecretVersion";
  const release = imageRelease("1.0.0", { secrets: ["API_KEY", "MAIL_KEY", "ORDERS_KEY"] });
  const mixed: AwsRun = { release, secrets: { API_KEY: VALUE }, aws: { secrets: { ORDERS_KEY: IN_AWS, MAIL_KEY: PARAMETER } } };
  const readable = (declared: DeclaredStack, action: string) =>
    (JSON.parse(declared.inputs(POLICY, "web-blue-execution")["policy"] as string) as { Statement: { Action: unknown; Resource: unknown }[] }).Statement.find(({ Action }) => Action === action)?.Resource;

  it("that lie in AWS are referred to where they lie, and nothing is written", async () => {
    const declared = await declareOnAws({ release: imageRelease("1.0.0", { secrets: ["MAIL_KEY", "ORDERS_KEY"] }), aws: { secrets: { ORDERS_KEY: `${IN_AWS}:key::`, MAIL_KEY: PARAMETER } } });
    assert.deepEqual([declared.names(SECRET), declared.names(VERSION)], [[], []]);
    assert.deepEqual(declared.container("web-blue")["secrets"], [{ name: "MAIL_KEY", valueFrom: PARAMETER }, { name: "ORDERS_KEY", valueFrom: `${IN_AWS}:key::` }]);
    assert.deepEqual([readable(declared, "secretsmanager:GetSecretValue"), readable(declared, "ssm:GetParameters")], [[IN_AWS], [PARAMETER]]);
  });

  it("of the stack lie in one secret of the slot, and the task asks for the very version that was written with it", async () => {
    const declared = await declareOnAws(mixed);
    assert.equal(declared.inputs(SECRET, "web-blue-secrets")["name"], "mission/shop-staging/web/blue");
    assert.deepEqual(JSON.parse(declared.inputs(VERSION, "web-blue-secrets")["secretString"] as string), { API_KEY: VALUE });
    const [own, ...others] = declared.container("web-blue")["secrets"] as { name: string; valueFrom: string }[];
    assert.match(own?.valueFrom ?? "", /^arn:aws:secretsmanager:[^:]+:\d+:secret:mission\/shop-staging\/web\/blue-[0-9a-f]{6}:API_KEY::[0-9a-f-]{36}$/);
    assert.deepEqual(others, [{ name: "MAIL_KEY", valueFrom: PARAMETER }, { name: "ORDERS_KEY", valueFrom: IN_AWS }]);
    assert.deepEqual(readable(declared, "secretsmanager:GetSecretValue"), [IN_AWS, declared.inputs(VERSION, "web-blue-secrets")["secretId"]]);
  });

  it("have their value in the SecretVersion only, where the engine encrypts it", async () => {
    const declared = await declareOnAws(mixed);
    const holding = declared.all.filter(({ inputs }) => JSON.stringify(inputs).includes(VALUE));
    assert.deepEqual(holding.map(({ type, name, secrets }) => [type, name, secrets]), [[`aws:${VERSION}`, "web-blue-secrets", ["secretString"]]]);
  });

  it("with another value are another version, and so another revision of the task", async () => {
    const asked = async (value: string) => (await declareOnAws({ ...mixed, secrets: { API_KEY: value } })).container("web-blue")["secrets"];
    assert.notDeepEqual(await asked(VALUE), await asked("another one"));
  });

  it("that a slot does not need are not there", async () => {
    const declared = await declareOnAws({ aws: { secrets: { ORDERS_KEY: IN_AWS } } });
    assert.deepEqual([declared.names(SECRET), declared.container("web-blue")["secrets"]], [[], []]);
    assert.equal(readable(declared, "secretsmanager:GetSecretValue"), undefined);
  });
});

describe("drain on AWS", () => {
  const ofDrain = async (drain: string) => {
    const declared = await declareOnAws({ settings: { drain } });
    return [declared.inputs(GROUP, "web-blue")["deregistrationDelay"], declared.container("web-blue")["stopTimeout"]];
  };

  it("is how long a target may finish, and how long its container may, within what ECS has: 2 to 120 s", async () => {
    assert.deepEqual([await ofDrain("0s"), await ofDrain("45500ms"), await ofDrain("10m")], [[0, 2], [46, 46], [600, 120]]);
  });
});

describe("probes on AWS", () => {
  const check = async (readiness: Record<string, unknown>) => {
    const defaults = { interval: "1s", timeout: "5s", successes: 2, failures: 3 };
    return (await declareOnAws({ release: imageRelease("1.0.0", { readiness: { ...defaults, http: "/healthz", ...readiness } }) })).inputs(GROUP, "web-blue")["healthCheck"] as Record<string, unknown>;
  };
  const figures = async (readiness: Record<string, unknown>) => {
    const { interval, timeout, healthyThreshold, unhealthyThreshold } = await check(readiness);
    return [interval, timeout, healthyThreshold, unhealthyThreshold];
  };

  it("readiness is the target group's health check, by its path", async () => {
    const { path, protocol, port, matcher } = await check({ http: "/ready" });
    assert.deepEqual([path, protocol, port, matcher], ["/ready", "HTTP", "traffic-port", "200-399"]);
  });

  it("as it is said, where Elastic Load Balancing can", async () => assert.deepEqual(await figures({ interval: "15s", timeout: "7s", successes: 4, failures: 6 }), [15, 7, 4, 6]));
  it("never more often than every 5 s, nor less than 2 in a row", async () => assert.deepEqual(await figures({ interval: "100ms", timeout: "50ms", successes: 1, failures: 1 }), [5, 2, 2, 2]));
  it("never longer than the time between two, nor more than 10 in a row", async () => assert.deepEqual(await figures({ interval: "5s", timeout: "1m", successes: 10, failures: 20 }), [5, 4, 10, 10]));
  it("at the other end: every 5 minutes", async () => assert.deepEqual(await figures({ interval: "5m", timeout: "1m" }), [300, 60, 2, 3]));

  it("a slot that was never filled has no health check of its own", async () => assert.equal((await declareOnAws()).inputs(GROUP, "web-green")["healthCheck"], undefined));

  it("liveness by a command is the container's own check, within the ranges of ECS; one over HTTP is left to the target group", async () => {
    const of = async (liveness: Parameters<typeof imageRelease>[1]) => (await declareOnAws({ release: imageRelease("1.0.0", liveness) })).container("web-blue")["healthCheck"];
    assert.deepEqual(await of({ liveness: { command: ["node", "alive.js"], interval: "1s", timeout: "500ms", successes: 1, failures: 20 } }), { command: ["CMD", "node", "alive.js"], interval: 5, timeout: 2, retries: 10, startPeriod: 30 });
    assert.deepEqual(await of({ liveness: { command: ["node", "alive.js"], interval: "5m", timeout: "1m", successes: 1, failures: 4 } }), { command: ["CMD", "node", "alive.js"], interval: 300, timeout: 60, retries: 4, startPeriod: 30 });
    assert.equal(await of({ liveness: { http: "/alive", interval: "1s", timeout: "1s", successes: 1, failures: 3 } }), undefined);
    assert.equal(await of({}), undefined);
  });
});

describe("the container on AWS", () => {
  it("is the image by its digest, with variables, and its SlotSpec as a label", async () => {
    const declared = await declareOnAws({ kind: "production", release: imageRelease("1.0.0", { variables: { GREETING: "hello" }, command: ["node", "server.js"] }), settings: { variables: { GREETING: "moin" } }, aws: { domain: DOMAIN } });
    const { image, environment, command, dockerLabels, logConfiguration } = declared.container("web-blue") as { image: string; environment: { name: string; value: string }[]; command: unknown; dockerLabels: Record<string, string>; logConfiguration: unknown };
    assert.match(image, /^123456789012\.dkr\.ecr\.eu-central-1\.amazonaws\.com\/shop@sha256:[0-9a-f]{64}$/);
    assert.deepEqual(
      environment.map(({ name, value }) => `${name}=${value}`),
      ["GREETING=moin", "HOST=0.0.0.0", "MISSION_ENVIRONMENT=production", "MISSION_RELEASE=1.0.0", "MISSION_SERVICE=web", "MISSION_SLOT=blue", "PORT=8080"],
    );
    assert.deepEqual(command, ["node", "server.js"]);
    assert.equal((JSON.parse(dockerLabels["mission.spec"] ?? "") as { version: string }).version, "1.0.0");
    assert.deepEqual(logConfiguration, { logDriver: "awslogs", options: { "awslogs-group": "/mission/shop-production/web/blue", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "app" } });
  });

  it("runs what the image says itself where no command is said", async () => assert.equal((await declareOnAws()).container("web-blue")["command"], undefined));
});
