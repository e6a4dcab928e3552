import { join } from "node:path";
import { ArtifactError } from "./artifact-error.js";
import { mapLimited } from "./map-limited.js";
import { UnreadableFile, readFileSafely } from "./read-file-safely.js";
import { CONCURRENCY, TREE_LIMITS, type TreeEntry, type TreeLimits } from "./scan-tree.js";

/** What takes the contents of one file. */
export interface FileSink<Result> {
  piece(bytes: Buffer): void | Promise<void>;
  /** After the last piece. */
  end(): Result | Promise<Result>;
  /** Instead of `end`, when the file could not be read or the tree is too large. */
  abandon?(): Promise<void>;
}

/**
 * Reads all files of a tree, several at once, each into a sink of its own. Results by path.
 * @throws ArtifactError with every file that cannot be read, or when all together have more bytes than the limit
 */
export async function forEachFile<Result>(
  root: string,
  entries: readonly TreeEntry[],
  sinkFor: (path: string, executable: boolean) => FileSink<Result> | Promise<FileSink<Result>>,
  limits: TreeLimits = TREE_LIMITS,
): Promise<Map<string, Result>> {
  const results = new Map<string, Result>();
  const problems: string[] = [];
  let bytes = 0;
  async function readOne({ path }: TreeEntry): Promise<void> {
    let sink: FileSink<Result> | undefined;
    try {
      const start = async (executable: boolean) => void (sink = await sinkFor(path, executable));
      await readFileSafely(join(root, path), start, (piece) => {
        bytes += piece.length;
        if (bytes > limits.bytes) throw new ArtifactError([`"${root}" holds more than ${size(limits.bytes)}, the largest artifact allowed; leave out what does not run.`]);
        return sink?.piece(piece);
      });
      if (sink) results.set(path, await sink.end());
    } catch (error) {
      await sink?.abandon?.();
      if (!(error instanceof UnreadableFile)) throw error;
      problems.push(`"${path}" ${error.message}`);
    }
  }
  await mapLimited(
    entries.filter(({ kind }) => kind === "file"),
    CONCURRENCY,
    readOne,
  );
  if (problems.length > 0) throw new ArtifactError(problems.sort());
  return results;
}

function size(bytes: number): string {
  return bytes % 1024 ** 3 === 0 ? `${bytes / 1024 ** 3} GiB` : `${bytes.toLocaleString("en")} bytes`;
}
