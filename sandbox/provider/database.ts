import { z } from "zod";
import { nameSchema } from "../../model/names.js";
import { peek, running } from "./connection.js";
import type { ResourceHandler } from "./handler.js";

const schema = z.strictObject({ sandbox: nameSchema });
type DatabaseInputs = z.output<typeof schema>;

/** `sandbox:index:Database`: the PostgreSQL server of an environment. Deleting it deletes its data. */
export const databaseHandler: ResourceHandler<DatabaseInputs> = {
  schema,
  identity: ["sandbox"],
  incidental: [],
  id: ({ sandbox }) => `${sandbox}/database`,

  async drift({ sandbox }) {
    // Null: the sandbox exists without a database. Undefined: there is no sandbox, and so no database either.
    return (await peek(sandbox))?.database == null ? ["sandbox"] : [];
  },

  async put({ sandbox }) {
    const { database } = await (await running(sandbox)).putDatabase({ port: null });
    return { port: database?.port ?? null };
  },

  async read({ sandbox }) {
    const database = (await peek(sandbox))?.database;
    return database == null ? undefined : { inputs: { sandbox }, outputs: { port: database.port } };
  },

  async delete({ sandbox }) {
    if ((await peek(sandbox)) === undefined) return;
    await (await running(sandbox)).deleteDatabase();
  },
};
