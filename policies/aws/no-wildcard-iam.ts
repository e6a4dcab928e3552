import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { anybodyTrusted, tooMuchAllowed } from "./iam-statements.js";
import { at, known, listOf, UNKNOWN } from "./known.js";
import { typedPolicy } from "./typed-policy.js";

const ROLE = "aws:iam/role:Role";
const ATTACHMENTS = ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/userPolicyAttachment:UserPolicyAttachment", "aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "aws:iam/policyAttachment:PolicyAttachment"];
const DOCUMENTS = ["aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy", "aws:iam/userPolicy:UserPolicy", "aws:iam/groupPolicy:GroupPolicy"];

/** Policies that AWS itself keeps and that allow all of a service, or of everything. */
const BROAD = /^arn:[^:]+:iam::aws:policy\/(.*\/)?(AdministratorAccess.*|PowerUserAccess|[^/]*FullAccess[^/]*)$/;

/** A task that is taken over has what its roles may do. */
export function noWildcardIam(): ResourceValidationPolicy {
  return typedPolicy(
    {
      name: "aws-no-wildcard-iam",
      description: "Policies name the actions and the resources that they allow, and roles whom they trust.",
      severity: "critical",
      remediation: "Name exactly what is needed in a policy of your own, and give it to the task under `mission:aws:services:<service>:taskPolicies`.",
    },
    [ROLE, ...ATTACHMENTS, ...DOCUMENTS],
    (args) => mistakes(args).map((mistake) => `"${args.name}" (${args.type}) ${mistake}`),
  );
}

function mistakes({ type, props }: ResourceValidationArgs): string[] {
  if (ATTACHMENTS.includes(type)) return broad(known(props, ["policyArn"])["policyArn"]);
  if (type !== ROLE) return tooMuchAllowed(known(props, ["policy"])["policy"]);
  const { assumeRolePolicy, inlinePolicies, managedPolicyArns } = known(props, ["assumeRolePolicy", "inlinePolicies", "managedPolicyArns"]);
  const inline = listOf(inlinePolicies);
  return [...anybodyTrusted(assumeRolePolicy), ...(inline === UNKNOWN ? [] : inline.flatMap((policy) => tooMuchAllowed(at(policy, "policy")))), ...broad(managedPolicyArns)];
}

function broad(arns: unknown): string[] {
  const list = listOf(arns);
  return list === UNKNOWN ? [] : list.filter((arn) => BROAD.test(typeof arn === "string" ? arn : "")).map((arn) => `gives the policy ${JSON.stringify(arn)}; allowed are policies that name what is needed.`);
}
