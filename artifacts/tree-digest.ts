import { createHash } from "node:crypto";
import { forEachFile } from "./for-each-file.js";
import { scanTree, type TreeOptions } from "./scan-tree.js";

/** First line of what is hashed; another format has another line, and so never the same digest. */
export const TREE_FORMAT = "mission-deploy artifact v1\n";

/**
 * The digest of a folder: `sha256:` and the SHA-256 of this text, in UTF-8:
 *
 *     mission-deploy artifact v1
 *     file 1093 <sha256> dist/server.js
 *     executable 214 <sha256> bin/start
 *     symlink 9 <sha256> node_modules/.bin/serve
 *
 * One line for each file and symbolic link, each ended by a line feed, in bytewise order of the paths: its kind (`executable` when its owner
 * may execute it), the number of bytes of its contents in decimal, the SHA-256 of its contents in 64 hexadecimal digits, and its path
 * relative to the folder with `/` between its parts. Fields are separated by one space; the path is the rest of the line, which no line feed
 * can end early because such names are refused. A symbolic link's contents are the text of its target.
 *
 * Times, owners, other permission bits, the order in a folder, hard links and empty folders do not count. Names count byte for byte: two
 * Unicode forms of one name are two names.
 *
 * @throws ArtifactError with every problem (see `scanTree`), every file that cannot be read, or the limit that is exceeded
 */
export async function treeDigest(directory: string, options: TreeOptions = {}): Promise<string> {
  const entries = await scanTree(directory, options);
  const files = await forEachFile(directory, entries, (_path, executable) => new Fingerprint(executable ? "executable" : "file"), options.limits);
  const whole = createHash("sha256").update(TREE_FORMAT);
  for (const entry of entries) {
    const fields = entry.kind === "symlink" ? linkFields(entry.target) : files.get(entry.path);
    whole.update(`${fields ?? ""} ${entry.path}\n`);
  }
  return `sha256:${whole.digest("hex")}`;
}

/** Kind, size and hash of one file, as its line has them. */
class Fingerprint {
  readonly #hash = createHash("sha256");
  #size = 0;

  constructor(readonly kind: "file" | "executable" | "symlink") {}

  piece(bytes: Buffer): void {
    this.#hash.update(bytes);
    this.#size += bytes.length;
  }

  end(): string {
    return `${this.kind} ${this.#size} ${this.#hash.digest("hex")}`;
  }
}

function linkFields(target: string): string {
  const fingerprint = new Fingerprint("symlink");
  fingerprint.piece(Buffer.from(target));
  return fingerprint.end();
}
