import { Provider } from "@pulumi/aws/provider.js";
import type { AwsSettings } from "../../model/aws-settings.js";

/** The account and region of one environment. */
export function awsProvider(name: string, { region, account, profile, assumeRole, emulator }: AwsSettings): Provider {
  return new Provider(name, {
    region: region as never,
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
