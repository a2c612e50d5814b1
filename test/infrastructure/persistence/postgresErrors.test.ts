import { DrizzleQueryError, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { Client, Pool } from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { config } from "@/infrastructure/config";
import { freePort } from "@/infrastructure/embedded/freePort";
import { Database } from "@/infrastructure/persistence/Database";
import { database } from "@/infrastructure/persistence/postgres";
import {
    isOutage,
    isTransient,
    isUniqueViolation,
} from "@/infrastructure/persistence/postgresErrors";

beforeAll(() =>
    database.rows(
        sql`create table pots (name text constraint pots_one_name unique, litres integer not null)`
    )
);

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
        () => undefined,
        (error: unknown) => error
    );
const raised = (code: string) =>
    errorOf(
        database.rows(sql.raw(`do $$ begin raise exception 'no' using errcode = '${code}'; end $$`))
    );

/** The error of one statement on a database of its own. */
async function errorAt(connectionString: string, options = {}): Promise<unknown> {
    const pool = new Pool({ connectionString, max: 1, ...options });
    pool.on("error", () => undefined);
    const error = await errorOf(new Database(drizzle(pool)).rows(sql`select 1`));
    await pool.end();
    return error;
}

describe("an outage", () => {
    test.each(["127.0.0.1", "localhost"])("is that nobody listens on %s", async (host) => {
        const error = await errorAt(`postgres://ada@${host}:${await freePort()}/tea`);
        expect(isOutage(error)).toBe(true);
    });

    test.each([
        ["ENOTFOUND", "its name leads nowhere: its container is down"],
        ["EAI_AGAIN", "nobody knows its name for now"],
        ["EHOSTUNREACH", "no way leads to it"],
        ["ENETUNREACH", "no way leads to its network"],
        ["ETIMEDOUT", "it does not answer"],
        ["ECONNRESET", "it hung up"],
        ["EPIPE", "it hung up while we spoke"],
    ])("is what the system calls %s: %s", (code) => {
        const cause = Object.assign(new Error(`connect ${code}`), { code });
        expect(isOutage(cause)).toBe(true);
        expect(isOutage(new DrizzleQueryError("select 1", [], cause))).toBe(true);
    });

    test("is a connection that broke in the middle", async () => {
        const pool = new Pool({ connectionString: config.DATABASE_URL, max: 1 });
        pool.on("error", () => undefined);
        pool.on("connect", (client) => client.on("error", () => undefined));
        const broken = new Database(drizzle(pool));
        const [backend] = await broken.rows<{ pid: number }>(sql`select pg_backend_pid() as pid`);
        const waiting = errorOf(broken.rows(sql`select pg_sleep(60)`));
        await database.rows(sql`
            select pg_terminate_backend(${backend?.pid}) from pg_stat_activity
            where pid = ${backend?.pid}`);

        expect(isOutage(await waiting)).toBe(true);
        await pool.end();
    });

    test("is that all connections are taken", async () => {
        const pool = new Pool({
            connectionString: config.DATABASE_URL,
            max: 1,
            // Long enough for the first, however busy the machine is.
            connectionTimeoutMillis: 2_000,
        });
        const taken = await pool.connect();
        const error = await errorOf(new Database(drizzle(pool)).rows(sql`select 1`));
        taken.release();
        await pool.end();

        expect(isOutage(error)).toBe(true);
    });

    test.each([
        ["08006", "the connection failed"],
        ["57P01", "the server shuts down"],
        ["57P03", "the server is starting"],
        ["53300", "the server has too many clients"],
        ["53100", "its disk is full"],
    ])("is what Postgres calls %s: %s", async (code) => {
        expect(isOutage(await raised(code))).toBe(true);
    });
});

describe("no outage", () => {
    test.each([
        ["a mistake in SQL", "selec 1"],
        ["a division by zero", "select 1 / 0"],
        ["a missing value", "insert into pots values ('blue', null)"],
    ])("is %s", async (_, statement) => {
        const error = await errorOf(database.rows(sql.raw(statement)));
        expect([isOutage(error), isTransient(error)]).toEqual([false, false]);
    });

    test("is a statement that took too long", async () => {
        expect(isOutage(await raised("57014"))).toBe(false);
    });

    test.each([undefined, null, "timeout", {}, new Error("tea is cold")])("is %j", (error) => {
        expect([isOutage(error), isTransient(error)]).toEqual([false, false]);
        expect(isUniqueViolation(error, "pots_one_name")).toBe(false);
    });
});

test.each([
    ["40001", true],
    ["40P01", true],
    ["23505", false],
    ["57014", false],
])("%s is worth another try: %s", async (code, isWorthIt) => {
    expect(isTransient(await raised(code))).toBe(isWorthIt);
});

test("a unique violation is told by the name of its constraint, with and without Drizzle around it", async () => {
    await database.rows(sql`insert into pots values ('green', 1)`);
    const wrapped = await errorOf(database.rows(sql`insert into pots values ('green', 2)`));
    const client = new Client(config.DATABASE_URL);
    await client.connect();
    const plain = await errorOf(client.query("insert into pots values ('green', 2)"));
    await client.end();

    for (const error of [wrapped, plain]) {
        expect(isUniqueViolation(error, "pots_one_name")).toBe(true);
        expect(isUniqueViolation(error, "pots_one_litre")).toBe(false);
    }
});
