/** As many links in a row as Linux follows. */
const MOST_HOPS = 40;

/**
 * What is wrong with a symbolic link inside an artifact, as a sentence; null when it leads to a file or folder of the artifact.
 * Links are followed in the listing alone, never on disk, so nothing outside is looked at.
 * @param targets every file (null) and symbolic link (its target) of the artifact, by path
 * @param folders every folder that holds files
 */
export function linkProblem(path: string, targets: ReadonlyMap<string, string | null>, folders: ReadonlySet<string>): string | null {
  const subject = `"${path}" is a symbolic link to "${targets.get(path) ?? ""}"`;
  const outside = `${subject}, which leaves the artifact; allowed are links to files and folders inside it. Copy what it points to, or remove it.`;
  const nowhere = `${subject}, which leads to nothing in the artifact; correct or remove it.`;
  const place: string[] = [];
  const ahead = path.split("/");
  for (let hops = 0; ; ) {
    const part = ahead.shift();
    if (part === undefined) return null;
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (place.pop() === undefined) return outside;
      continue;
    }
    place.push(part);
    const here = place.join("/");
    const target = targets.get(here);
    if (target === undefined) {
      if (!folders.has(here)) return nowhere;
    } else if (target === null) {
      // Also "file/" and "file/.": the system follows neither.
      if (ahead.length > 0) return nowhere;
    } else {
      if (target.startsWith("/")) return outside;
      if (++hops > MOST_HOPS) return `${subject}, which leads in a circle; correct or remove it.`;
      place.pop();
      ahead.unshift(...target.split("/"));
    }
  }
}
