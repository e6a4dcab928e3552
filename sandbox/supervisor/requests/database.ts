import type { DatabaseAccess, DatabaseRequest } from "../../protocol.js";
import { NoDatabase } from "../../database/binaries.js";
import { freePort, isFree } from "../../process/free-port.js";
import type { Context } from "../context.js";
import { conflict, Refusal } from "../refusal.js";
import { reservedPorts } from "../state.js";

const PATIENCE = 60_000;

/** `PUT /v1/database` Answers when it accepts connections. @throws Refusal */
export async function putDatabase(context: Context, { port }: DatabaseRequest): Promise<void> {
  const { store, database } = context;
  await store.exclusive(async (save) => {
    const recorded = store.current.database;
    if (recorded !== null) {
      if (port !== null && port !== recorded.port) throw conflict("port", `The database listens on port ${recorded.port} and keeps it; ask for that one or for none.`, { port });
      return;
    }
    if (port !== null && !(await isFree(port))) throw conflict("port", `Port ${port} (database) is in use on 127.0.0.1; free it or choose another.`, { port });
    const chosen = port ?? (await freePort(reservedPorts(store.current)));
    try {
      await database.prepare();
    } catch (error) {
      if (error instanceof NoDatabase) throw conflict("database", error.message);
      throw new Refusal(500, error instanceof Error ? error.message : String(error), "database");
    }
    await save({ ...store.current, database: { port: chosen } });
    await database.begin(chosen);
  });
  // Not in there: nothing else has to wait while a server recovers.
  await ready(context);
}

async function ready({ database, paths }: Context): Promise<void> {
  if (await database.whenReady(PATIENCE)) return;
  throw new Refusal(503, `The database does not accept connections within ${PATIENCE / 1000}s: ${database.lastWords || "its log is empty"} (see "${paths.databaseLog}").`, "database");
}

/** `GET /v1/database` @throws Refusal */
export function databaseAccess({ store, database }: Context): DatabaseAccess {
  if (store.current.database === null) throw new Refusal(404, "The sandbox has no database.");
  if (database.url === null) throw new Refusal(500, "The database's password is lost (no or another key file); restore the key or remove the sandbox.", "database");
  return { url: database.url, ready: database.ready };
}

/** `DELETE /v1/database`: the server and its data. @throws Refusal */
export async function deleteDatabase({ store, database }: Context): Promise<void> {
  await store.exclusive(async (save) => {
    if (store.current.database === null) {
      // A supervisor that was killed while it removed the database has left its data.
      await database.endForgotten();
      await database.removeData();
      throw new Refusal(404, "The sandbox has no database.");
    }
    const users = Object.entries(store.current.services).flatMap(([service, { slots }]) =>
      (["blue", "green"] as const).filter((slot) => slots[slot]?.spec.database === true && (slots[slot]?.instances ?? 0) > 0).map((slot) => `"${service}" ${slot}`),
    );
    if (users.length > 0) throw conflict("database", `The database is used by ${users.join(", ")}; remove or retire these slots first.`);
    await save({ ...store.current, database: null });
    await database.stop();
    await database.removeData();
  });
}
