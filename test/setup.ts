import { Client } from "pg";
import { afterAll, inject } from "vitest";
import { testEnvironment } from "./environment";

/** Each test file gets a copy of the migrated database, before anything reads the environment. */
const url = inject("databaseUrl");
const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;

await administer(`create database ${name} template template`);
Object.assign(
    process.env,
    testEnvironment(url.replace(/\/postgres$/, `/${name}`), inject("rpcUrl"))
);

afterAll(async () => {
    const { pool } = await import("@/infrastructure/persistence/postgres");
    await pool.end();
    await administer(`drop database ${name} with (force)`);
});

async function administer(statement: string): Promise<void> {
    const client = new Client(url);
    await client.connect();
    await client.query(statement);
    await client.end();
}
