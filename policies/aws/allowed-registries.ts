import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { imageReference } from "../../model/image.js";
import { changeOf } from "../change-of.js";
import { TASK_DEFINITION } from "../leaf-types.js";
import type { PackContext } from "../pack-context.js";
import { readInputs, SERVICE_TYPE } from "../read-inputs.js";
import { at, known } from "./known.js";
import { typedPolicy } from "./typed-policy.js";

const BY_DIGEST = /^([^@]+)@sha256:[0-9a-f]{64}$/;

/**
 * An image is code of whoever may push to its registry. It is judged on the service, where it is known in a preview, as soon as something new is to run; and on what
 * is written. What stays as it is recorded is not: a list that was made shorter must not stop a way back.
 */
export function allowedRegistries(open: () => Pick<PackContext, "config">): ResourceValidationPolicy {
  return typedPolicy(
    {
      name: "aws-allowed-registries",
      description: "Images are named by digest and come from registries that the pack names.",
      severity: "critical",
      remediation: "Push the image to a registry that `registries` in policies/pack.yaml names, or have it named there.",
    },
    [TASK_DEFINITION, SERVICE_TYPE],
    (args) => imagesOf(args).flatMap((image) => mistakes(image, open().config.registries).map((mistake) => `"${args.name}" (${args.type}): image ${JSON.stringify(image)} ${mistake}`)),
  );
}

/** Images that are new, or are written; those of containers that are not known yet come in the update. */
function imagesOf({ type, props, opts }: ResourceValidationArgs): unknown[] {
  if (type === SERVICE_TYPE) {
    const read = readInputs(props);
    if (!read.ok || read.gated.platform !== "aws") return [];
    const change = changeOf(read.gated);
    if (change.kind !== "judged") return [];
    const { image, digest } = change.spec;
    return [typeof image === "string" ? imageReference(image, digest) : null];
  }
  if (opts.ignoreChanges.some((path) => path === "*" || path === "containerDefinitions")) return [];
  const text = known(props, ["containerDefinitions"])["containerDefinitions"];
  if (typeof text !== "string") return [];
  const containers = JSON.parse(text) as unknown;
  return Array.isArray(containers) ? containers.map((container) => at(container, "image")) : [];
}

function mistakes(image: unknown, registries: readonly string[]): string[] {
  const repository = BY_DIGEST.exec(String(image))?.[1];
  if (repository === undefined) return ["is not named by digest; allowed is a repository with @sha256: and the digest."];
  return registries.some((pattern) => comesFrom(pattern, repository)) ? [] : [`comes from a registry that is not allowed; allowed ${registries.length === 0 ? "is none" : `are ${registries.join(", ")}`}.`];
}

/** Whether a repository lies in a registry, or below a path of one; `*` stands for any characters but the slash. */
function comesFrom(pattern: string, repository: string): boolean {
  const parts = repository.split("/");
  const wanted = pattern.split("/");
  return parts.length > wanted.length && wanted.every((part, index) => new RegExp(`^${part.split("*").map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join(".*")}$`).test(parts[index] ?? ""));
}
