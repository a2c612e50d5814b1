import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { IdentityRepository } from "@/domain/identity/repositories/IdentityRepository";
import { database } from "@/infrastructure/persistence/postgres";
import { type GroupId, newId } from "@/utils/ids";
import { signal } from "../../../fixtures/signal";

const identities = new IdentityRepository(database);

/** Somebody, and who they turned out to be. */
async function newGroup(mergedInto: GroupId | null = null): Promise<GroupId> {
    const id = newId<GroupId>();
    await database.rows(sql`
        insert into identity_groups (id, merged_into) values (${id}, ${mergedInto})`);
    return id;
}

async function untilWaiting(count: number): Promise<void> {
    const waiting = sql`select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
    while ((await database.rows(waiting)).length < count);
}

/** How often the work had to be done: more than once when it lost to a deadlock. */
async function attemptsOf(work: () => Promise<unknown>): Promise<number> {
    let attempts = 0;
    await database.transaction(async () => {
        attempts++;
        await work();
    });
    return attempts;
}

test("who holds people under ids of old and who merges them never wait for each other", async () => {
    const [ben, cleo] = [await newGroup(), await newGroup()];
    const cleoOfOld = await newGroup(cleo);
    const dora = await newGroup();
    const [isHeld, mayEnd] = [signal(), signal()];
    const first = database.transaction(async () => {
        await identities.hold([dora]);
        isHeld.give();
        await mayEnd.given;
    });
    await isHeld.given;

    const merging = attemptsOf(async () => {
        await identities.lockMerges();
        await identities.lockAlone([ben, cleo, dora]);
    });
    await untilWaiting(1);
    const holding = attemptsOf(() => identities.hold([cleoOfOld, dora]));
    await untilWaiting(2);
    mayEnd.give();

    expect(await Promise.all([first, merging, holding])).toEqual([undefined, 1, 1]);
});

test("whoever waited for a merge holds the one who won it", async () => {
    const [ben, cleo] = [await newGroup(), await newGroup()];
    const [isLocked, mayEnd] = [signal(), signal()];
    const merging = database.transaction(async () => {
        await identities.lockMerges();
        await identities.lockAlone([ben, cleo]);
        const merge = { winnerId: ben, loserId: cleo, reason: "test", evidence: {}, moved: {} };
        await identities.redirect(merge);
        isLocked.give();
        await mayEnd.given;
    });
    await isLocked.given;

    const holding = database.transaction(() => identities.hold([cleo]));
    await untilWaiting(1);
    mayEnd.give();
    await merging;

    expect(await holding).toEqual(new Map([[cleo, ben]]));
});

test("nobody is held under an id that is nobody's", async () => {
    const nobody = newId<GroupId>();
    await expect(identities.hold([nobody])).rejects.toThrow(`${nobody} does not exist`);
});
