import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { currentRequest } from "@/infrastructure/observability/currentRequest";
import { MicroBatch } from "@/infrastructure/persistence/MicroBatch";
import { database } from "@/infrastructure/persistence/postgres";
import { unnest } from "@/infrastructure/persistence/unnest";

/** Answers each cup with its place in its flush, and notes what was flushed together. */
function tray(limits?: ConstructorParameters<typeof MicroBatch>[1]) {
    const flushes: string[][] = [];
    const batch = new MicroBatch<string, string>(async (cups) => {
        flushes.push([...cups]);
        return cups.map((cup, place) => `${cup} ${place}`);
    }, limits);
    return { batch, flushes };
}

describe("a batch", () => {
    test("is what callers add in the same moment, each with its own answer, in order", async () => {
        const { batch, flushes } = tray();
        const answers = await Promise.all(["sencha", "assam", "mate"].map((cup) => batch.add(cup)));

        expect(answers).toEqual(["sencha 0", "assam 1", "mate 2"]);
        expect(flushes).toEqual([["sencha", "assam", "mate"]]);
    });

    test("is begun anew for who comes later", async () => {
        const { batch, flushes } = tray();
        await batch.add("sencha");
        await batch.add("assam");
        expect(flushes).toEqual([["sencha"], ["assam"]]);
    });

    test("is never larger than its limit", async () => {
        const { batch, flushes } = tray({ maxItems: 2, maxInFlight: 1 });
        await Promise.all(["a", "b", "c", "d", "e"].map((cup) => batch.add(cup)));
        expect(flushes).toEqual([["a", "b"], ["c", "d"], ["e"]]);
    });

    test("waits while as many as may be are under way, and takes all who came meanwhile", async () => {
        const flushes: { cups: readonly string[]; end: () => void }[] = [];
        const batch = new MicroBatch<string, string>(
            async (cups) => {
                await new Promise<void>((end) => flushes.push({ cups, end }));
                return cups;
            },
            { maxItems: 10, maxInFlight: 2 }
        );
        const add = async (cup: string) => {
            const answer = batch.add(cup);
            await nextTurn();
            return { answer };
        };
        const added = [await add("a"), await add("b"), await add("c"), await add("d")];
        expect(flushes.map(({ cups }) => cups)).toEqual([["a"], ["b"]]);

        flushes[1]?.end();
        await added[1]?.answer;
        await nextTurn();
        expect(flushes.map(({ cups }) => cups)).toEqual([["a"], ["b"], ["c", "d"]]);
        for (const { end } of flushes) end();
        expect(await Promise.all(added.map(({ answer }) => answer))).toEqual(["a", "b", "c", "d"]);
    });
});

describe("in the database", () => {
    beforeAll(async () => {
        await database.rows(sql`create table cups (
            tea text check (tea <> 'coffee'), "commit" bigint default pg_current_xact_id()::text::bigint)`);
    });
    const batch = new MicroBatch<string, string>(async (cups) => {
        const rows = cups.map((tea) => ({ tea }));
        await database.rows(sql`insert into cups select * from ${unnest(rows, { tea: "text" })}`);
        return cups;
    });
    const commits = async (like: string) => {
        const rows = await database.rows<{ commit: string }>(
            sql`select distinct "commit" from cups where tea like ${like}`
        );
        return rows.length;
    };

    test("many share one commit", async () => {
        await Promise.all(Array.from({ length: 200 }, (_, index) => batch.add(`shared ${index}`)));
        expect(await database.rows(sql`select from cups where tea like 'shared%'`)).toHaveLength(
            200
        );
        expect(await commits("shared%")).toBe(1);
    });

    test("a bad one fails alone, and nobody's is written twice", async () => {
        const cups = ["good 1", "coffee", "good 2", "good 3"];
        const answers = await Promise.allSettled(cups.map((cup) => batch.add(cup)));

        expect(answers.map(({ status }) => status)).toEqual([
            "fulfilled",
            "rejected",
            "fulfilled",
            "fulfilled",
        ]);
        expect(answers[1]).toMatchObject({ reason: { cause: { code: "23514" } } });
        expect(await database.rows(sql`select from cups where tea like 'good%'`)).toHaveLength(3);
    });

    test("one that its caller's transaction takes back stays: it is everybody's flush", async () => {
        const work = database.transaction(async () => {
            await batch.add("kept");
            throw new Error("the rest went wrong");
        });
        await expect(work).rejects.toThrow("the rest went wrong");
        expect(await database.rows(sql`select from cups where tea = 'kept'`)).toHaveLength(1);
    });
});

test("a flush has no request of its own, whoever asked first", async () => {
    const batch = new MicroBatch<string, string | undefined>(async (cups) =>
        cups.map(() => currentRequest.getStore()?.requestId)
    );
    const answer = currentRequest.run({ requestId: "bens-request" }, () => batch.add("sencha"));
    expect(await answer).toBeUndefined();
});

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
