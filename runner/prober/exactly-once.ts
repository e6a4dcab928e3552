import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { z } from "zod";

/** How the ids that clients sent compare with those that applications logged. Each list is empty when all is well. */
export interface ExactlyOnce {
  /** Requests that were written to a connection. */
  readonly sent: number;
  /** Sent, but in no application log. */
  readonly missing: readonly string[];
  /** In the application logs more than once. */
  readonly duplicated: readonly string[];
  /** In an application log with the prefix of one of these runs, but never sent. */
  readonly foreign: readonly string[];
}

const clientLine = z.object({ id: z.string(), sent: z.number().nullable() });
const applicationLine = z.object({ id: z.string() });

/**
 * Compares probers' logs with the logs of everything that may have answered: every id sent must appear exactly once.
 * Lines that are not JSON, carry no id, or carry the id of another run are passed over; a log may hold other things and end in a torn line.
 * @param clientLog path of a prober's log, or of several
 * @param applicationLogs paths of the applications' or the router's logs
 */
export async function checkExactlyOnce(clientLog: string | readonly string[], applicationLogs: readonly string[]): Promise<ExactlyOnce> {
  const seen = new Map<string, number>();
  const runs = new Set<string>();
  for (const path of typeof clientLog === "string" ? [clientLog] : clientLog) {
    for await (const { id, sent } of linesOf(path, clientLine)) {
      runs.add(runOf(id));
      if (sent !== null) seen.set(id, 0);
    }
  }
  const foreign = new Set<string>();
  for (const path of applicationLogs) {
    for await (const { id } of linesOf(path, applicationLine)) {
      const times = seen.get(id);
      if (times !== undefined) seen.set(id, times + 1);
      else if (runs.has(runOf(id))) foreign.add(id);
    }
  }
  const ids = [...seen];
  return {
    sent: seen.size,
    missing: ids.filter(([, times]) => times === 0).map(([id]) => id),
    duplicated: ids.filter(([, times]) => times > 1).map(([id]) => id),
    foreign: [...foreign],
  };
}

/** An id is `<run>-<n>`; a run's name may hold dashes itself. */
function runOf(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf("-")));
}

async function* linesOf<T>(path: string, schema: z.ZodType<T>): AsyncGenerator<T> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const parsed = schema.safeParse(parse(line));
    if (parsed.success) yield parsed.data;
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
