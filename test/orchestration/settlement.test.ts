import { asc, eq } from "drizzle-orm";
import type { Address } from "viem";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { campaignBudgets } from "@/domain/campaign/db/schema";
import { IdentityContext } from "@/domain/identity";
import { merchantBanks } from "@/domain/merchant/db/schema";
import { payments, rewards } from "@/domain/rewards/db/schema";
import { contracts } from "@/infrastructure/blockchain";
import { chainTransactions } from "@/infrastructure/blockchain/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import { audit, newWallet } from "../fixtures/books";
import { balanceOf, openBanks, pauseBank, settle, useContracts } from "../fixtures/chain";
import { buys, newOrderId, type Tea, teaStory } from "../fixtures/tea";

afterEach(async () => {
    expect(await audit()).toEqual([]);
});

const { identities } = IdentityContext.services;
const flow = OrchestrationContext;
const db = database.current;

beforeAll(useContracts);

async function getsAWallet({ key }: Tea["ben"]): Promise<Address> {
    const wallet = newWallet();
    const keys = [identities.keyOf({ kind: "wallet", wallet }), key];
    await flow.identityMerge.unite({ keys, reason: "test", evidence: {} });
    return wallet;
}

/** A shop whose bank stands on chain with so many tokens. */
async function fundedTea(tokens: bigint): Promise<Tea & { bank: Address }> {
    const tea = await teaStory();
    await openBanks();
    const token = contracts.testToken;
    const amount = tokens * 10n ** 6n;
    if (amount > 0n) await flow.testFunding.fund({ merchantId: tea.merchantId, token, amount });
    await settle();
    const [bank] = await db
        .select()
        .from(merchantBanks)
        .where(eq(merchantBanks.merchantId, tea.merchantId));
    return { ...tea, bank: bank?.address ?? "0x" };
}

const rewardsOf = ({ merchantId }: Tea) =>
    db
        .select()
        .from(rewards)
        .where(eq(rewards.merchantId, merchantId))
        .orderBy(asc(rewards.createdAt), asc(rewards.recipient));
const statusesOf = async (tea: Tea) => (await rewardsOf(tea)).map(({ status }) => status);

describe("settlement", () => {
    test("opens a bank and pays what is owed into wallets, many rewards in one transfer", async () => {
        const tea = await fundedTea(100n);
        const ben = await getsAWallet(tea.ben);
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
        await settle();

        expect(await balanceOf(ben)).toBe(2n * 20_247_500n);
        expect(await balanceOf(tea.bank)).toBe(100_000_000n - 2n * 20_247_500n);
        const paid = await db
            .select()
            .from(payments)
            .where(eq(payments.merchantId, tea.merchantId));
        expect(paid).toMatchObject([{ wallet: ben, amount: 40_495_000n, status: "confirmed" }]);
        // Cleo has no wallet yet: what is hers waits for it.
        expect((await statusesOf(tea)).sort()).toEqual([
            "available",
            "available",
            "settled",
            "settled",
        ]);

        const cleo = await getsAWallet(tea.cleo);
        await settle();
        expect(await balanceOf(cleo)).toBe(4_000_000n);
        expect(new Set(await statusesOf(tea))).toEqual(new Set(["settled"]));
    });

    test("by four workers at once pays everything once", async () => {
        const tea = await fundedTea(500n);
        const ben = await getsAWallet(tea.ben);
        for (let order = 0; order < 5; order++) {
            await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
        }
        await Promise.all(Array.from({ length: 4 }, settle));
        await settle();

        expect(await balanceOf(ben)).toBe(5n * 20_247_500n);
        const signed = await db.select().from(chainTransactions);
        expect(signed.every(({ status, succeeded }) => status === "final" && succeeded)).toBe(true);
    });

    test("goes on where a crash broke it off: decided but not signed, signed but not sent", async () => {
        const tea = await fundedTea(100n);
        const ben = await getsAWallet(tea.ben);
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
        await flow.settlementRound.open();
        expect((await statusesOf(tea)).sort()).toEqual(["available", "settling"]);

        await flow.settlementRound.open();
        await flow.batchSigning.signAll();
        await flow.batchSigning.signAll();
        expect(await balanceOf(ben)).toBe(0n);

        await settle();
        expect(await balanceOf(ben)).toBe(20_247_500n);
    });

    test("of a bank that is short pays the oldest, and the rest by itself once it is funded", async () => {
        const tea = await fundedTea(30n);
        const ben = await getsAWallet(tea.ben);
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
        await settle();
        expect(await balanceOf(ben)).toBe(20_247_500n);
        const waiting = (await rewardsOf(tea)).filter(({ status }) => status === "waitsForFunds");
        expect(waiting).toMatchObject([{ recipient: "referrer", reason: "bankShortOfFunds" }]);

        const { merchantId } = tea;
        const token = contracts.testToken;
        await flow.testFunding.fund({ merchantId, token, amount: 10_495_000n });
        await settle();
        await settle();
        expect(await balanceOf(ben)).toBe(2n * 20_247_500n);
        expect(await balanceOf(tea.bank)).toBe(0n);
    });

    test("that fails on chain owes the reward as before, unless its order was refunded meanwhile", async () => {
        const tea = await fundedTea(100n);
        const ben = await getsAWallet(tea.ben);
        const [kept, refunded] = [newOrderId(), newOrderId()];
        const { clientId } = tea.cleo;
        await buys(tea, { id: kept, clientId });
        await buys(tea, { id: refunded, clientId });
        await flow.settlementRound.open();
        await flow.batchSigning.signAll();
        // The bank is paused between the decision and the transaction.
        await pauseBank(tea.bank, true);
        const updatedAt = new Date(Date.now() + 1_000);
        await buys(tea, { id: refunded, clientId, financialStatus: "refunded", updatedAt });
        await settle();
        expect(await balanceOf(ben)).toBe(0n);
        const ofBen = (await rewardsOf(tea)).filter(({ recipient }) => recipient === "referrer");
        expect(ofBen.map(({ status }) => status).sort()).toEqual(["available", "cancelled"]);

        await pauseBank(tea.bank, false);
        await db.update(rewards).set({ dueAt: new Date(0) });
        await settle();
        expect(await balanceOf(ben)).toBe(20_247_500n);
        const [budget] = await db
            .select()
            .from(campaignBudgets)
            .where(eq(campaignBudgets.campaignId, tea.campaignId));
        expect(budget?.used).toBe(22_247_500n);
    });
});

test("the database refuses a change of status that a reward's life does not have", async () => {
    const tea = await teaStory();
    await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
    const [reward] = await rewardsOf(tea);
    const settleAtOnce = db
        .update(rewards)
        .set({ status: "settled" })
        .where(eq(rewards.id, reward?.id ?? ("" as never)));
    await expect(settleAtOnce).rejects.toMatchObject({ cause: { constraint: "rewards_life" } });
});
