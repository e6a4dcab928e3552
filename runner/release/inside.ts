import { lstat, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize, sep } from "node:path";
import { errorCode } from "../../artifacts/artifact-error.js";

/**
 * Whether a path below a codebase really stays below it, also when it goes through symbolic links. What does not exist yet (a build makes it)
 * is inside when the nearest folder that exists is.
 * @param root the codebase, as `realpath` gives it
 */
export async function isInside(root: string, path: string): Promise<boolean> {
  const whole = normalize(join(root, path));
  if (isAbsolute(path) || !isBelow(root, whole)) return false;
  for (let place = whole; ; place = dirname(place)) {
    const found = await realpath(place).catch((error: unknown) => {
      if (errorCode(error) === "ENOENT") return null;
      throw error;
    });
    if (found !== null) return isBelow(root, found);
    // A link to nothing: a build could put something there, outside.
    if (await exists(place)) return false;
  }
}

function isBelow(root: string, path: string): boolean {
  return path === root || path === `${root}${sep}` || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
