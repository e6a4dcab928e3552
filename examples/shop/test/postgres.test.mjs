import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import pg from "pg";
import { createSigner } from "../src/shop/receipt.mjs";
import { createPostgresRepository } from "../src/storage/postgres.mjs";
import { isUnavailable } from "../src/storage/unavailable.mjs";
import { repositoryContract } from "./repository-contract.mjs";

const { DATABASE_URL } = process.env;
const sign = createSigner("test-key");

describe("with a database", { skip: !DATABASE_URL && "DATABASE_URL is not set" }, () => {
  // A schema of its own keeps the tests away from whatever else is in the database.
  const schema = `shop_test_${randomBytes(6).toString("hex")}`;
  let repository;

  const administer = async (sql) => {
    const connection = new pg.Client({ connectionString: DATABASE_URL });
    await connection.connect();
    await connection.query(sql).finally(() => connection.end());
  };

  before(async () => {
    await administer(`CREATE SCHEMA ${schema}`);
    const url = new URL(DATABASE_URL);
    url.searchParams.set("options", `-c search_path=${schema}`);
    repository = createPostgresRepository(url.href, sign);
    await Promise.all([repository.prepare(), repository.prepare(), repository.prepare(), repository.prepare()]);
  });
  after(async () => {
    await repository?.close();
    await administer(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  });

  repositoryContract("PostgreSQL", () => repository);
});

describe("without its database", () => {
  it("the PostgreSQL repository says that the database is unavailable", async () => {
    const repository = createPostgresRepository("postgres://nobody@127.0.0.1:1/none", sign);
    await assert.rejects(repository.ping(), (error) => isUnavailable(error));
    await assert.rejects(repository.prepare(), (error) => isUnavailable(error));
    await repository.close();
  });
});
