import { sql } from "drizzle-orm";
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { database } from "@/infrastructure/persistence/postgres";
import { unnest } from "@/infrastructure/persistence/unnest";

const columns = {
    id: "uuid",
    name: "text",
    units: "numeric",
    count: "integer",
    isTest: "boolean",
    at: "timestamptz",
    note: "jsonb",
    body: "bytea",
    sequence: "bigint",
} as const;
type Row = Partial<Record<keyof typeof columns, unknown>>;

beforeAll(() =>
    database.rows(sql`create table parcels (place serial, id uuid, name text, units numeric(78, 0),
        count integer, "isTest" boolean, at timestamptz, note jsonb, body bytea, sequence bigint)`)
);
beforeEach(() => database.rows(sql`truncate parcels`));

const send = (rows: readonly Row[]) =>
    database.rows(sql`
        insert into parcels (id, name, units, count, "isTest", at, note, body, sequence)
        select * from ${unnest(rows as readonly Required<Row>[], columns)}`);
/** Numbers and times as text, so that the database's word is compared and not a driver's reading of it. */
const received = () =>
    database.rows(sql`
        select id, name, units::text, count, "isTest",
            to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
            note, jsonb_typeof(note) as kind, encode(body, 'hex') as body, sequence::text
        from parcels order by place`);

describe("rows arrive as they were sent", () => {
    test("of every type, and nothing as null", async () => {
        const units = 10n ** 77n + 1n;
        const at = new Date("2026-11-21T09:30:00.123Z");
        await send([
            {
                id: "01a1fdb1-2fe4-7320-99e2-00225ae63f1a",
                name: "Ada's tea",
                units,
                count: -7,
                isTest: false,
                at,
                note: { list: [1, "two", null], "a key": { deep: true } },
                body: Uint8Array.of(0, 255, 92, 39),
                sequence: 2n ** 63n - 1n,
            },
            Object.fromEntries(Object.keys(columns).map((name) => [name, null])),
            Object.fromEntries(Object.keys(columns).map((name) => [name, undefined])),
        ]);
        const nothing = Object.fromEntries(
            [...Object.keys(columns), "kind"].map((name) => [name, null])
        );

        expect(await received()).toEqual([
            {
                id: "01a1fdb1-2fe4-7320-99e2-00225ae63f1a",
                name: "Ada's tea",
                units: units.toString(),
                count: -7,
                isTest: false,
                at: "2026-11-21T09:30:00.123Z",
                note: { list: [1, "two", null], "a key": { deep: true } },
                kind: "object",
                body: "00ff5c27",
                sequence: "9223372036854775807",
            },
            nothing,
            nothing,
        ]);
    });

    test("whatever the words are", async () => {
        const names = [
            "",
            "NULL",
            "null",
            "{}",
            "{a,b}",
            'say "tea"',
            "back\\slash",
            "1,2",
            " ",
            "茶🍵",
        ];
        await send(names.map((name) => ({ name })));
        expect((await received()).map(({ name }) => name)).toEqual(names);
    });

    test("whatever the bytes and the JSON are", async () => {
        const parcels = fc.array(
            fc.record({
                body: fc.uint8Array({ maxLength: 40 }),
                note: fc
                    .jsonValue({ noUnicodeString: true } as object)
                    .filter((note) => note !== null),
            }),
            { minLength: 1, maxLength: 5 }
        );
        await fc.assert(
            fc.asyncProperty(parcels, async (rows) => {
                await database.rows(sql`truncate parcels`);
                await send(rows);
                const got = await received();
                expect(got.map(({ body }) => body)).toEqual(
                    rows.map(({ body }) => Buffer.from(body).toString("hex"))
                );
                expect(got.map(({ note }) => note)).toEqual(
                    rows.map(({ note }) => JSON.parse(JSON.stringify(note)))
                );
            }),
            { numRuns: 50 }
        );
    });
});

test("no rows are no rows", async () => {
    await send([]);
    expect(await received()).toEqual([]);
});

test("as many rows as anybody has are one statement", async () => {
    const rows = Array.from({ length: 100_000 }, (_, sequence) => ({ sequence: BigInt(sequence) }));
    await send(rows);
    const [sum] = await database.rows(
        sql`select count(*)::int as count, sum(sequence)::text as sum from parcels`
    );
    expect(sum).toEqual({ count: 100_000, sum: "4999950000" });
});
