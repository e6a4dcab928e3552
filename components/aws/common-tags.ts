import type * as pulumi from "@pulumi/pulumi";
import type { AwsSettings } from "../../model/aws-settings.js";

/** Types that this program makes and that take no tags. One that is missing here is found by its first deployment: the provider refuses an input that it does not know. */
const WITHOUT = new Set([
  "aws:acm/certificateValidation:CertificateValidation",
  "aws:appautoscaling/policy:Policy",
  "aws:cloudwatch/dashboard:Dashboard",
  "aws:ec2/route:Route",
  "aws:ec2/routeTableAssociation:RouteTableAssociation",
  "aws:ec2/securityGroupRule:SecurityGroupRule",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:route53/record:Record",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:secretsmanager/secretVersion:SecretVersion",
  "aws:sns/topicSubscription:TopicSubscription",
]);

/** What every resource is tagged with; nothing that changes from release to release, or a release would touch what serves. */
export interface CommonTags {
  readonly application: string;
  readonly environment: string;
  readonly stack: string;
}

/**
 * Puts the tags of all on a resource, beside its own. They are inputs of each resource and not the provider's default tags: so a policy sees
 * them, and a plan shows them.
 */
export function commonTags({ owner, tags }: AwsSettings, { application, environment, stack }: CommonTags): pulumi.ResourceTransformation {
  const all = { ...tags, application, environment, ...(owner === undefined ? {} : { owner }), "mission:stack": stack, "managed-by": "mission-deploy" };
  return ({ type, props, opts }) => (WITHOUT.has(type) ? undefined : { props: { ...props, tags: { ...all, ...(props as { tags?: Record<string, string> }).tags } }, opts });
}
