import { link, mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isDead, ownerOf, ownName } from "../../artifacts/owner.js";
import { nameSchema } from "../../model/names.js";
import { standingStatementSchema } from "../../model/standing.js";
import { EXIT, UserError } from "../errors.js";
import { replaceFile } from "../replace-file.js";
import { StaleLease, type Acquired, type Holder, type Lease, type LeaseRequest, type MissionStore, type Standing, type Statement } from "./mission-store.js";

/*
 *   <root>/<environment>/leases/<token>.json            made once, complete, by link(2): of two that want a number one gets it
 *   <root>/<environment>/leases/<token>.until           when its time is over, once it was renewed
 *   <root>/<environment>/leases/<token>.released
 *   <root>/<environment>/freeze.json, hold.json, history.jsonl
 *
 * Times are those of the machines' clocks; a lease lasts long in comparison with what clocks differ by.
 */

const leaseSchema = z.object({ mission: z.string(), owner: z.string(), since: z.iso.datetime(), until: z.iso.datetime() });
const untilSchema = z.object({ until: z.iso.datetime() });
const historySchema = standingStatementSchema.extend({ kind: z.enum(["freeze", "hold"]), begins: z.boolean() });

/** The mission store in a directory, which several processes, and machines that mount it, may use at once. */
export function directoryStore(root: string, now: () => Date = () => new Date()): MissionStore {
  const folder = (environment: string) => join(root, nameSchema.parse(environment));
  const leases = (environment: string) => join(folder(environment), "leases");

  const newest = async (environment: string): Promise<number> => {
    const names = await readdir(leases(environment)).catch(ifAbsent<string[]>([]));
    return Math.max(0, ...names.flatMap((name) => (/^\d+\.json$/.test(name) ? [Number.parseInt(name, 10)] : [])));
  };

  const holderOf = async (environment: string, token: number): Promise<Holder | null> => {
    const base = join(leases(environment), String(token));
    if ((await readOr(`${base}.released`)) !== null) return null;
    const { mission, owner, since, until: first } = await read(`${base}.json`, leaseSchema);
    const process = ownerOf(owner);
    if (process !== null && (await isDead(process))) return null;
    const { until } = (await readOr(`${base}.until`)) === null ? { until: first } : await read(`${base}.until`, untilSchema);
    return Date.parse(until) <= now().getTime() ? null : { mission, since, until };
  };

  const leaseOf = (environment: string, { mission, ttlMs }: LeaseRequest, token: number): Lease => {
    const base = join(leases(environment), String(token));
    const check = async () => {
      const latest = await newest(environment);
      if (latest !== token || (await readOr(`${base}.released`)) !== null) throw new StaleLease(environment, mission, token, latest);
    };
    return {
      environment,
      mission,
      token,
      check,
      async renew() {
        await check();
        await replaceFile(`${base}.until`, JSON.stringify({ until: new Date(now().getTime() + ttlMs).toISOString() }));
      },
      release: () => replaceFile(`${base}.released`, "{}"),
    };
  };

  const say = async (environment: string, line: z.output<typeof historySchema>) => {
    await mkdir(folder(environment), { recursive: true, mode: 0o700 });
    const file = await open(join(folder(environment), "history.jsonl"), "a", 0o600);
    try {
      await file.writeFile(`${JSON.stringify(line)}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
  };

  return {
    async acquire(environment, request): Promise<Acquired> {
      await mkdir(leases(environment), { recursive: true, mode: 0o700 });
      for (;;) {
        const latest = await newest(environment);
        const holder = latest === 0 ? null : await holderOf(environment, latest);
        if (holder !== null) return { ok: false, holder };
        const token = latest + 1;
        const base = join(leases(environment), String(token));
        const own = await ownName();
        const draft = join(leases(environment), `.${own}`);
        const since = now();
        const until = new Date(since.getTime() + request.ttlMs);
        await replaceFile(draft, JSON.stringify({ mission: request.mission, owner: own, since: since.toISOString(), until: until.toISOString() }));
        try {
          await link(draft, `${base}.json`);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
          continue; // Another one was faster; who that is, is seen now.
        } finally {
          await rm(draft, { force: true });
        }
        return { ok: true, lease: leaseOf(environment, request, token) };
      }
    },

    async holder(environment): Promise<Holder | null> {
      const latest = await newest(environment);
      return latest === 0 ? null : holderOf(environment, latest);
    },

    async standing(environment): Promise<Standing> {
      const of = async (kind: keyof Standing): Promise<Statement | null> => {
        const path = join(folder(environment), `${kind}.json`);
        return (await readOr(path)) === null ? null : read(path, standingStatementSchema);
      };
      return { freeze: await of("freeze"), hold: await of("hold") };
    },

    async set(environment, kind, statement) {
      await say(environment, { ...statement, kind, begins: true });
      await replaceFile(join(folder(environment), `${kind}.json`), `${JSON.stringify(statement)}\n`);
    },

    async clear(environment, kind, statement) {
      await say(environment, { ...statement, kind, begins: false });
      await rm(join(folder(environment), `${kind}.json`), { force: true });
    },

    async history(environment) {
      const path = join(folder(environment), "history.jsonl");
      const text = (await readOr(path)) ?? "";
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => parsed(path, line, historySchema));
    },
  };
}

function ifAbsent<T>(value: T): (error: unknown) => T {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return value;
    throw error;
  };
}

function readOr(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch(ifAbsent(null));
}

async function read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  return parsed(path, await readFile(path, "utf8"), schema);
}

/** A file that cannot be understood is never taken for "nobody" or "nothing". */
function parsed<T>(path: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new UserError(EXIT.refused, `"${path}" of the mission store is not what was written there; nothing is done before somebody has looked at it. Restore it, or remove it when nobody works on that environment.`);
}
