import type { SchemaChange } from "./schema-diff.js";

/** Tables in which tools for migrations note what they have applied; they stay when everything else was taken back. */
const TABLES = [
  "pgmigrations", // node-pg-migrate
  "schema_migrations", // Rails, golang-migrate, dbmate, the shop
  "knex_migrations",
  "knex_migrations_lock",
  "_prisma_migrations",
  "__drizzle_migrations",
  "SequelizeMeta",
  "migrations", // TypeORM, Laravel
  "mikro_orm_migrations",
  "flyway_schema_history",
  "databasechangelog", // Liquibase
  "databasechangeloglock",
  "alembic_version",
  "django_migrations",
  "goose_db_version",
  "__EFMigrationsHistory",
];

const OBJECT = /^(?:table|sequence) [^.]+\.(.+?)(?:_(?:id|index)_seq)?$/;

/** Whether a table, by its name without the schema, is a tool's own record. */
export function isBookkeeping(table: string): boolean {
  return TABLES.includes(table);
}

/** Whether a change is a tool's record, or that record's sequence, that came into being. Taking one away or changing it is not meant. */
export function isNewBookkeeping({ object, kind }: SchemaChange): boolean {
  return kind === "added" && isBookkeeping(OBJECT.exec(object)?.[1] ?? "");
}
