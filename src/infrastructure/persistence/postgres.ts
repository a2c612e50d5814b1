import { drizzle } from "drizzle-orm/node-postgres";
import { Pool } from "pg";
import { config } from "../config";
import { log } from "../observability/log";
import { Database } from "./Database";

/** Marks our connections, so that a job held by a process that is gone can be told from one at work. */
export const processName = `commend-${crypto.randomUUID()}`;

export const pool = new Pool({
    connectionString: config.DATABASE_URL,
    max: 10,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 10_000,
    application_name: processName,
});
const noteBreak = (error: Error) => log.warn({ err: error }, "a database connection broke");
pool.on("error", noteBreak);
pool.on("connect", (client) => client.on("error", noteBreak));

export const database = new Database(drizzle(pool, { casing: "snake_case" }));
