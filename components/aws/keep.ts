import type * as pulumi from "@pulumi/pulumi";

/** Every input of a resource that is kept stays as it is recorded, whatever this program or a newer one declares. */
export function keep(opts: pulumi.CustomResourceOptions, kept: boolean): pulumi.CustomResourceOptions {
  return kept ? { ...opts, ignoreChanges: ["*"] } : opts;
}
