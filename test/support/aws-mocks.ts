import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { awsPlatform } from "../../components/aws/index.js";
import { Environment } from "../../components/environment.js";
import { awsMistakes, liesInAws } from "../../model/aws-rules.js";
import { planEnvironment } from "../../model/environment-plan.js";
import { environmentSettingsSchema } from "../../model/environment-settings.js";
import type { Release } from "../../model/release.js";
import type { Observed, Rollout } from "../../model/rollout.js";
import { secretReference, type SecretReference, type SlotEnvironment } from "../../model/slot-spec.js";
import { REPOSITORY } from "./aws-app.js";
import { awsOutputs } from "./aws-outputs.js";
import { releaseOf } from "./specs.js";

/** One resource as the program declared it. */
export interface DeclaredOnAws {
  readonly type: string;
  readonly name: string;
  /** Secret values are in the clear; `secrets` says which they were. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Inputs that the engine would encrypt, by name. */
  readonly secrets: readonly string[];
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
  readonly customTimeouts: pulumi.CustomTimeouts | undefined;
}

/** What one run of the program is given. */
export interface AwsRun {
  readonly kind?: "staging" | "production";
  readonly release?: Release;
  /** Keys of `mission:aws` besides the region and somebody who gets the alarms. */
  readonly aws?: Readonly<Record<string, unknown>>;
  /** Other keys of `mission:`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly observed?: Observed;
  readonly generations?: Readonly<Record<string, number>>;
  readonly rollout?: Rollout;
  /** Values of `secrets:<NAME>`. */
  readonly secrets?: Readonly<Record<string, string>>;
}

const DIGEST_KEY = "k".repeat(32);

/** A release of one service "web" whose artifact is an image. */
export function imageRelease(version: string, more: Partial<Release["services"][string]> = {}): Release {
  return releaseOf(version, { image: REPOSITORY, command: [], ...more });
}

const { application, commit, migrations, services } = imageRelease("1.0.0");
/** A release of three services: api, web and worker. */
export const AWS_SERVICES_RELEASE: Release = { application, version: "1.0.0", commit, migrations, services: Object.fromEntries(["api", "web", "worker"].map((name) => [name, services["web"] as Release["services"][string]])) };

/** What one run of the program declared. */
export class DeclaredStack {
  constructor(readonly all: readonly DeclaredOnAws[]) {}

  /** The resource of a type, written without `aws:`, and a name. @throws AssertionError that names what there is of the type */
  of(type: string, name: string): DeclaredOnAws {
    const found = this.all.find((each) => each.type === whole(type) && each.name === name);
    assert.ok(found, `${type} ${name} is not among ${this.names(type).join(", ") || "none"}`);
    return found;
  }

  inputs(type: string, name: string): Readonly<Record<string, unknown>> {
    return this.of(type, name).inputs;
  }

  /** Names of all resources of a type, sorted. */
  names(type: string): string[] {
    return this.all.flatMap((each) => (each.type === whole(type) ? [each.name] : [])).sort();
  }

  /** The only container of a task definition. */
  container(name: string): Readonly<Record<string, unknown>> {
    const [first, ...more] = JSON.parse(this.inputs("ecs/taskDefinition:TaskDefinition", name)["containerDefinitions"] as string) as Record<string, unknown>[];
    assert.ok(first !== undefined && more.length === 0);
    return first;
  }
}

function whole(type: string): string {
  return type.startsWith("pulumi:") ? type : `aws:${type}`;
}

/** What a run's settings and secrets come to, with the settings' own rules in force: what they refuse no test can declare. */
export function awsInputs({ kind = "staging", release = imageRelease("1.0.0"), aws = {}, settings: more = {}, secrets = {} }: AwsRun) {
  const settings = environmentSettingsSchema.parse({
    environment: kind,
    platform: "aws",
    instances: 2,
    progressDeadline: "10m",
    release,
    aws: { region: "eu-central-1", subscribers: [{ protocol: "email", endpoint: "oncall@example.com" }], ...aws },
    ...more,
  });
  assert.deepEqual(awsMistakes(settings), []);
  const own = settings.aws;
  assert.ok(own !== undefined);
  const names = [...new Set(Object.values(release.services).flatMap((service) => service.secrets))];
  const references = names.map((name) => secretReference(name, own.secrets[name] ?? secrets[name] ?? "", DIGEST_KEY));
  const environment: SlotEnvironment = { variables: settings.variables, secrets: references, size: settings.instances };
  return { kind, release, settings, own, environment };
}

/** Runs the program's components under mocks. A type that no test knows is an error. */
export async function declareOnAws(run: AwsRun = {}): Promise<DeclaredStack> {
  const { observed = {}, generations = {}, rollout, secrets = {} } = run;
  const { kind, release, settings, own, environment: slots } = awsInputs(run);
  const stack = `shop-${kind}`;
  const plan = planEnvironment({ release, environment: slots, kind, observed, rollout });
  assert.ok(plan.ok, plan.ok ? "" : JSON.stringify(plan.refusals));

  const all: DeclaredOnAws[] = [];
  const options = new Map<string, pulumi.CustomResourceOptions>();
  void pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs: given }) {
        const { inputs, secrets: encrypted } = unwrapped(given as Record<string, unknown>);
        const outputs = awsOutputs(type, name, inputs);
        const { protect = false, ignoreChanges = [], customTimeouts } = options.get(`${type} ${name}`) ?? {};
        all.push({ type, name, inputs, secrets: encrypted, protect, ignoreChanges, customTimeouts });
        return { id: outputs.id, state: { ...(given as Record<string, unknown>), ...outputs.state } };
      },
      call: ({ token }) => assert.fail(`The program calls "${token}".`),
    },
    "mission-deploy",
    stack,
    false,
    "organization",
  );
  // The SDK notes where each promise was made, which takes two thirds of the time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    await pulumi.runtime.runInPulumiStack(async () => {
      pulumi.runtime.registerStackTransformation(({ type, name, opts }) => {
        options.set(`${type} ${name}`, opts as pulumi.CustomResourceOptions);
        return undefined;
      });
      const platform = awsPlatform(stack, settings, own, async () => ({ services: observed, generations }));
      await platform.observe();
      const { environment, alarms, window, gates, notifications } = settings;
      const value = ({ name, keyedDigest }: SecretReference) =>
        liesInAws(settings, name) || !slots.secrets.some((each) => each.name === name && each.keyedDigest === keyedDigest) ? undefined : pulumi.secret(secrets[name] ?? "");
      new Environment("shop", { environment, release, services: plan.services, alarms, notifications, window, gates }, platform, value);
      return {};
    });
    // Outputs settle before the last leaf is registered; the SDK's own end of a program waits for every one.
    await pulumi.runtime.disconnect();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return new DeclaredStack(all);
}

/** Inputs with what the SDK has marked as secret in the clear, and the names of those. */
function unwrapped(inputs: Readonly<Record<string, unknown>>): { readonly inputs: Record<string, unknown>; readonly secrets: readonly string[] } {
  const entries = Object.entries(inputs).map(([name, value]) => [name, pulumi.runtime.isRpcSecret(value) ? (pulumi.runtime.unwrapRpcSecret(value) as unknown) : value, pulumi.runtime.isRpcSecret(value)] as const);
  return { inputs: Object.fromEntries(entries.map(([name, value]) => [name, value])), secrets: entries.flatMap(([name, , secret]) => (secret ? [name] : [])) };
}
