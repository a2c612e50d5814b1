import { log } from "../observability/log";
import type { Database } from "../persistence/Database";
import { messageOf } from "../persistence/postgresErrors";

type Work<Row> = {
    /** Takes up to `limit` rows that are due (of `only`, when given), locked until the transaction ends. */
    take: (limit: number, only?: readonly Row[]) => Promise<readonly Row[]>;
    /** Works off what was taken, in the same transaction. */
    work: (rows: readonly Row[]) => Promise<void>;
    /** Puts a row off that could not be worked off. */
    postpone: (row: Row, reason: string) => Promise<void>;
    batchSize: number;
    /** How many batches are under way at once: while one waits for Postgres, another thinks. */
    lanes?: number;
};

/**
 * Works off what is due, many rows to a transaction. When a batch fails, each of its rows is tried alone and
 * only those that fail alone are put off: a poisoned row holds up nobody.
 */
export async function drain<Row>(db: Database, work: Work<Row>): Promise<void> {
    await Promise.all(Array.from({ length: work.lanes ?? 1 }, () => lane(db, work)));
}

async function lane<Row>(db: Database, work: Work<Row>): Promise<void> {
    while ((await workOff(db, work)) === work.batchSize);
}

async function workOff<Row>(db: Database, { take, work, batchSize, postpone }: Work<Row>) {
    let taken: readonly Row[] = [];
    try {
        await db.transaction(async () => {
            taken = await take(batchSize);
            if (taken.length > 0) await work(taken);
        });
    } catch (error) {
        if (taken.length === 0) throw error;
        log.warn({ err: error, rows: taken.length }, "a batch failed; its rows are tried alone");
        for (const row of taken) await workOffAlone(db, { take, work, batchSize, postpone }, row);
    }
    return taken.length;
}

async function workOffAlone<Row>(db: Database, { take, work, postpone }: Work<Row>, row: Row) {
    try {
        await db.transaction(async () => {
            const stillDue = await take(1, [row]);
            if (stillDue.length > 0) await work(stillDue);
        });
    } catch (error) {
        log.error({ err: error }, "a row was put off");
        await postpone(row, reasonOf(error));
    }
}

const reasonOf = (error: unknown): string =>
    error instanceof Error ? `${error.name}: ${messageOf(error)}` : String(error);
