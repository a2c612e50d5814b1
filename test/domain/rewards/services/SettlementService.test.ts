import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { database } from "@/infrastructure/persistence/postgres";
import { type GroupId, newId } from "@/utils/ids";
import { newWallet, openBooks } from "../../../fixtures/books";

test("ten thousand people who are owed something all of a sudden are in a round at once", async () => {
    const books = await openBooks();
    const people = Array.from({ length: 10_000 }, (_, depth) => ({
        depth,
        groupId: newId<GroupId>(),
        wallet: newWallet(),
    }));
    const ids = `{${people.map(({ groupId }) => groupId).join(",")}}`;
    await database.rows(sql`insert into identity_groups (id) select unnest(${ids}::uuid[])`);
    await books.service.grant(
        people.map(({ depth, ...person }) => books.rewardOf(person, { depth, amount: 1n }))
    );

    // Postgres has no statistics of them yet, and ends statements that take too long.
    expect(await books.openRound(10_000n)).toBe(true);
}, 60_000);
