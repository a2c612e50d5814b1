import { sql } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { database } from "@/infrastructure/persistence/postgres";
import { queue } from "@/infrastructure/queue";
import { waking } from "@/infrastructure/queue/Queue";

beforeEach(() => database.rows(sql`delete from graphile_worker._private_jobs`));

const jobs = () =>
    database.rows<{ key: string; due: boolean }>(
        sql`select key, run_at <= now() as due from graphile_worker.jobs order by key`
    );
const secondsUntil = async (key: string) => {
    const [job] = await database.rows<{ seconds: number }>(sql`
        select round(extract(epoch from run_at - created_at))::int as seconds
        from graphile_worker.jobs where key = ${key}`);
    return job?.seconds;
};

describe("a wake-up", () => {
    test("is there at once", async () => {
        await queue.wake("processDeliveries");
        expect(await jobs()).toEqual([{ key: "processDeliveries", due: true }]);
    });

    test("is part of the transaction that causes it", async () => {
        const work = database.transaction(async () => {
            await queue.wake("processDeliveries");
            expect(await jobs()).toHaveLength(1);
            throw new Error("the order was none");
        });
        await expect(work).rejects.toThrow("the order was none");
        expect(await jobs()).toEqual([]);

        await database.transaction(() => queue.wake("processDeliveries"));
        expect(await jobs()).toHaveLength(1);
    });

    test("is one with all that came before it", async () => {
        await Promise.all(Array.from({ length: 20 }, () => queue.wake("openSettlement")));
        await queue.wake("closeSettlement");
        expect((await jobs()).map(({ key }) => key)).toEqual(["closeSettlement", "openSettlement"]);
    });

    test("can be a part of another statement", async () => {
        await database.rows(sql`select ${waking("deployBanks")} from generate_series(1, 3)`);
        expect(await jobs()).toEqual([{ key: "deployBanks", due: true }]);
    });
});

describe("an appointment", () => {
    test("stands beside a wake-up, and is not due yet", async () => {
        await queue.wakeLater("openSettlement", 60_000);
        await queue.wake("openSettlement");
        expect(await jobs()).toEqual([
            { key: "openSettlement", due: true },
            { key: "openSettlement:later", due: false },
        ]);
        expect(await secondsUntil("openSettlement:later")).toBe(60);
    });

    test("is not put off by a later one", async () => {
        await queue.wakeLater("openSettlement", 60_000);
        await queue.wakeLater("openSettlement", 600_000);
        expect(await jobs()).toHaveLength(1);
        expect(await secondsUntil("openSettlement:later")).toBe(60);
    });
});
