import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { currentRequestId } from "@/infrastructure/observability/currentRequest";
import { database, pool } from "@/infrastructure/persistence/postgres";
import { queue } from "@/infrastructure/queue";
import { type Job, Worker } from "@/infrastructure/queue/Worker";

const halfAnHour = 1_800_000;
const hour = 3_600_000;
let worker: Worker | undefined;
beforeEach(() => database.rows(sql`delete from graphile_worker._private_jobs`));
afterEach(() => worker?.stop());

async function start(...jobs: Job[]): Promise<void> {
    worker = new Worker(pool, queue, jobs);
    await worker.start();
}

/** A job that says when it ran, and may fail the first times. */
function job({ everyMs = halfAnHour, failures = 0, name = "openSettlement" as Job["name"] } = {}) {
    const runs: string[] = [];
    const waiting: { count: number; resolve: () => void }[] = [];
    const run = async () => {
        runs.push(currentRequestId());
        for (const { count, resolve } of waiting) if (runs.length >= count) resolve();
        if (runs.length <= failures) throw new Error("the chain is out of reach");
    };
    const ran = (count: number) =>
        new Promise<void>((resolve) => {
            if (runs.length >= count) resolve();
            else waiting.push({ count, resolve });
        });
    return { runs, ran, job: { name, everyMs, run } };
}

describe("a worker", () => {
    test("looks at everything once when it starts: a wake-up may have been lost", async () => {
        const [one, other] = [job(), job({ name: "closeSettlement" })];
        await start(one.job, other.job);
        await Promise.all([one.ran(1), other.ran(1)]);
    });

    test("leaves what is rare for its appointment, and does not put that off by starting again", async () => {
        const [rare, regular] = [job({ everyMs: hour }), job({ name: "closeSettlement" })];
        const appointments = () =>
            database.rows(sql`
                select run_at from graphile_worker.jobs where key = 'openSettlement:later'`);
        await start(rare.job, regular.job);
        await regular.ran(1);
        const first = await appointments();
        await worker?.stop();
        await start(rare.job, regular.job);
        await regular.ran(2);

        expect(first).toHaveLength(1);
        expect(await appointments()).toEqual(first);
        expect(rare.runs).toEqual([]);
    });

    test("runs a job that is woken, each time under an id of its own", async () => {
        const settlement = job();
        await start(settlement.job);
        await settlement.ran(1);
        await queue.wake("openSettlement");
        await settlement.ran(2);

        expect(settlement.runs).toEqual([
            expect.stringMatching(/^job-[\da-f-]{36}$/),
            expect.stringMatching(/^job-[\da-f-]{36}$/),
        ]);
        expect(new Set(settlement.runs).size).toBe(2);
    });

    test("runs a job that was woken while it ran once more: what woke it may have come too late", async () => {
        const { job: settlement, ran, runs } = job();
        const run = async () => {
            if (runs.length === 0) await queue.wake("openSettlement");
            await settlement.run();
        };
        await start({ ...settlement, run });
        await ran(2);
    });

    test("tries again what threw, and lets it hold up nothing else", async () => {
        const [failing, other] = [
            job({ failures: 1, everyMs: 1 }),
            job({ name: "closeSettlement" }),
        ];
        await start(failing.job, other.job);
        await Promise.all([failing.ran(2), other.ran(1)]);
    });

    test("comes back by itself after everyMs, though nobody wakes it", async () => {
        const regular = job({ everyMs: 1 });
        await start(regular.job);
        await regular.ran(2);
    });

    test("makes an appointment for a job that threw as for one that did not", async () => {
        const failing = job({ failures: 1 });
        await start(failing.job);
        await failing.ran(1);
        await worker?.stop();
        worker = undefined;

        const [later] = await database.rows<{ minutes: number }>(sql`
            select round(extract(epoch from run_at - now()) / 60)::int as minutes
            from graphile_worker.jobs where key = 'openSettlement:later'`);
        expect(later).toEqual({ minutes: 30 });
    });
});
