import { eq, sql } from "drizzle-orm";
import { afterEach, describe, expect, test } from "vitest";
import { ledgerTransfers, rewardEvents, rewards } from "@/domain/rewards/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { newId, type RewardId } from "@/utils/ids";
import {
    audit,
    type Books,
    newSomeone,
    openBooks,
    standingOf,
    token,
} from "../../../fixtures/books";

const db = database.current;
const day = 86_400_000;

afterEach(async () => {
    expect(await audit()).toEqual([]);
});

const statusOf = async (id: RewardId) =>
    (await db.select().from(rewards).where(eq(rewards.id, id)))[0]?.status;
const partsAt = ({ merchantId }: Books, depth: number) =>
    db
        .select({ status: rewards.status, amount: rewards.amount, part: rewards.part })
        .from(rewards)
        .where(sql`merchant_id = ${merchantId} and chain_depth = ${depth}`)
        .orderBy(rewards.part);

/** Ben was paid 10 for what Cleo bought, and then she sent 4 worth of it back. */
async function benOwesFour() {
    const books = await openBooks();
    const ben = await newSomeone();
    await books.service.grant([books.rewardOf(ben, { amount: 10n })]);
    await books.openRound(100n);
    await books.closeRound();
    const returned = await books.revise(0, 6n);
    return { books, ben, returned };
}

describe("what was paid and then refunded", () => {
    test("is a debt, and the campaign may spend it again", async () => {
        const { ben, returned } = await benOwesFour();
        expect(await standingOf(ben)).toEqual({ paid: 10, debt: -4 });
        expect(returned).toMatchObject([{ asset: "token", amount: 4n }]);
    });

    test("is paid back by the next reward, which brings the rest", async () => {
        const { books, ben } = await benOwesFour();
        await books.service.grant([books.rewardOf(ben, { amount: 10n, depth: 1 })]);
        await books.openRound(6n);
        await books.closeRound();
        expect(await standingOf(ben)).toEqual({ paid: 16 });
        expect(await partsAt(books, 1)).toMatchObject([{ status: "settled", amount: 10n }]);
    });

    test("takes a smaller reward whole, without a transfer", async () => {
        const { books, ben } = await benOwesFour();
        await books.service.grant([books.rewardOf(ben, { amount: 3n, depth: 1 })]);
        expect(await books.openRound(0n)).toBe(false);
        expect(await standingOf(ben)).toEqual({ paid: 10, debt: -1 });
        expect(await partsAt(books, 1)).toMatchObject([{ status: "settled", amount: 3n }]);
    });

    test("is owed again as before when the payment that it was taken from fails", async () => {
        const { books, ben } = await benOwesFour();
        await books.service.grant([books.rewardOf(ben, { amount: 10n, depth: 1 })]);
        await books.openRound(100n);
        expect(await standingOf(ben)).toEqual({ paid: 10, settling: 6 });
        await books.closeRound(() => false);
        expect(await standingOf(ben)).toEqual({ paid: 10, debt: -4, available: 10 });
    });

    test("comes back when the refund is undone: the debt first", async () => {
        const { books, ben } = await benOwesFour();
        await books.revise(0, 10n);
        expect(await standingOf(ben)).toEqual({ paid: 10 });
        expect(await partsAt(books, 0)).toEqual([{ status: "settled", amount: 10n, part: 0 }]);
    });

    test("comes back as a further part when the debt is paid already", async () => {
        const { books, ben } = await benOwesFour();
        await books.service.grant([books.rewardOf(ben, { amount: 4n, depth: 1 })]);
        await books.openRound(0n);
        await books.revise(0, 11n);
        expect(await standingOf(ben)).toEqual({ paid: 10, available: 5 });
        expect(await partsAt(books, 0)).toEqual([
            { status: "settled", amount: 6n, part: 0 },
            { status: "available", amount: 5n, part: 1 },
        ]);
    });

    test("by its own cause changes nothing a second time", async () => {
        const { books, ben } = await benOwesFour();
        await books.revise(0, 5n, "refund 1");
        await books.revise(0, 8n, "refund 2 was undone");
        expect(await books.revise(0, 5n, "refund 1")).toEqual([]);
        expect(await standingOf(ben)).toEqual({ paid: 10, debt: -2 });
    });
});

describe("a refund of what is not paid yet", () => {
    test("lessens it to the unit, cancels it at zero, and the way back opens a part", async () => {
        const books = await openBooks();
        const ben = await newSomeone();
        await books.service.grant([books.rewardOf(ben, { amount: 10n })]);
        await books.revise(0, 3n);
        expect(await standingOf(ben)).toEqual({ available: 3 });
        await books.revise(0, 0n);
        expect(await standingOf(ben)).toEqual({});
        expect(await partsAt(books, 0)).toEqual([{ status: "cancelled", amount: 0n, part: 0 }]);
        await books.revise(0, 10n);
        expect(await standingOf(ben)).toEqual({ available: 10 });
    });

    test("while it is being paid counts once the chain has spoken", async () => {
        const books = await openBooks();
        const [ben, cleo] = [await newSomeone(), await newSomeone()];
        await books.service.grant([
            books.rewardOf(ben, { amount: 10n }),
            books.rewardOf(cleo, { amount: 7n, depth: 1 }),
        ]);
        await books.openRound(100n);
        await books.revise(0, 4n);
        await books.revise(1, 0n);
        expect(await standingOf(ben)).toEqual({ settling: 10 });
        const [first] = await database.rows<{ id: string }>(
            sql`select id from payments where wallet = ${ben.wallet.toLowerCase()}`
        );
        await books.closeRound((id) => String(id) === first?.id);
        expect(await standingOf(ben)).toEqual({ paid: 10, debt: -6 });
        expect(await standingOf(cleo)).toEqual({});
        expect(await partsAt(books, 1)).toMatchObject([{ status: "cancelled", amount: 0n }]);
    });

    test("does not bring back what the merchant took back for good", async () => {
        const books = await openBooks();
        const ben = await newSomeone();
        const reward = books.rewardOf(ben, { amount: 10n });
        await books.service.grant([reward]);
        await books.service.cancel(reward.id, "fraud");
        await books.revise(0, 10n);
        expect(await standingOf(ben)).toEqual({});
        await expect(books.service.cancel(reward.id, "fraud")).rejects.toMatchObject({
            code: "REWARD_NOT_CANCELLABLE",
        });
    });
});

describe("time", () => {
    test("ends a lock-up, warns twice, and ends what nobody could be paid", async () => {
        const books = await openBooks();
        const ben = await newSomeone();
        const { clock } = books;
        const reward = books.rewardOf(ben, {
            amount: 10n,
            status: "pending",
            availableAt: new Date(clock.now().getTime() + day),
            expiresAt: new Date(clock.now().getTime() + 61 * day),
        });
        await books.service.grant([reward]);
        await books.service.releaseLocked();
        expect(await standingOf(ben)).toEqual({ pending: 10 });
        clock.passes(day);
        await books.service.releaseLocked();
        expect(await standingOf(ben)).toEqual({ available: 10 });

        const warned: number[] = [];
        for (let days = 1; days < 61; days++) {
            const due = await books.service.takeWarnings(10);
            if (due.some(({ id }) => id === reward.id)) warned.push(days);
            clock.passes(day);
        }
        expect(warned).toEqual([54, 60]);
        await books.service.expire();
        expect(await statusOf(reward.id)).toBe("expired");
        expect(await standingOf(ben)).toEqual({});
    });
});

describe("what is not a token", () => {
    const nothing = "0x0000000000000000000000000000000000000000" as const;

    test("points are a balance, and are used", async () => {
        const books = await openBooks();
        const ben = await newSomeone();
        const points = books.rewardOf(ben, { amount: 50n, asset: "points", token: nothing });
        await books.service.grant([points]);
        expect(await books.openRound(100n)).toBe(false);
        expect(await standingOf(ben)).toEqual({ available: 50 });
        expect(await books.service.use([points.id])).toEqual([points.id]);
        expect(await books.service.use([points.id])).toEqual([]);
        expect(await standingOf(ben)).toEqual({ used: 50 });
    });

    test("a discount is a code that the shop is told of, and in no book", async () => {
        const books = await openBooks();
        const ben = await newSomeone();
        const discount = books.rewardOf(ben, { amount: 500n, asset: "discount", token: nothing });
        await books.service.grant([discount]);
        const [row] = await db.select().from(rewards).where(eq(rewards.id, discount.id));
        expect(row?.code).toMatch(/^.{12}$/);
        expect(await standingOf(ben)).toEqual({});
        const told = await db
            .select()
            .from(rewardEvents)
            .where(eq(rewardEvents.rewardId, discount.id));
        expect(told).toMatchObject([{ type: "reward.created" }]);
        expect(await books.service.use([discount.id])).toEqual([discount.id]);
        expect(await statusOf(discount.id)).toBe("used");
    });
});

describe("a minimum payout", () => {
    test("keeps small amounts together until they are enough", async () => {
        const books = await openBooks();
        const [ben, cleo] = [await newSomeone(), await newSomeone()];
        await books.service.setMinimumPayout({ merchantId: books.merchantId, token }, 10n);
        await books.service.grant([
            books.rewardOf(ben, { amount: 6n }),
            books.rewardOf(cleo, { amount: 20n, depth: 1 }),
        ]);
        await books.openRound(100n);
        await books.closeRound();
        expect(await standingOf(ben)).toEqual({ available: 6 });
        expect(await standingOf(cleo)).toEqual({ paid: 20 });
        await books.service.grant([books.rewardOf(ben, { amount: 4n, depth: 2 })]);
        await books.openRound(100n);
        await books.closeRound();
        expect(await standingOf(ben)).toEqual({ paid: 10 });
    });
});

describe("two of a person's identities", () => {
    test("bring their balances together, and their history stays", async () => {
        const { books, ben } = await benOwesFour();
        const browser = await newSomeone();
        await books.service.grant([
            books.rewardOf(ben, { amount: 5n, depth: 1 }),
            books.rewardOf(browser, { amount: 2n, depth: 2 }),
            books.rewardOf(browser, { amount: 1n, depth: 3, status: "pending" }),
        ]);
        await database.transaction(async () => {
            await books.rewards.reassign(ben.groupId, browser.groupId);
            await books.ledger.reassign(ben.groupId, browser.groupId);
        });
        expect(await standingOf(ben)).toEqual({});
        expect(await standingOf(browser)).toEqual({ paid: 10, debt: -4, available: 7, pending: 1 });
    });
});

describe("the database itself", () => {
    test("refuses what a reward's life does not have, from its beginning on", async () => {
        const books = await openBooks();
        const ben = await newSomeone();
        const reward = books.rewardOf(ben, { amount: 1n });
        await expect(books.service.grant([{ ...reward, status: "settled" }])).rejects.toMatchObject(
            { cause: { constraint: "rewards_life" } }
        );
        await books.service.grant([reward]);
        await books.service.cancel(reward.id, "fraud");
        const revive = db
            .update(rewards)
            .set({ status: "available" })
            .where(eq(rewards.id, reward.id));
        await expect(revive).rejects.toMatchObject({ cause: { constraint: "rewards_life" } });
    });

    test("refuses to change or to lose what is in the books, or to enter it twice", async () => {
        const { books } = await benOwesFour();
        const ofAda = eq(ledgerTransfers.merchantId, books.merchantId);
        const appendOnly = { cause: { message: expect.stringContaining("append-only") } };
        await expect(db.delete(ledgerTransfers).where(ofAda)).rejects.toMatchObject(appendOnly);
        await expect(
            db.update(ledgerTransfers).set({ amount: 1n }).where(ofAda)
        ).rejects.toMatchObject(appendOnly);
        const ben = await newSomeone();
        const entry = {
            merchantId: books.merchantId,
            from: { kind: "campaign", owner: books.campaignId },
            to: { kind: "available", owner: ben.groupId },
            asset: token.toLowerCase(),
            amount: 1n,
            kind: "granted",
            rewardId: newId<RewardId>(),
            purchaseId: null,
            key: "the same",
        } as const;
        await expect(books.ledger.post([entry, entry], new Date())).rejects.toMatchObject({
            cause: { constraint: "ledger_transfers_once" },
        });
    });

    test("lets two processes neither fork a chain nor pay twice", async () => {
        const books = await openBooks();
        const people = await Promise.all(Array.from({ length: 8 }, newSomeone));
        await Promise.all(
            people.map((one, depth) =>
                books.service.grant([books.rewardOf(one, { amount: 10n, depth })])
            )
        );
        await Promise.all(Array.from({ length: 4 }, () => books.openRound(1_000n)));
        await Promise.all(Array.from({ length: 4 }, () => books.closeRound()));
        for (const one of people) expect(await standingOf(one)).toEqual({ paid: 10 });
    });
});

test("the audit finds what was changed behind its back", async () => {
    const { books, ben } = await benOwesFour();
    const undo = new Error("undo");
    const seen: string[] = [];
    await database
        .transaction(async () => {
            await database.rows(sql`
                update ledger_balances set balance = balance + 1 where account_id in (
                    select id from ledger_accounts where owner = ${ben.groupId} and kind = 'paid')`);
            await database.rows(sql`alter table ledger_transfers disable trigger user`);
            await database.rows(sql`
                update ledger_transfers set amount = amount + 1
                where merchant_id = ${books.merchantId} and number = 1`);
            await database.rows(sql`
                update ledger_transfers set prev_hash = sha256('forged')
                where merchant_id = ${books.merchantId} and number = 2`);
            await database.rows(
                sql`update ledger_heads set number = 9 where merchant_id = ${books.merchantId}`
            );
            await database.rows(
                sql`update rewards set amount = 5 where merchant_id = ${books.merchantId}`
            );
            seen.push(...(await audit()).map(({ rule }) => rule));
            throw undo;
        })
        .catch((error: unknown) => expect(error).toBe(undo));
    expect(new Set(seen)).toEqual(
        new Set([
            "balances of an asset add up to zero",
            "a balance is the sum of its transfers",
            "a balance is what rewards of that status add up to",
            "a reward is its original amount and its adjustments",
            "what is paid is what payments made",
            "a transfer's hash is that of its contents",
            "each transfer follows the one before it",
            "a chain ends where its head says",
        ])
    );
});
