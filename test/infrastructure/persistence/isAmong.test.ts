import { sql } from "drizzle-orm";
import { pgTable, text, uuid } from "drizzle-orm/pg-core";
import { expect, test } from "vitest";
import { isAmong } from "@/infrastructure/persistence/isAmong";
import { database } from "@/infrastructure/persistence/postgres";

const teas = pgTable("teas", { id: uuid().primaryKey(), name: text().notNull() });
const names = ["Oolong", 'the "finest"', "a\\b", "{}", "NULL", "one, two"];

test("finds those rows, whatever is written in them", async () => {
    await database.transaction(async () => {
        await database.rows(
            sql`create temporary table teas (id uuid primary key, name text not null) on commit drop`
        );
        const rows = names.map((name) => ({ id: crypto.randomUUID(), name }));
        await database.current
            .insert(teas)
            .values([...rows, { id: crypto.randomUUID(), name: "Assam" }]);
        const namesWhere = async (which: ReturnType<typeof isAmong>) =>
            (await database.current.select({ name: teas.name }).from(teas).where(which)).map(
                ({ name }) => name
            );
        expect((await namesWhere(isAmong(teas.name, names))).toSorted()).toEqual(names.toSorted());
        expect(
            await namesWhere(
                isAmong(
                    teas.id,
                    rows.slice(0, 1).map(({ id }) => id)
                )
            )
        ).toEqual(["Oolong"]);
        expect(await namesWhere(isAmong(teas.id, []))).toEqual([]);
    });
});
