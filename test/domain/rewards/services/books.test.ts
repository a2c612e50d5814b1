import { sql } from "drizzle-orm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { database } from "@/infrastructure/persistence/postgres";
import type { GroupId, RewardId } from "@/utils/ids";
import { later } from "@/utils/time";
import { audit, type Books, newSomeone, openBooks, type Someone } from "../../../fixtures/books";
import { timesOf } from "../../../fixtures/timesOf";

const hour = 3_600_000;
const runs = timesOf({ everyDay: 2, thorough: 10 });
const steps = 60;
const commandsPerStep = 400;

/** What a person is to have of a decision in the end: what is asked for, less what was lost on the way. */
type Owed = { someone: Someone; target: bigint; lost: bigint };
type World = { books: Books; people: Someone[]; owed: Owed[]; random: () => number; done: number };
type Command = (world: World) => Promise<number>;

/** mulberry32: the same numbers for the same seed, so that a failure can be seen again. */
function randomFrom(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

const below = ({ random }: World, limit: number): number => Math.floor(random() * limit);
const oneOf = <T>(world: World, all: readonly T[]): T => all[below(world, all.length)] as T;
const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other);

const grant: Command = async (world) => {
    const { books, people, owed } = world;
    const rewards = Array.from({ length: commandsPerStep }, () => {
        const someone = oneOf(world, people);
        const target = BigInt(below(world, 100));
        const isLocked = world.random() < 0.3;
        owed.push({ someone, target, lost: 0n });
        const availableAt = later(books.clock.now(), isLocked ? below(world, 48) * hour : 0);
        return books.rewardOf(someone, {
            amount: target,
            depth: owed.length - 1,
            status: isLocked ? "pending" : "available",
            availableAt,
            expiresAt: later(availableAt, (24 + below(world, 200)) * hour),
        });
    });
    await books.service.grant(rewards);
    return rewards.length;
};

/** A refund, its undoing, an edit: any new amount at any time. */
const revise: Command = async (world) => {
    const { books, owed } = world;
    if (owed.length === 0) return 0;
    const depths = new Set(
        Array.from({ length: commandsPerStep }, () => below(world, owed.length))
    );
    const changes = [...depths].map((depth) => ({
        evaluationId: books.sale.evaluationId,
        recipient: "referrer" as const,
        depth,
        amount: world.random() < 0.3 ? 0n : BigInt(below(world, 100)),
        reason: "refunded",
        purchaseId: null,
    }));
    await database.transaction(() => books.service.revise(changes));
    for (const { depth, amount } of changes) {
        const one = owed[depth] as Owed;
        one.target = larger(amount, one.lost);
    }
    return changes.length;
};

async function lose(world: World, ids: readonly RewardId[]): Promise<void> {
    if (ids.length === 0) return;
    const rows = await database.rows<{ depth: number; amount: string }>(sql`
        select chain_depth as depth, amount from rewards
        where id in ${ids} and merchant_id = ${world.books.merchantId}`);
    for (const { depth, amount } of rows) {
        const one = world.owed[depth] as Owed;
        one.lost += BigInt(amount);
    }
}

const cancel: Command = async (world) => {
    const { books } = world;
    const rows = await database.rows<{ id: RewardId }>(sql`
        select id from rewards where merchant_id = ${books.merchantId} and amount > 0
            and status in ('pending', 'available', 'waitsForFunds') order by id limit 40`);
    const ids = rows.map(({ id }) => id).filter(() => world.random() < 0.1);
    for (const id of ids) await books.service.cancel(id, "fraud");
    await lose(world, ids);
    return ids.length;
};

const settle: Command = async (world) => {
    const { books } = world;
    await books.openRound(BigInt(below(world, 20_000)));
    return 1;
};

const close: Command = async (world) => {
    await world.books.closeRound(() => world.random() < 0.7);
    return 1;
};

const wait: Command = async (world) => {
    const { books } = world;
    books.clock.passes(below(world, 24) * hour);
    await books.service.releaseLocked();
    const expired = (await books.service.expire()) as { id?: RewardId }[];
    await lose(
        world,
        expired.flatMap(({ id }) => (id ? [id] : []))
    );
    return 1;
};

const merge: Command = async (world) => {
    const { books, people } = world;
    const loser = oneOf(world, people);
    const winner = await newSomeone();
    const into = world.random() < 0.5 ? winner : oneOf(world, people);
    if (into === loser) return 0;
    await database.transaction(async () => {
        await books.rewards.reassign(loser.groupId, into.groupId);
        await books.ledger.reassign(loser.groupId, into.groupId);
    });
    for (const one of world.owed.filter(({ someone }) => someone === loser)) one.someone = into;
    people.splice(people.indexOf(loser), 1, await newSomeone());
    if (!people.includes(into)) people.push(into);
    return 1;
};

const commands: readonly Command[] = [
    ...[grant, grant, revise, revise, revise, revise, revise, revise],
    ...[cancel, settle, settle, close, close, wait, merge],
];

/** What a person has on all accounts, with what refunds will take once the payments that are under way have ended. */
async function expectModel({ books, owed }: World): Promise<void> {
    const rows = await database.rows<{ owner: GroupId; balance: string }>(sql`
        select owner, sum(balance) as balance from (
            select account.owner, balance.balance
            from ledger_accounts account join ledger_balances balance on balance.account_id = account.id
            where account.merchant_id = ${books.merchantId} and account.kind <> 'campaign'
            union all
            select group_id, amount - gross from rewards
            where merchant_id = ${books.merchantId} and status = 'settling'
        ) as parts group by owner having sum(balance) <> 0`);
    const kept = new Map(rows.map(({ owner, balance }) => [owner, BigInt(balance)]));
    const expected = new Map<GroupId, bigint>();
    for (const { someone, target, lost } of owed) {
        if (target === lost) continue;
        expected.set(someone.groupId, (expected.get(someone.groupId) ?? 0n) + target - lost);
    }
    expect(kept).toEqual(expected);
}

test("whatever happens in whatever order, everybody has what they are owed, and the books balance", {
    timeout: 600_000,
}, async () => {
    let done = 0;
    const step = fc.nat({ max: commands.length - 1 });
    await fc.assert(
        fc.asyncProperty(
            fc.array(step, { minLength: steps, maxLength: steps }),
            fc.nat(),
            async (order, seed) => {
                const people = await Promise.all(Array.from({ length: 6 }, newSomeone));
                const books = await openBooks();
                const world: World = { books, people, owed: [], random: randomFrom(seed), done: 0 };
                world.done += await grant(world);
                for (const index of order) {
                    world.done += await (commands[index] as Command)(world);
                    await expectModel(world);
                    expect(await audit()).toEqual([]);
                }
                await books.closeRound();
                await expectModel(world);
                expect(await audit()).toEqual([]);
                done += world.done;
            }
        ),
        { numRuns: runs, endOnFailure: true }
    );
    expect(done).toBeGreaterThan(runs * 10_000);
});
