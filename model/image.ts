import { z } from "zod";

/**
 * Repository of a container image: host, optional port, path; neither tag nor digest. The grammar is that of the OCI distribution specification, with the
 * host, which it leaves out, made obligatory: without one it would depend on the machine which registry is meant.
 */
export const imageRepositorySchema = z
  .string()
  .max(255)
  .regex(
    /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(\.[a-z0-9-]+|:\d{1,5})(:\d{1,5})?(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)+$/,
    "allowed is a repository with its registry and without tag or digest, such as 123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop",
  );

/** What mission.yaml says of a service's image. */
export const imageSchema = z.strictObject({
  repository: imageRepositorySchema.describe("Registry and name of the image, without tag."),
  digestFile: z.string().min(1).describe('File below the codebase that the build leaves and that names the digest it pushed: the text sha256:..., or JSON with "containerimage.digest" (docker buildx build --push --metadata-file).'),
});

/** How a registry is asked for exactly this image. */
export function imageReference(repository: string, digest: string): string {
  return `${repository}@${digest}`;
}
