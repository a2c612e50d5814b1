import { AsyncLocalStorage } from "node:async_hooks";
import type { SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import { isTransient } from "./postgresErrors";

/** A connection to Postgres: the pool, or one open transaction. Both speak Drizzle. */
// biome-ignore lint/suspicious/noExplicitAny: the relational query API, which we do not use, is typed by the schema
type Connection = PgDatabase<PgQueryResultHKT, any, any>;

const maxAttempts = 3;

/**
 * Postgres, and the transaction that the caller is in.
 *
 * Repositories write to `current` and need not know whether a transaction is open. Orchestrators open
 * one around a flow, and every repository called inside joins it: a statement cannot be left out by
 * forgetting to pass a handle along. A transaction inside a transaction is a savepoint.
 */
export class Database {
    private readonly open = new AsyncLocalStorage<Connection>();

    constructor(private readonly pool: NodePgDatabase) {}

    get current(): Connection {
        return this.open.getStore() ?? this.pool;
    }

    /** Work that lost to a deadlock is done again from its start, so it must have no effect but in Postgres. */
    async transaction<T>(work: () => Promise<T>): Promise<T> {
        const isInner = this.open.getStore() !== undefined;
        for (let attempt = 1; ; attempt++) {
            try {
                return await this.current.transaction((connection) =>
                    this.open.run(connection, work)
                );
            } catch (error) {
                if (isInner || attempt === maxAttempts || !isTransient(error)) throw error;
            }
        }
    }

    /**
     * Rows of a statement that Drizzle's builder cannot say. Names and types are the caller's promise; times
     * and big numbers come as text.
     */
    async rows<Row extends Record<string, unknown>>(statement: SQL): Promise<Row[]> {
        const { rows } = (await this.current.execute(statement)) as unknown as { rows: Row[] };
        return rows;
    }
}
