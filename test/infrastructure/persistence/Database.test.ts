import { sql } from "drizzle-orm";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { database } from "@/infrastructure/persistence/postgres";
import { type Signal, signal } from "../../fixtures/signal";

beforeAll(() =>
    database.rows(sql`create table tins (tea text primary key, grams integer not null)`)
);
afterEach(() => database.rows(sql`delete from tins`));

/** As a repository would, knowing nothing of who called it. */
const put = (tea: string, grams = 100) =>
    database.rows(sql`insert into tins values (${tea}, ${grams})`);
const add = (tea: string, grams: number) =>
    database.rows(sql`update tins set grams = grams + ${grams} where tea = ${tea}`);
const tins = async () => {
    const rows = await database.rows<{ tea: string; grams: number }>(
        sql`select * from tins order by tea`
    );
    return Object.fromEntries(rows.map(({ tea, grams }) => [tea, grams]));
};

describe("a transaction", () => {
    test("is joined by whatever is called inside, and rolled back as one", async () => {
        const work = database.transaction(async () => {
            await put("sencha");
            await put("assam");
            expect(Object.keys(await tins())).toEqual(["assam", "sencha"]);
            throw new Error("the shelf broke");
        });

        await expect(work).rejects.toThrow("the shelf broke");
        expect(await tins()).toEqual({});
    });

    test("returns what its work returned, and stays", async () => {
        expect(await database.transaction(async () => (await put("sencha")).length)).toBe(0);
        expect(await tins()).toEqual({ sencha: 100 });
    });

    test("is nobody else's: who asks at the same time sees nothing of it, and keeps what they wrote", async () => {
        const [isOpen, mayEnd] = [signal(), signal()];
        const work = database.transaction(async () => {
            await put("sencha");
            isOpen.give();
            await mayEnd.given;
            throw new Error("changed my mind");
        });
        await isOpen.given;
        expect(await tins()).toEqual({});
        await put("assam");
        mayEnd.give();

        await expect(work).rejects.toThrow("changed my mind");
        expect(await tins()).toEqual({ assam: 100 });
    });
});

describe("a transaction inside a transaction", () => {
    test("is rolled back alone", async () => {
        await database.transaction(async () => {
            await put("sencha");
            await database.transaction(() => put("sencha")).catch(() => put("assam"));
        });
        expect(await tins()).toEqual({ assam: 100, sencha: 100 });
    });

    test("is gone with the one around it, though it ended well", async () => {
        const work = database.transaction(async () => {
            await database.transaction(() => put("sencha"));
            throw new Error("the shelf broke");
        });
        await expect(work).rejects.toThrow("the shelf broke");
        expect(await tins()).toEqual({});
    });
});

describe("two transactions that wait for each other", () => {
    type Hands = { mine: Signal; theirs: Signal; patience: string };
    /** Who looks after this time whether there is a deadlock is who loses. */
    const [loses, wins] = ["20ms", "10s"];

    /** Takes two tins one after the other; on its first attempt, not before the other one has its first. */
    async function move(from: string, into: string, { mine, theirs, patience }: Hands) {
        let attempts = 0;
        await database.transaction(async () => {
            attempts++;
            await database.rows(sql.raw(`set local deadlock_timeout = '${patience}'`));
            await add(from, -10);
            mine.give();
            await theirs.given;
            await add(into, 10);
        });
        return attempts;
    }

    test("both succeed: who lost is tried again from its start", async () => {
        await put("sencha");
        await put("assam", 50);
        const [one, other] = [signal(), signal()];

        const attempts = await Promise.all([
            move("sencha", "assam", { mine: one, theirs: other, patience: loses }),
            move("assam", "sencha", { mine: other, theirs: one, patience: wins }),
        ]);

        expect(attempts).toEqual([2, 1]);
        expect(await tins()).toEqual({ assam: 50, sencha: 100 });
    });

    test("from inside a savepoint the whole is tried again: its first half is lost as well", async () => {
        await put("sencha");
        await put("assam", 50);
        const [one, other] = [signal(), signal()];
        let attempts = 0;
        const nested = database.transaction(async () => {
            attempts++;
            await put(`note ${attempts}`, 1);
            const hands = { mine: one, theirs: other, patience: loses };
            expect(await move("sencha", "assam", hands)).toBe(1);
        });
        await Promise.all([
            nested,
            move("assam", "sencha", { mine: other, theirs: one, patience: wins }),
        ]);

        expect(attempts).toBe(2);
        expect(await tins()).toEqual({ assam: 50, sencha: 100, "note 2": 1 });
    });
});

test("work that fails for good is not done twice", async () => {
    await put("sencha");
    let attempts = 0;
    const work = database.transaction(async () => {
        attempts++;
        await put("sencha");
    });
    await expect(work).rejects.toThrow();
    expect(attempts).toBe(1);
});

test("work that loses again and again is given up", async () => {
    let attempts = 0;
    const work = database.transaction(async () => {
        attempts++;
        await database.rows(
            sql`do $$ begin raise exception 'lost' using errcode = '40001'; end $$`
        );
    });
    await expect(work).rejects.toMatchObject({ cause: { code: "40001" } });
    expect(attempts).toBe(3);
});
