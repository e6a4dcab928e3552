import pg from "pg";
import { readBuildInfo } from "./build-info.mjs";
import { applyMigrations, rollBackMigrations } from "./storage/migrate.mjs";

// usage: node migrate.mjs up | down; DATABASE_URL says where. What it did goes to stdout, one name a line; mistakes to stderr, without any secret.
const EX_USAGE = 64;
const EX_CONFIG = 78;

const work = { up: applyMigrations, down: rollBackMigrations }[process.argv[2] ?? ""];
if (work === undefined || process.argv.length > 3) refuse(EX_USAGE, 'The direction is missing; allowed is "up" to apply, or "down" to take back what this version applied.');
if (!/^postgres(ql)?:\/\/./.test(process.env.DATABASE_URL ?? "")) refuse(EX_CONFIG, '"DATABASE_URL" is missing or not understood; allowed is postgres://user:password@host:port/database.');

const client = new pg.Client({ connectionString: process.env.DATABASE_URL, connectionTimeoutMillis: 10_000, statement_timeout: 60_000, application_name: "shop-migrate" });
client.on("error", () => {});
try {
  await client.connect();
  for (const name of await work(client, readBuildInfo().version)) process.stdout.write(`${process.argv[2]} ${name}\n`);
} catch (error) {
  refuse(1, `The migrations failed: ${error.message || error.code}`);
} finally {
  await client.end().catch(() => {});
}

function refuse(code, sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(code);
}
