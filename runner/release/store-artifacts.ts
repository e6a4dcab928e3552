import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { ArtifactError } from "../../artifacts/artifact-error.js";
import type { TreeOptions } from "../../artifacts/scan-tree.js";
import type { ArtifactStore } from "../../artifacts/store.js";
import type { Application } from "../../model/application.js";
import { show, type Diagnostic } from "../../model/diagnostic.js";
import { EXIT, UserError } from "../errors.js";
import { isInside } from "./inside.js";
import { pushedDigest } from "./pushed-digest.js";
import { writingToStore } from "./writing-to-store.js";

/**
 * Stores the artifact of every service of a codebase that was built, each folder once; an image lies in its registry already. Digests by service.
 * @param root the codebase, as `realpath` gives it
 * @param leaveOut what stays out of an artifact that is the codebase itself
 * @throws UserError with every artifact that is missing, empty or not fit to be stored: codebase after a build, else usage; missing when the store
 *   cannot be written
 */
export async function storeArtifacts(root: string, application: Application, store: ArtifactStore, leaveOut: NonNullable<TreeOptions["leaveOut"]>): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  const folders = new Map<string, string | null>();
  const problems: Diagnostic[] = [];
  for (const [service, { artifact = ".", image }] of Object.entries(application.services)) {
    if (image !== undefined) {
      const pushed = await pushedDigest(root, image.digestFile);
      if ("digest" in pushed) digests.set(service, pushed.digest);
      else problems.push({ path: `services.${service}.image.digestFile`, message: `is ${show(image.digestFile)}, ${pushed.problem}; the build pushes the image and leaves its digest there, such as by docker buildx build --push --metadata-file.` });
      continue;
    }
    const found = await folderOf(root, artifact);
    const path = `services.${service}.artifact`;
    if ("problem" in found) {
      problems.push({ path, message: `is ${show(artifact)}, ${found.problem}${application.build === null ? "" : " after the build"}; correct the path or the build.` });
      continue;
    }
    if (!folders.has(found.folder)) {
      const stored = await put(store, found.folder, found.folder === root ? { leaveOut } : {});
      folders.set(found.folder, typeof stored === "string" ? stored : null);
      if (typeof stored !== "string") problems.push(...stored.problems.map((problem) => ({ path, message: `is ${show(artifact)}, which cannot be stored: ${problem}` })));
    }
    const digest = folders.get(found.folder);
    if (digest) digests.set(service, digest);
  }
  if (problems.length > 0) throw new UserError(application.build === null ? EXIT.usage : EXIT.codebase, `The artifacts of "${application.name}" cannot be stored:`, problems);
  return digests;
}

async function folderOf(root: string, artifact: string): Promise<{ readonly folder: string } | { readonly problem: string }> {
  // Again: the build may have put a link there.
  if (!(await isInside(root, artifact))) return { problem: "which leads outside the project" };
  const folder = await realpath(join(root, artifact)).catch(() => null);
  if (folder === null) return { problem: "which does not exist" };
  return (await stat(folder)).isDirectory() ? { folder } : { problem: "which is no folder" };
}

async function put(store: ArtifactStore, folder: string, options: TreeOptions): Promise<string | ArtifactError> {
  return writingToStore(store.directory, () => store.put(folder, options)).catch((error: unknown) => {
    if (error instanceof ArtifactError) return error;
    throw error;
  });
}
