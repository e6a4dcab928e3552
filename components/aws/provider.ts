import { Provider } from "@pulumi/aws/provider.js";
import type { AwsSettings } from "../../model/aws-settings.js";

/** What every resource is tagged with; nothing that changes from release to release, or a release would touch what serves. */
export interface CommonTags {
  readonly application: string;
  readonly environment: string;
  readonly stack: string;
}

/** The account and region of one environment. */
export function awsProvider(name: string, settings: AwsSettings, { application, environment, stack }: CommonTags): Provider {
  const { region, account, profile, assumeRole, owner, tags, emulator } = settings;
  return new Provider(name, {
    region: region as never,
    defaultTags: { tags: { ...tags, application, environment, ...(owner === undefined ? {} : { owner }), "mission:stack": stack, "managed-by": "mission-deploy" } },
    ...(account === undefined ? {} : { allowedAccountIds: [account] }),
    ...(profile === undefined ? {} : { profile }),
    ...(assumeRole === undefined ? {} : { assumeRoles: [{ roleArn: assumeRole.arn, sessionName: "mission-deploy", ...(assumeRole.externalId === undefined ? {} : { externalId: assumeRole.externalId }) }] }),
    ...(emulator === undefined ? {} : emulated(emulator.endpoint)),
  });
}

/** Services of AWS that this program speaks to. */
const SERVICES = ["acm", "appautoscaling", "cloudwatch", "ec2", "ecs", "elbv2", "iam", "logs", "route53", "s3", "secretsmanager", "sns", "ssm", "sts"] as const;

/** An emulator knows no account and no credentials. */
function emulated(endpoint: string) {
  return {
    accessKey: "emulator",
    secretKey: "emulator",
    skipCredentialsValidation: true,
    skipMetadataApiCheck: true,
    skipRequestingAccountId: true,
    s3UsePathStyle: true,
    endpoints: [Object.fromEntries(SERVICES.map((service) => [service, endpoint]))],
  };
}
