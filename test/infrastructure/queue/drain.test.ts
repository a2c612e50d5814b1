import { AsyncLocalStorage } from "node:async_hooks";
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { database } from "@/infrastructure/persistence/postgres";
import { drain } from "@/infrastructure/queue/drain";

beforeAll(() =>
    database.rows(
        sql`create table cups (id integer primary key, state text not null default 'due', reason text)`
    )
);
beforeEach(() => database.rows(sql`delete from cups`));

/** As another process would: in no transaction of ours. */
const outside: <T>(work: () => T) => T = AsyncLocalStorage.snapshot();

const pour = (count: number) =>
    database.rows(sql`insert into cups select generate_series(1, ${count}::int)`);
const cups = async (state: string) =>
    (
        await database.rows<{ id: number }>(
            sql`select id from cups where state = ${state} order by id`
        )
    ).map(({ id }) => id);

/** A flow as ours are: takes what is due, marks it, and notes which cups each transaction was about. */
function drinking({ batchSize = 4, spoils = [] as number[] } = {}) {
    const batches: number[][] = [];
    const flow = {
        batchSize,
        take: async (limit: number, only?: readonly number[]) => {
            const ids = only && sql`and id = any(${sql.param([...only])}::int[])`;
            const rows = await database.rows<{ id: number }>(sql`
                select id from cups where state = 'due' ${ids ?? sql``}
                order by id limit ${limit} for update skip locked`);
            return rows.map(({ id }) => id);
        },
        work: async (ids: readonly number[]) => {
            batches.push([...ids]);
            await database.rows(
                sql`update cups set state = 'drunk' where id = any(${sql.param([...ids])}::int[])`
            );
            const spoilt = ids.find((id) => spoils.includes(id));
            if (spoilt) throw new Error(`cup ${spoilt} is cold`);
        },
        postpone: async (id: number, reason: string) => {
            await database.rows(
                sql`update cups set state = 'later', reason = ${reason} where id = ${id}`
            );
        },
    };
    return { flow, batches };
}

describe("drain", () => {
    test("works off all that is due, batch by batch", async () => {
        await pour(10);
        const { flow, batches } = drinking();
        await drain(database, flow);

        expect(batches).toEqual([
            [1, 2, 3, 4],
            [5, 6, 7, 8],
            [9, 10],
        ]);
        expect(await cups("due")).toEqual([]);
    });

    test("does nothing when nothing is due", async () => {
        const { flow, batches } = drinking();
        await drain(database, flow);
        expect(batches).toEqual([]);
    });

    test("puts off a poisoned row alone, with its reason, and goes on", async () => {
        await pour(10);
        const { flow } = drinking({ spoils: [2, 7] });
        await drain(database, flow);

        expect(await cups("later")).toEqual([2, 7]);
        expect(await cups("drunk")).toEqual([1, 3, 4, 5, 6, 8, 9, 10]);
        const [second] = await database.rows(sql`select reason from cups where id = 2`);
        expect(second).toEqual({ reason: "Error: cup 2 is cold" });
    });

    test("keeps for a reason which statement failed, and nothing of what was in it", async () => {
        await pour(1);
        const { flow } = drinking();
        const work = async () => {
            await database.rows(sql`select 1 / 0, ${"bens secret"}::text`);
        };
        await drain(database, { ...flow, work });
        const [first] = await database.rows(sql`select reason from cups`);
        expect(first).toEqual({ reason: "Error: Failed query: select 1 / 0, $1::text" });
    });

    test("leaves to another worker what that one has", async () => {
        await pour(6);
        const { flow: mine } = drinking();
        await database.transaction(async () => {
            const [first] = await mine.take(1);
            await outside(() => drain(database, drinking().flow));
            await mine.work([first ?? 0]);
        });
        expect(await cups("drunk")).toEqual([1, 2, 3, 4, 5, 6]);
    });

    test("does not try alone what another worker did meanwhile", async () => {
        await pour(2);
        const { flow, batches } = drinking();
        const work = flow.work;
        let isFirst = true;
        await drain(database, {
            ...flow,
            work: async (ids) => {
                if (!isFirst) return work(ids);
                isFirst = false;
                throw new Error("the kettle fell");
            },
            take: async (limit, only) => {
                if (only?.includes(1))
                    await outside(() =>
                        database.rows(sql`update cups set state = 'drunk' where id = 1`)
                    );
                return flow.take(limit, only);
            },
        });
        expect(batches).toEqual([[2]]);
        expect(await cups("later")).toEqual([]);
    });

    test("fails when nothing can even be taken: there is nobody to put off", async () => {
        const { flow } = drinking();
        const take = () => Promise.reject(new Error("the database is gone"));
        await expect(drain(database, { ...flow, take })).rejects.toThrow("the database is gone");
    });
});
