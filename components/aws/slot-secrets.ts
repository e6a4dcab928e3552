import * as secretsmanager from "@pulumi/aws/secretsmanager/index.js";
import * as pulumi from "@pulumi/pulumi";
import { secretName } from "../../aws/names.js";
import type { AwsSettings } from "../../model/aws-settings.js";
import type { PlatformSlotArgs } from "../platform.js";

/** Where the secrets of a slot lie. */
export interface SlotSecrets {
  /** By name, as a container asks for them. */
  readonly references: pulumi.Output<Record<string, string>>;
  /** What the execution role must be able to read. */
  readonly readable: pulumi.Output<string[]>;
  readonly resources: readonly pulumi.Resource[];
}

/**
 * Secrets that lie in AWS are referred to; the others are put into one secret of the slot, of which the task asks for exactly the version that was
 * written with it: an instance that is restarted gets what its neighbours have.
 */
export function slotSecrets(name: string, stack: string, { service, slot, spec, secrets }: PlatformSlotArgs, { secrets: inAws }: AwsSettings, tags: Readonly<Record<string, string>>, opts: pulumi.CustomResourceOptions): SlotSecrets {
  const names = (spec?.secrets ?? []).map((reference) => reference.name);
  const there = Object.fromEntries(names.flatMap((each) => (inAws[each] === undefined ? [] : [[each, inAws[each]]])));
  const own = names.filter((each) => inAws[each] === undefined);
  const known = { references: pulumi.output(there), readable: pulumi.output(Object.values(there).map(withoutVersion)) };
  if (own.length === 0) return { ...known, resources: [] };
  const secret = new secretsmanager.Secret(`${name}-secrets`, { name: secretName(stack, service, slot), description: `Secrets of ${service} in ${slot}`, recoveryWindowInDays: 7, tags: { ...tags } }, opts);
  const secretString = pulumi.secret(pulumi.output(secrets).apply((values) => JSON.stringify(Object.fromEntries(own.map((each) => [each, values[each] ?? ""])))));
  // Other values are another version, which replaces this one: the engine refuses that for what is protected.
  const version = new secretsmanager.SecretVersion(`${name}-secrets`, { secretId: secret.id, secretString }, { ...opts, protect: false, additionalSecretOutputs: ["secretString"] });
  return {
    // `arn:json-key:version-stage:version-id` (Amazon ECS, "Pass Secrets Manager secrets through environment variables").
    references: pulumi.all([secret.arn, version.versionId]).apply(([arn, id]) => ({ ...there, ...Object.fromEntries(own.map((each) => [each, `${arn}:${each}::${id}`])) })),
    readable: secret.arn.apply((arn) => [...Object.values(there).map(withoutVersion), arn]),
    resources: [version],
  };
}

/** A reference to a secret may name a key and a version of it; a policy names the secret. */
function withoutVersion(arn: string): string {
  return arn.includes(":secretsmanager:") ? arn.split(":").slice(0, 7).join(":") : arn;
}
