import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { ECSClient } from "@aws-sdk/client-ecs";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { SNSClient } from "@aws-sdk/client-sns";
import { fromIni, fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import type { AwsSettings } from "../model/aws-settings.js";

/** The services of AWS that are asked besides by the engine's provider. */
export interface AwsClients {
  readonly ecs: ECSClient;
  readonly balancing: ElasticLoadBalancingV2Client;
  readonly watch: CloudWatchClient;
  readonly topics: SNSClient;
}

/** Tries of one call, the first one included: with the SDK's pauses that is about 20 s of throttling before a mission hears of it. */
const TRIES = 8;

/** Clients for one environment: its region, its role, or its emulator. Nothing is asked yet. */
export function awsClients({ region, profile, assumeRole, emulator }: AwsSettings): AwsClients {
  const base = profile === undefined ? undefined : fromIni({ profile });
  const credentials =
    emulator !== undefined
      ? { accessKeyId: "emulator", secretAccessKey: "emulator" }
      : assumeRole === undefined
        ? base
        : fromTemporaryCredentials({
            params: { RoleArn: assumeRole.arn, RoleSessionName: "mission-deploy", ...(assumeRole.externalId === undefined ? {} : { ExternalId: assumeRole.externalId }) },
            clientConfig: { region },
            ...(base === undefined ? {} : { masterCredentials: base }),
          });
  const config = { region, maxAttempts: TRIES, ...(credentials === undefined ? {} : { credentials }), ...(emulator === undefined ? {} : { endpoint: emulator.endpoint }) };
  return { ecs: new ECSClient(config), balancing: new ElasticLoadBalancingV2Client(config), watch: new CloudWatchClient(config), topics: new SNSClient(config) };
}
