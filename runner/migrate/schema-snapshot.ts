import pg from "pg";
import { digestOfValue } from "../../model/digest.js";

/** One column. */
export interface ColumnSnapshot {
  /** As PostgreSQL writes it, such as `character varying(40)`. */
  readonly type: string;
  readonly nullable: boolean;
  /** Its default or generation expression, `identity always` or `identity by default`; null without. */
  readonly default: string | null;
}

/** A constraint or an index. */
export interface RuleSnapshot {
  /** As PostgreSQL writes it, such as `UNIQUE (cart_id)`. */
  readonly definition: string;
  /** Columns that it is about; none where it is about expressions only. */
  readonly columns: readonly string[];
  /** Whether it refuses rows: a constraint, or a unique index. */
  readonly restricts: boolean;
}

/** One table. Everything by name, in order. */
export interface TableSnapshot {
  readonly columns: Readonly<Record<string, ColumnSnapshot>>;
  /** Primary key, unique, foreign key, check and exclusion; that a column is not null stands with the column. */
  readonly constraints: Readonly<Record<string, RuleSnapshot>>;
  /** Indexes that belong to no constraint. */
  readonly indexes: Readonly<Record<string, RuleSnapshot>>;
}

/**
 * What a database's schemas hold, system schemas left out; plain, ordered data, so that equal databases have equal snapshots. The order of a table's
 * columns, owners, privileges and comments are not part of it.
 */
export interface SchemaSnapshot {
  /** By `schema.table`. */
  readonly tables: Readonly<Record<string, TableSnapshot>>;
  /** Views, sequences, types, functions, triggers and extensions: their definition by kind and name, such as `view public.totals`. */
  readonly others: Readonly<Record<string, string>>;
}

const SYSTEM = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'";
/** What an extension brought is the extension's. */
const OWN = (catalogue: string, oid: string) => `NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = '${catalogue}'::regclass AND e.objid = ${oid} AND e.deptype = 'e')`;

const TABLES = `SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND ${SYSTEM} AND ${OWN("pg_class", "c.oid")}`;

const COLUMNS = `
  SELECT n.nspname || '.' || c.relname AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
    CASE WHEN a.attidentity = 'a' THEN 'identity always' WHEN a.attidentity = 'd' THEN 'identity by default'
      WHEN a.attgenerated <> '' THEN 'generated ' || pg_get_expr(d.adbin, d.adrelid) ELSE pg_get_expr(d.adbin, d.adrelid) END AS "default"
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND ${SYSTEM}`;

const CONSTRAINTS = `
  SELECT n.nspname || '.' || c.relname AS "table", k.conname AS name, pg_get_constraintdef(k.oid) AS definition, true AS restricts,
    ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) ORDER BY a.attname) AS columns
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND ${SYSTEM}`;

const INDEXES = `
  SELECT n.nspname || '.' || c.relname AS "table", i.relname AS name,
    pg_get_indexdef(x.indexrelid) || CASE WHEN x.indisvalid THEN '' ELSE ' (invalid)' END AS definition, x.indisunique AS restricts,
    CASE WHEN x.indexprs IS NOT NULL THEN '{}'::text[]
      ELSE ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey::int2[]) ORDER BY a.attname) END AS columns
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND ${SYSTEM} AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))`;

const OTHERS = `
  SELECT CASE c.relkind WHEN 'm' THEN 'materialised view ' ELSE 'view ' END || n.nspname || '.' || c.relname AS name, pg_get_viewdef(c.oid) AS definition
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND ${SYSTEM} AND ${OWN("pg_class", "c.oid")}
  UNION ALL SELECT 'sequence ' || n.nspname || '.' || c.relname, format_type(s.seqtypid, NULL) || ' from ' || s.seqstart || ' by ' || s.seqincrement
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${SYSTEM} AND ${OWN("pg_class", "c.oid")}
  UNION ALL SELECT 'type ' || n.nspname || '.' || t.typname, 'enum ' || string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
    FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${SYSTEM} AND ${OWN("pg_type", "t.oid")} GROUP BY 1
  UNION ALL SELECT 'type ' || n.nspname || '.' || t.typname, 'domain ' || format_type(t.typbasetype, t.typtypmod) || CASE WHEN t.typnotnull THEN ' not null' ELSE '' END
      || coalesce((SELECT string_agg(' ' || pg_get_constraintdef(k.oid), '' ORDER BY k.conname) FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), '')
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'd' AND ${SYSTEM} AND ${OWN("pg_type", "t.oid")}
  UNION ALL SELECT 'function ' || n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', pg_get_functiondef(p.oid)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prokind IN ('f', 'p') AND ${SYSTEM} AND ${OWN("pg_proc", "p.oid")}
  UNION ALL SELECT 'trigger ' || t.tgname || ' of ' || n.nspname || '.' || c.relname, pg_get_triggerdef(t.oid)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND ${SYSTEM}
  UNION ALL SELECT 'extension ' || extname, extversion FROM pg_extension WHERE extname <> 'plpgsql'`;

type Row = Readonly<Record<string, unknown>> & { readonly table: string; readonly name: string };

/**
 * Reads what a database holds, in one transaction that sees one moment.
 * @throws Error of `pg` when the database cannot be read; its message holds no password
 */
export async function schemaSnapshot(databaseUrl: string): Promise<SchemaSnapshot> {
  return readDatabase(databaseUrl, async (rows) => {
    const tables = Object.fromEntries((await rows(TABLES)).map(({ name }) => [name, { columns: {}, constraints: {}, indexes: {} } as { [part in keyof TableSnapshot]: Record<string, unknown> }]));
    for (const { table, name, type, nullable, default: value } of await rows(COLUMNS)) if (tables[table]) tables[table].columns[name] = { type, nullable, default: value };
    for (const [part, text] of [["constraints", CONSTRAINTS], ["indexes", INDEXES]] as const) {
      for (const { table, name, definition, columns, restricts } of await rows(text)) if (tables[table]) tables[table][part][name] = { definition, columns, restricts };
    }
    const others = Object.fromEntries((await rows(OTHERS)).map(({ name, definition }) => [name, String(definition)]));
    return inOrder({ tables, others }) as unknown as SchemaSnapshot;
  });
}

/** Names a snapshot: equal schemas have equal digests. */
export function snapshotDigest(snapshot: SchemaSnapshot): string {
  return digestOfValue(snapshot);
}

/** One connection, one read-only transaction that sees one moment. */
export async function readDatabase<T>(databaseUrl: string, work: (rows: (text: string) => Promise<Row[]>) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000, statement_timeout: 60_000, application_name: "mission-deploy" });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    // PostgreSQL leaves out the names of schemas that are searched, so that a role's own setting would change what is read.
    await client.query("SET LOCAL search_path = pg_catalog");
    return await work(async (text) => (await client.query(text)).rows as Row[]);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function inOrder(value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, inner]) => [key, inOrder(inner)]));
}
