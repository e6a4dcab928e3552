import * as iam from "@pulumi/aws/iam/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { Slot } from "../../model/slot.js";
import type { SlotSpec } from "../../model/slot-spec.js";
import { roleName } from "../../aws/names.js";

/** What the roles of a slot are made for. */
export interface RoleInputs {
  readonly stack: string;
  readonly service: string;
  readonly slot: Slot;
  readonly spec: SlotSpec;
  readonly logGroup: pulumi.Input<string>;
  /** ARNs of what its secrets lie in, without versions. */
  readonly secrets: pulumi.Input<string[]>;
  readonly taskPolicies: readonly string[];
  readonly permissionsBoundary: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

const TASKS = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" }] });

/** The two roles of a slot: ECS's own, which may pull this image, write these logs and read these secrets, and the application's, which may nothing unless it is said. */
export function roles(name: string, inputs: RoleInputs, opts: pulumi.CustomResourceOptions): { readonly execution: iam.Role; readonly task: iam.Role; readonly resources: readonly pulumi.Resource[] } {
  const { stack, service, slot, spec, permissionsBoundary, tags, taskPolicies } = inputs;
  const role = (purpose: "execution" | "task") =>
    new iam.Role(`${name}-${purpose}`, { name: roleName(stack, service, slot, purpose), assumeRolePolicy: TASKS, ...(permissionsBoundary === undefined ? {} : { permissionsBoundary }), tags: { ...tags } }, opts);
  const execution = role("execution");
  const task = role("task");
  const policy = pulumi.all([inputs.logGroup, inputs.secrets]).apply(([logGroup, secrets]) => JSON.stringify(executionPolicy(spec, logGroup, secrets)));
  return {
    execution,
    task,
    resources: [
      new iam.RolePolicy(`${name}-execution`, { role: execution.name, name: "run", policy }, opts),
      ...taskPolicies.map((policyArn, index) => new iam.RolePolicyAttachment(`${name}-task-${index}`, { role: task.name, policyArn }, opts)),
    ],
  };
}

const ECR = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/(.+)$/;

function executionPolicy({ image = "" }: SlotSpec, logGroup: string, secrets: readonly string[]) {
  const [, account, region, repository] = ECR.exec(image) ?? [];
  const allow = (Action: string | string[], Resource: string | readonly string[]) => ({ Effect: "Allow", Action, Resource });
  const managed = secrets.filter((arn) => arn.includes(":secretsmanager:"));
  const parameters = secrets.filter((arn) => arn.includes(":ssm:"));
  return {
    Version: "2012-10-17",
    Statement: [
      allow(["logs:CreateLogStream", "logs:PutLogEvents"], `${logGroup}:*`),
      // A token for the registry is not that of a repository: the API knows no resource for it (Amazon ECR, "Actions, resources, and condition keys").
      ...(repository === undefined ? [] : [allow("ecr:GetAuthorizationToken", "*"), allow(["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], `${arnOf(logGroup)}:ecr:${region}:${account}:repository/${repository}`)]),
      ...(managed.length > 0 ? [allow("secretsmanager:GetSecretValue", managed)] : []),
      ...(parameters.length > 0 ? [allow("ssm:GetParameters", parameters)] : []),
    ],
  };
}

/** `arn:aws`, or that of another partition. */
function arnOf(arn: string): string {
  return arn.split(":").slice(0, 2).join(":");
}
