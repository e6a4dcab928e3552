import { isBookkeeping } from "./bookkeeping.js";
import { readDatabase } from "./schema-snapshot.js";

/** Rows of a table and the MD5 of them all, in an order of their own. */
export interface TableContents {
  readonly rows: number;
  readonly md5: string;
}

/**
 * What every table of a small database holds, by `schema.table`; the records that tools for migrations keep are left out.
 * For scratch databases: it reads every row.
 */
export async function tableContents(databaseUrl: string): Promise<Readonly<Record<string, TableContents>>> {
  return readDatabase(databaseUrl, async (rows) => {
    const tables = await rows(`SELECT schemaname AS "table", tablename AS name, format('%I.%I', schemaname, tablename) AS quoted FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2`);
    const contents: Record<string, TableContents> = {};
    for (const { table: schema, name, quoted } of tables) {
      if (isBookkeeping(name)) continue;
      const [found] = await rows(`SELECT count(*)::int AS rows, md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) AS md5 FROM ${String(quoted)} t`);
      contents[`${schema}.${name}`] = { rows: Number(found?.["rows"]), md5: String(found?.["md5"]) };
    }
    return contents;
  });
}

/** Tables whose rows differ, in order. */
export function changedTables(before: Readonly<Record<string, TableContents>>, after: Readonly<Record<string, TableContents>>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().filter((name) => before[name]?.rows !== after[name]?.rows || before[name]?.md5 !== after[name]?.md5);
}
