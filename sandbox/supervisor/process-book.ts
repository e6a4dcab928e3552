import { readFileSync } from "node:fs";
import { z } from "zod";
import { writeWhole } from "../process/atomic-file.js";
import type { SandboxPaths } from "./paths.js";

const identitySchema = z.strictObject({ pid: z.int(), start: z.string() });

const instanceEntrySchema = z.strictObject({
  id: z.string(),
  service: z.string(),
  slot: z.enum(["blue", "green"]),
  process: identitySchema,
  port: z.int(),
  startedAt: z.string(),
  restarts: z.int(),
  /** Milliseconds it may drain when it is to leave. */
  drainMs: z.int(),
});
/** A process that was started for an instance. */
export type InstanceEntry = z.output<typeof instanceEntrySchema>;

const bookSchema = z.strictObject({
  router: identitySchema.nullable(),
  database: identitySchema.nullable(),
  instances: z.record(z.string(), instanceEntrySchema),
});
type Book = z.output<typeof bookSchema>;

/**
 * The processes that were started, in `processes.json`. Not durable over a power loss, which ends them all. Where the file is not
 * understood, the processes are still found by their marker.
 */
export class ProcessBook {
  readonly #path: string;
  #book: Book;

  private constructor(path: string, book: Book) {
    this.#path = path;
    this.#book = book;
  }

  /** Opens the book of a sandbox. `understood` is false when there was one that cannot be read. */
  static open(paths: SandboxPaths): { readonly book: ProcessBook; readonly understood: boolean } {
    const { entries, understood } = readBook(paths.processes);
    return { book: new ProcessBook(paths.processes, entries), understood };
  }

  get router() {
    return this.#book.router;
  }

  get database() {
    return this.#book.database;
  }

  get instances(): readonly InstanceEntry[] {
    return Object.values(this.#book.instances);
  }

  /** Records the router's or the database's process; null: there is none. */
  record(role: "router" | "database", process: Book["router"]): void {
    this.#write({ ...this.#book, [role]: process });
  }

  recordInstance(entry: InstanceEntry): void {
    this.#write({ ...this.#book, instances: { ...this.#book.instances, [entry.id]: entry } });
  }

  forgetInstance(id: string): void {
    const { [id]: gone, ...instances } = this.#book.instances;
    if (gone !== undefined) this.#write({ ...this.#book, instances });
  }

  #write(book: Book): void {
    // What runs counts, also when the disk is full: then the marker scan has to find it.
    this.#book = book;
    try {
      writeWhole(this.#path, `${JSON.stringify(book, null, 1)}\n`);
    } catch {
      return;
    }
  }
}

const EMPTY: Book = { router: null, database: null, instances: {} };

/** Reads a book without opening it. */
export function readBook(path: string): { readonly entries: Book; readonly understood: boolean } {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return { entries: EMPTY, understood: (error as NodeJS.ErrnoException).code === "ENOENT" };
  }
  try {
    return { entries: bookSchema.parse(JSON.parse(text)), understood: true };
  } catch {
    return { entries: EMPTY, understood: false };
  }
}
