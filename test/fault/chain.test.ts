import { desc, eq } from "drizzle-orm";
import { getAddress } from "viem";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { timesOf } from "../fixtures/timesOf";

const { miner, node } = await import("../fixtures/faultyChain");
const { balanceOf, openBanks, useContracts } = await import("../fixtures/chain");
const { bringAFriend } = await import("../fixtures/story/Merchant");
const { buys, newOrderId, teaStory } = await import("../fixtures/tea");
const { chainFollowing, contracts } = await import("@/infrastructure/blockchain");
const { chainTransactions } = await import("@/infrastructure/blockchain/db/schema");
const { payments, rewards } = await import("@/domain/rewards/db/schema");
const { IdentityContext } = await import("@/domain/identity");
const { database } = await import("@/infrastructure/persistence/postgres");
const { keyRing } = await import("@/infrastructure/keys");
const { OrchestrationContext: flow } = await import("@/orchestration");

const db = database.current;
const { identities } = IdentityContext.services;
const ben = getAddress(`0x${crypto.randomUUID().replaceAll("-", "").padEnd(40, "1")}`);
const reward = 20_247_500n;
const settler = keyRing.signer("settler").address;

const onlyForBen = {
    ...bringAFriend,
    rewards: bringAFriend.rewards.slice(0, 1),
    budget: [{ name: "total", window: "total", amount: "100000.00", onExhausted: "skip" }],
};

let tea: Awaited<ReturnType<typeof teaStory>>;
let earned = 0;

beforeAll(async () => {
    await useContracts();
    tea = await teaStory({ definition: onlyForBen });
    const keys = [identities.keyOf({ kind: "wallet", wallet: ben }), tea.ben.key];
    await flow.identityMerge.unite({ keys, reason: "test", evidence: {} });
    const mining = setInterval(() => void miner.mine(4), 50);
    await openBanks();
    const { merchantId } = tea;
    const amount = 100_000n * 10n ** 6n;
    await flow.testFunding.fund({ merchantId, token: contracts.testToken, amount });
    clearInterval(mining);
    await untilSettled();
}, 60_000);
afterEach(async () => {
    node.faultOf = () => undefined;
    await miner.setAutomine(true);
});
afterAll(() => miner.stop());

/** An order that earns Ben a reward, decided and signed. */
async function owed(): Promise<void> {
    await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
    earned++;
    await flow.settlementRound.open();
    await flow.batchSigning.signAll();
}

const newest = async () => {
    const [found] = await db
        .select()
        .from(chainTransactions)
        .where(eq(chainTransactions.sender, settler))
        .orderBy(desc(chainTransactions.nonce))
        .limit(1);
    if (!found) throw new Error("Nothing was signed");
    return found;
};
const open = () => db.$count(chainTransactions, eq(chainTransactions.status, "signed"));
const look = () => chainFollowing.follow(1).catch(() => undefined);

async function untilSettled(): Promise<void> {
    for (let attempt = 0; attempt < 600; attempt++) {
        await flow.settlementRound.open();
        await flow.batchSigning.signAll();
        await look();
        await miner.mine(4);
        await look();
        await flow.settlementClosing.closeAll();
        if ((await open()) === 0) return;
    }
    throw new Error("Something is stuck");
}

/** Ben has what he earned, to the unit; the books, the chain and the hub's own memory agree. */
async function expectPaidOnce(): Promise<void> {
    expect(await balanceOf(ben)).toBe(BigInt(earned) * reward);
    const all = await db.select().from(rewards);
    expect(all.every(({ status, paymentId }) => status === "settled" && paymentId)).toBe(true);
    expect(all).toHaveLength(earned);
    const made = await db.select().from(payments);
    expect(made.every(({ status }) => ["confirmed", "skipped"].includes(status))).toBe(true);
}

const faults: Record<string, () => Promise<void>> = {
    "an answer that is lost after the node took it": async () => {
        node.faultOf = (method) => (method === "eth_sendRawTransaction" ? "answerLost" : undefined);
        await owed();
        await look();
    },
    "a transaction that never arrives": async () => {
        node.faultOf = (method) => (method === "eth_sendRawTransaction" ? "lost" : undefined);
        await owed();
        await look();
    },
    "an end between signing and sending": owed,
    "an end before the signature is committed": async () => {
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
        earned++;
        const broken = database.transaction(async () => {
            await flow.settlementRound.open();
            await flow.batchSigning.signAll();
            throw new Error("the process ends here");
        });
        await expect(broken).rejects.toThrow("the process ends here");
    },
    "an end between sending and the receipt": async () => {
        await owed();
        node.faultOf = (method) =>
            method === "eth_getTransactionReceipt" ? "answerLost" : undefined;
        await look();
    },
    "two workers at once": async () => {
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
        earned++;
        const work = async () => {
            await flow.settlementRound.open();
            await flow.batchSigning.signAll();
            await look();
            await flow.settlementClosing.closeAll();
        };
        await Promise.all([work(), work()]);
    },
    "a reorg of three blocks": async () => {
        await owed();
        await look();
        await miner.mine(1);
        await miner.reorg(3);
    },
};

describe("each reward is paid exactly once, and nothing is stuck, after", () => {
    test.each(Object.entries(faults))("%s", { timeout: 60_000 }, async (_, fault) => {
        await fault();
        node.faultOf = () => undefined;
        await untilSettled();

        await expectPaidOnce();
    });

    test("a base fee that leaps: the fee is raised under the same nonce", {
        timeout: 60_000,
    }, async () => {
        await miner.setAutomine(false);
        await owed();
        const { nonce, hash, maxFeePerGas } = await newest();
        await look();
        await miner.setNextBaseFee(maxFeePerGas * 3n);
        await miner.mine(1);
        await miner.setAutomine(true);
        await untilSettled();

        const mined = await newest();
        expect(mined).toMatchObject({ nonce, status: "final", succeeded: true });
        expect(mined.hash).not.toBe(hash);
        expect(mined.maxFeePerGas).toBeGreaterThanOrEqual((maxFeePerGas * 9n) / 8n);
        await expectPaidOnce();
    });

    test("a dropped transaction leaves a gap before the next: both are mined", {
        timeout: 60_000,
    }, async () => {
        await miner.setAutomine(false);
        await owed();
        await look();
        const first = await newest();
        await owed();
        await look();
        await miner.drop(first.hash);
        await miner.setAutomine(true);
        await untilSettled();

        await expectPaidOnce();
    });

    test("a stranger's use of our key: the call is signed anew", { timeout: 60_000 }, async () => {
        await owed();
        const { nonce } = await newest();
        await miner.spendNonce(settler);
        await untilSettled();

        expect((await newest()).nonce).toBeGreaterThan(nonce);
        await expectPaidOnce();
    });

    const runs = timesOf({ everyDay: 40, thorough: 200 });
    test(`${runs} runs with whatever of it`, { timeout: 280_000 }, async () => {
        const kinds = Object.values(faults);
        for (let run = 0; run < runs; run++) {
            await kinds[run % kinds.length]?.();
            if (run % 5 === 4) node.faultOf = () => undefined;
            if (run % 20 === 19) {
                await untilSettled();
                await expectPaidOnce();
            }
        }
        await untilSettled();
        await expectPaidOnce();
    });
});
