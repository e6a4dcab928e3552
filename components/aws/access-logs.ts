import * as s3 from "@pulumi/aws/s3/index.js";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsSettings } from "../../model/aws-settings.js";

/** The bucket that a load balancer writes its access logs into, readable by nobody else, emptied after the logs' retention. */
export function accessLogs(name: string, { logRetention }: AwsSettings, opts: pulumi.CustomResourceOptions): { readonly bucket: pulumi.Output<string>; readonly policy: pulumi.Resource } {
  const bucket = new s3.Bucket(`${name}-access-logs`, { bucketPrefix: `${name.slice(0, 30)}-logs-` }, opts);
  new s3.BucketPublicAccessBlock(`${name}-access-logs`, { bucket: bucket.bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true }, opts);
  new s3.BucketLifecycleConfiguration(`${name}-access-logs`, { bucket: bucket.bucket, rules: [{ id: "retention", status: "Enabled", filter: { prefix: "" }, expiration: { days: logRetention } }] }, opts);
  const policy = new s3.BucketPolicy(
    `${name}-access-logs`,
    {
      bucket: bucket.bucket,
      // The service's own principal, which every region knows (Elastic Load Balancing, "Enable access logs").
      policy: bucket.arn.apply((arn) =>
        JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Sid: "AccessLogs", Effect: "Allow", Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" }, Action: "s3:PutObject", Resource: `${arn}/AWSLogs/*` }],
        }),
      ),
    },
    opts,
  );
  return { bucket: bucket.bucket, policy };
}
