import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../artifacts/artifact-error.js";
import { digestSchema } from "../../model/digest.js";
import { isInside } from "./inside.js";

/** Longer than any metadata that a builder leaves. */
const LONGEST = 1024 * 1024;

/**
 * The digest of the image that a build has pushed, from the file it left: the digest alone, or JSON with `containerimage.digest` as BuildKit writes it.
 * @param root the codebase, as `realpath` gives it
 */
export async function pushedDigest(root: string, file: string): Promise<{ readonly digest: string } | { readonly problem: string }> {
  // Again: the build may have put a link there.
  if (!(await isInside(root, file))) return { problem: "which leads outside the project" };
  let text: string;
  try {
    text = await readFile(join(root, file), "utf8");
  } catch (error) {
    return { problem: errorCode(error) === "ENOENT" ? "which the build has not left" : `which cannot be read (${errorCode(error) ?? String(error)})` };
  }
  if (text.length > LONGEST) return { problem: "which is larger than 1 MiB" };
  const digest = digestSchema.safeParse(text.trim().startsWith("{") ? fromMetadata(text) : text.trim());
  return digest.success ? { digest: digest.data } : { problem: 'which names no digest; allowed is sha256: and 64 hexadecimal digits, alone or as "containerimage.digest" of JSON' };
}

function fromMetadata(text: string): unknown {
  try {
    return (JSON.parse(text) as Record<string, unknown>)["containerimage.digest"];
  } catch {
    return undefined;
  }
}
