import { desc, eq, like, sql } from "drizzle-orm";
import { createPublicClient, http, zeroHash } from "viem";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { IdentityContext } from "@/domain/identity";
import { type Payment, payments, rewards, settlementBatches } from "@/domain/rewards/db/schema";
import { contracts, rewardsHub, chainTransactions as signing } from "@/infrastructure/blockchain";
import { ChainReader } from "@/infrastructure/blockchain/ChainReader";
import { chainTransactions } from "@/infrastructure/blockchain/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext as flow } from "@/orchestration";
import { AuditOrchestrator } from "@/orchestration/AuditOrchestrator";
import { AuditRepository } from "@/orchestration/read/AuditRepository";
import { PaymentComparisonService } from "@/orchestration/read/PaymentComparisonService";
import { PaymentViewRepository } from "@/orchestration/read/PaymentViewRepository";
import { audit, newWallet } from "../fixtures/books";
import { balanceOf, openBanks, settle, useContracts } from "../fixtures/chain";
import { bringAFriend } from "../fixtures/story/Merchant";
import { buys, newOrderId, type Tea, teaStory } from "../fixtures/tea";

const db = database.current;
const { identities } = IdentityContext.services;
const ben = newWallet();
const reward = 20_247_500n;
const onlyForBen = { ...bringAFriend, rewards: bringAFriend.rewards.slice(0, 1) };

let tea: Tea;
let earned = 0n;

beforeAll(async () => {
    await useContracts();
    tea = await teaStory({ definition: onlyForBen });
    const keys = [identities.keyOf({ kind: "wallet", wallet: ben }), tea.ben.key];
    await flow.identityMerge.unite({ keys, reason: "test", evidence: {} });
    await openBanks();
    const { merchantId } = tea;
    const amount = 1_000_000_000n;
    await flow.testFunding.fund({ merchantId, token: contracts.testToken, amount });
    await settle();
});
afterEach(async () => {
    expect(await audit()).toEqual([]);
});

/** An order that earns Ben a reward, and its payment once it is decided. */
async function benIsOwed(): Promise<Payment> {
    await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
    earned += reward;
    await flow.settlementRound.open();
    return newest();
}
async function newest(): Promise<Payment> {
    const [payment] = await db.select().from(payments).orderBy(desc(payments.id)).limit(1);
    if (!payment) throw new Error("There is no payment");
    return payment;
}
const statusOf = async ({ batchId, id }: Payment) => {
    const [found] = await db
        .select({
            payment: payments.status,
            batch: settlementBatches.status,
            reward: rewards.status,
        })
        .from(payments)
        .innerJoin(settlementBatches, eq(settlementBatches.id, batchId))
        .innerJoin(rewards, eq(rewards.paymentId, id))
        .where(eq(payments.id, id));
    return found;
};
const isMined = async () => {
    await flow.batchSigning.signAll();
    await areMined();
};
const areMined = async () => {
    while ((await db.$count(chainTransactions, eq(chainTransactions.status, "signed"))) > 0) {
        await flow.chainFollowing.follow(1_000);
    }
};
/** The node says that a transaction succeeded, and nothing of what happened in it. */
const eventsAreLost = () =>
    db
        .update(chainTransactions)
        .set({ logs: [] })
        .where(like(chainTransactions.purpose, "batch:%"));
const tamper = (id: bigint, status: Payment["status"]) =>
    db.update(payments).set({ status }).where(eq(payments.id, id));
const findings = async () => (await flow.audit.audit()).findings;

describe("a payment that the hub has made", () => {
    test("and whose events were lost is settled, and holds up no other meanwhile", async () => {
        const missed = await benIsOwed();
        await isMined();
        await eventsAreLost();
        await flow.settlementClosing.closeAll();
        const other = await benIsOwed();
        await settle();
        expect(await statusOf(missed)).toEqual({
            payment: "sent",
            batch: "sent",
            reward: "settling",
        });
        expect(await statusOf(other)).toMatchObject({ payment: "confirmed", reward: "settled" });
        expect(await findings()).toEqual([]);

        await flow.paymentReconciliation.reconcile();
        await flow.paymentReconciliation.reconcile();
        expect(await statusOf(missed)).toMatchObject({ payment: "confirmed", reward: "settled" });
        await settle();
        expect(await statusOf(missed)).toMatchObject({ payment: "confirmed", batch: "applied" });
        expect(await db.$count(payments, sql`tx_hash is null`)).toBe(0);
        expect(await balanceOf(ben)).toBe(earned);
    });

    test("is settled by two processes at once, and by what follows the chain, once", async () => {
        const payment = await benIsOwed();
        await isMined();
        const { reconcile } = flow.paymentReconciliation;
        const again = reconcile.bind(flow.paymentReconciliation);
        await Promise.all([again(), again(), flow.settlementClosing.closeAll()]);
        await settle();

        expect(await statusOf(payment)).toMatchObject({ payment: "confirmed", batch: "applied" });
        expect(await balanceOf(ben)).toBe(earned);
    });

    test("although we never signed for it is settled, and signing for it later pays nothing", async () => {
        const payment = await benIsOwed();
        const preparation = await signing.prepare("settler");
        const call = rewardsHub.settleCall({
            epoch: 1n,
            rewardsRoot: zeroHash,
            payments: [payment],
        });
        await database.transaction(() => signing.sign(preparation, "lost", call));
        await areMined();
        await flow.paymentReconciliation.reconcile();
        expect(await statusOf(payment)).toMatchObject({ payment: "confirmed", batch: "created" });

        await flow.batchSigning.signAll();
        expect(await statusOf(payment)).toMatchObject({ payment: "confirmed", batch: "sent" });
        await settle();
        expect(await statusOf(payment)).toMatchObject({ payment: "skipped", batch: "applied" });
        expect(await balanceOf(ben)).toBe(earned);
    });

    test("stays settled whatever is said of its transaction", async () => {
        const payment = await benIsOwed();
        await isMined();
        await flow.paymentReconciliation.reconcile();
        const reverted = eq(chainTransactions.purpose, `batch:${payment.batchId}`);
        await db.update(chainTransactions).set({ succeeded: false }).where(reverted);
        await settle();

        expect(await statusOf(payment)).toMatchObject({ payment: "confirmed", reward: "settled" });
        expect(await balanceOf(ben)).toBe(earned);
    });

    test("but that we gave up is told of", async () => {
        const { id } = await benIsOwed();
        await settle();
        await tamper(id, "failed");

        const wrong = { about: String(id), expected: "not made on chain", actual: "failed" };
        expect(await findings()).toContainEqual(expect.objectContaining(wrong));
        await tamper(id, "confirmed");
    });
});

describe("a payment that the hub has not made", () => {
    test("and that is settled with us is told of, and not paid", async () => {
        const { id } = await benIsOwed();
        earned -= reward;
        await tamper(id, "confirmed");

        const wrong = { about: String(id), expected: "made on chain", actual: "confirmed" };
        expect(await findings()).toContainEqual(expect.objectContaining(wrong));
        await expect(flow.paymentReconciliation.reconcile()).rejects.toThrow("contradicts 1");
        expect(await balanceOf(ben)).toBe(earned);
        await tamper(id, "created");
        await settle();
        earned += reward;
    });

    test("and is on its way is no fault, but one without an end after its transaction is", async () => {
        const { id } = await benIsOwed();
        await isMined();
        await eventsAreLost();
        expect(await findings()).toEqual([]);

        const long = { finalAt: sql`now() - interval '16 minutes'` };
        await db.update(chainTransactions).set(long);
        expect(await findings()).toMatchObject([{ about: String(id), actual: "sent" }]);
        await flow.paymentReconciliation.reconcile();
        await settle();
        expect(await findings()).toEqual([]);
    });
});

test("an audit without a node says that nothing was compared", async () => {
    const client = createPublicClient({ transport: http("http://127.0.0.1:1", { retryCount: 0 }) });
    const views = new PaymentViewRepository(database);
    const silent = new PaymentComparisonService(views, new ChainReader(client, "0x", 1));
    const audits = new AuditOrchestrator(database, new AuditRepository(database), silent);

    expect(await audits.audit()).toEqual({ findings: [], chain: undefined });
    expect(await flow.audit.audit()).toMatchObject({ chain: { count: await db.$count(payments) } });
});

test("what the hub paid and we know nothing of is told of, in the next word too", async () => {
    const last = await newest();
    const preparation = await signing.prepare("settler");
    const strangers = [last.id + 1n, last.id + 256n].map((id) => ({ ...last, id }));
    const call = rewardsHub.settleCall({ epoch: 1n, rewardsRoot: zeroHash, payments: strangers });
    await database.transaction(() => signing.sign(preparation, "stranger", call));
    await isMined();

    expect(await findings()).toMatchObject(
        strangers.map(({ id }) => ({ about: String(id), actual: "no payment of ours" }))
    );
});
