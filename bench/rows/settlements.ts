import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { type Address, type Hex, parseTransaction, size, zeroHash } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { MerchantContext } from "@/domain/merchant";
import { RewardsContext } from "@/domain/rewards";
import {
    chainFollowing,
    chainTransactions,
    contracts,
    publicClient,
    rewardsHub,
} from "@/infrastructure/blockchain";
import type { HubPayment } from "@/infrastructure/blockchain/RewardsHubClient";
import { config } from "@/infrastructure/config";
import { keyRing } from "@/infrastructure/keys";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext as flow } from "@/orchestration";
import { type GroupId, type MerchantId, newId } from "@/utils/ids";
import { type Books, newWallet, openBooks, type Someone } from "../../test/fixtures/books";
import { openBanks, settle } from "../../test/fixtures/chain";
import { summary } from "../lib/load";
import type { Row } from "../lib/report";
import { startProcess } from "../lib/stage";

const count = 10_000;
const perBatch = 250;
const amount = 1_234_567n;
/** The most gas that one transaction may have (EIP-7825). */
const maxGas = 16_777_216n;

type Shop = { merchantId: MerchantId; bank: Address; books: Books };
type Paid = { ms: number[]; gas: number; bytes: number; failed: number };

/** Ten thousand rewards of as many people, through rounds, signing, sending and closing as they always run. */
export async function settlements({ port }: { port: number }): Promise<Row[]> {
    const shop = await openShop();
    const people = await newPeople();
    const server = await startProcess("src/index.ts", port, {
        ROLE: "worker",
        SETTLEMENT_INTERVAL_SECONDS: "1",
    });
    const toNew = await pay(shop, people, 0);
    const toKnown = await pay(shop, people, count);
    await server.stop();
    const gasOf500 = await inOneTransaction(shop, 500);

    const wallets = Array.from({ length: count }, newWallet);
    const [floorOfNew, floorOfKnown] = [
        await floor(shop, wallets, 1_000_000_000n),
        await floor(shop, wallets, 2_000_000_000n),
    ];
    return [
        floorOfNew,
        rowOf({ whom: "new wallets", paid: toNew, floor: floorOfNew, goal: "31,000" }),
        rowOf({ whom: "known wallets", paid: toKnown, floor: floorOfKnown, goal: "13,600" }),
        {
            name: `500 payments in one transaction (${gasOf500.toLocaleString("en")} gas)`,
            measured: summary([], 1, gasOf500 < maxGas ? 0 : 1),
            goal: `< ${maxGas.toLocaleString("en")} gas`,
        },
    ];
}

type Measuring = { whom: string; paid: Paid; floor: Row; goal: string };

function rowOf({ whom, paid, floor, goal }: Measuring): Row {
    const seconds = Math.max(...paid.ms) / 1_000;
    const gas = Math.round(paid.gas / count).toLocaleString("en");
    const bytes = Math.ceil(paid.bytes / count);
    return {
        name: `10,000 payments to ${whom} (${seconds.toFixed(1)} s; ${gas} gas, ${bytes} bytes each)`,
        measured: summary(paid.ms, seconds, paid.failed),
        floor,
        goal: `< 60 s; ≤ ${goal} gas, ≤ 135 bytes each`,
    };
}

/** A shop whose bank stands and can pay for all of it. */
async function openShop(): Promise<Shop> {
    const { id: merchantId } = await flow.merchantOnboarding.register({
        name: "Ada's Tea",
        domain: `${randomUUID()}.localhost`,
        rewardAsset: undefined,
        owner: privateKeyToAccount(generatePrivateKey()).address,
    });
    await openBanks();
    const token = contracts.testToken;
    await flow.testFunding.fund({ merchantId, token, amount: amount * BigInt(6 * count) });
    await settle();
    const bank = await MerchantContext.repositories.banks.find(merchantId);
    if (!bank) throw new Error("The bank does not stand");
    return { merchantId, bank: bank.address, books: await openBooks() };
}

async function newPeople(): Promise<Someone[]> {
    const people = Array.from({ length: count }, () => ({
        groupId: newId<GroupId>(),
        wallet: newWallet(),
    }));
    const ids = `{${people.map(({ groupId }) => groupId).join(",")}}`;
    await database.rows(sql`insert into identity_groups (id) select unnest(${ids}::uuid[])`);
    return people;
}

/** Has everybody owed one reward, all at the same moment, and waits until all of them are paid. */
async function pay(shop: Shop, people: readonly Someone[], from: number): Promise<Paid> {
    const { merchantId, books } = shop;
    const now = new Date();
    const life = { availableAt: now, createdAt: now, expiresAt: null };
    const owed = people.map((person, index) => ({
        ...books.rewardOf(person, { amount, ...life }),
        merchantId,
        token: contracts.testToken,
        ordinal: from + index,
    }));
    await database.transaction(async () => {
        for (let index = 0; index < count; index += 1_000) {
            await RewardsContext.services.rewards.grant(owed.slice(index, index + 1_000));
        }
    });
    const startedAt = new Date();
    while ((await unsettledOf(merchantId)) > 0) await Bun.sleep(100);
    return { ms: await timesOf(merchantId, startedAt), ...(await costOf(startedAt)) };
}

async function unsettledOf(merchantId: MerchantId): Promise<number> {
    const [found] = await database.rows<{ count: string }>(sql`
        select count(*) from rewards where merchant_id = ${merchantId} and status <> 'settled'`);
    return Number(found?.count);
}

async function timesOf(merchantId: MerchantId, startedAt: Date): Promise<number[]> {
    const since = startedAt.toISOString();
    const rows = await database.rows<{ ms: string }>(sql`
        select extract(epoch from settled_at - ${since}::timestamptz) * 1000 as ms from rewards
        where merchant_id = ${merchantId} and settled_at >= ${since}::timestamptz`);
    return rows.map(({ ms }) => Number(ms));
}

async function costOf(startedAt: Date): Promise<Omit<Paid, "ms">> {
    const rows = await database.rows<{ raw: Hex; gas: string; failed: string }>(sql`
        select transaction.raw, transaction.gas_used as gas,
            (select count(*) from payments
                where batch_id = batch.id and status <> 'confirmed') as failed
        from settlement_batches batch
        join chain_transactions transaction on transaction.id = batch.transaction_id
        where batch.created_at >= ${startedAt.toISOString()}::timestamptz`);
    const sum = (of: (row: (typeof rows)[number]) => number) =>
        rows.reduce((total, row) => total + of(row), 0);
    return {
        gas: sum(({ gas }) => Number(gas)),
        bytes: sum(({ raw }) => size(parseTransaction(raw).data ?? "0x")),
        failed: sum(({ failed }) => Number(failed)),
    };
}

async function inOneTransaction({ bank }: Shop, payments: number): Promise<bigint> {
    const call = settleCall(bank, Array.from({ length: payments }, newWallet), 3_000_000_000n);
    const preparation = await chainTransactions.prepare("settler");
    const { id } = await database.transaction(() =>
        chainTransactions.sign(preparation, `bench:${randomUUID()}`, { ...call, gas: maxGas })
    );
    while (await chainFollowing.follow(5_000));
    const [mined] = await chainTransactions.findFinal([id]);
    return mined?.succeeded ? (mined.gasUsed ?? maxGas) : maxGas;
}

/** The same calls with nothing around them: signed one after the other, sent, mined. */
async function floor({ bank }: Shop, wallets: readonly Address[], firstId: bigint): Promise<Row> {
    const signer = keyRing.signer("settler");
    const { address } = signer;
    const fees = await publicClient.estimateFeesPerGas();
    let nonce = await publicClient.getTransactionCount({ address, blockTag: "pending" });
    const startedAt = performance.now();
    for (let index = 0; index < count; index += perBatch) {
        const some = wallets.slice(index, index + perBatch);
        const call = settleCall(bank, some, firstId + BigInt(index));
        const chainId = config.CHAIN_ID;
        const unsigned = { ...call, ...fees, chainId, nonce: nonce++, type: "eip1559" } as const;
        const serializedTransaction = await signer.signTransaction(unsigned);
        await publicClient.sendRawTransaction({ serializedTransaction });
    }
    while ((await publicClient.getTransactionCount({ address })) < nonce) await Bun.sleep(20);
    const ms = performance.now() - startedAt;
    return {
        name: "floor: the same calls, only signed and sent",
        measured: {
            ...summary([ms], ms / 1_000, 0),
            requests: count,
            perSecond: count / (ms / 1_000),
        },
    };
}

function settleCall(bank: Address, wallets: readonly Address[], firstId: bigint) {
    const token = contracts.testToken;
    const payments: HubPayment[] = wallets.map((wallet, index) => ({
        id: firstId + BigInt(index),
        bank,
        token,
        wallet,
        amount,
    }));
    return rewardsHub.settleCall({ epoch: 1n, payments, rewardsRoot: zeroHash });
}
