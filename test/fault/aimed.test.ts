import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { RewardsHub } from "@contracts/artifacts/RewardsHub";
import { desc, eq, ne, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { IdentityContext } from "@/domain/identity";
import { payments, rewards, settlementBatches } from "@/domain/rewards/db/schema";
import { contracts, publicClient } from "@/infrastructure/blockchain";
import { chainTransactions } from "@/infrastructure/blockchain/db/schema";
import { config } from "@/infrastructure/config";
import { database, pool } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext as flow } from "@/orchestration";
import { audit, newWallet } from "../fixtures/books";
import { balanceOf, openBanks, settle, useContracts } from "../fixtures/chain";
import { FlakyNode } from "../fixtures/FlakyNode";
import { eventually } from "../fixtures/Server";
import { bringAFriend } from "../fixtures/story/Merchant";
import { buys, newOrderId, type Tea, teaStory } from "../fixtures/tea";
import { timesOf } from "../fixtures/timesOf";

const rounds = timesOf({ everyDay: 1, thorough: 5 });
const db = database.current;
const node = new FlakyNode(config.RPC_URL);
const ben = newWallet();
const reward = 20_247_500n;
const onlyForBen = { ...bringAFriend, rewards: bringAFriend.rewards.slice(0, 1) };

let tea: Tea;
let worker: ChildProcess;
let next: ChildProcess;
let earned = 0;

beforeAll(async () => {
    await useContracts();
    tea = await teaStory({ definition: onlyForBen });
    const { identities } = IdentityContext.services;
    const keys = [identities.keyOf({ kind: "wallet", wallet: ben }), tea.ben.key];
    await flow.identityMerge.unite({ keys, reason: "test", evidence: {} });
    await openBanks();
    const amount = 1_000n * 10n ** 6n;
    await flow.testFunding.fund({ merchantId: tea.merchantId, token: contracts.testToken, amount });
    await settle();
    next = newWorker();
    hire();
}, 60_000);
afterAll(async () => {
    await Promise.all([kill(worker), kill(next)]);
    await node.stop();
});

/** A process that settles once it is told to; it reaches the chain only through the node that we can hold up. */
const newWorker = (): ChildProcess =>
    spawn(process.execPath, ["test/fixtures/settleWorker.ts"], {
        env: { ...process.env, RPC_URL: node.url },
        stdio: ["pipe", "ignore", "inherit"],
    });

function hire(): void {
    worker = next;
    next = newWorker();
    worker.stdin?.write("settle\n");
}

async function kill(who = worker): Promise<void> {
    if (who.signalCode) return;
    const ended = once(who, "exit");
    who.kill("SIGKILL");
    await ended;
}

async function benEarns(): Promise<void> {
    await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
    earned++;
}

/** Has the worker stop where it makes this call to the node. */
async function stopsAt(method: string, fault: "held" | "answerHeld"): Promise<void> {
    node.faultOf = (called) => (called === method ? fault : undefined);
    await benEarns();
    await eventually(async () => node.isHolding);
}

/** Lets it go on to where it wants to write in this table, late in its transaction. */
async function killWaitingFor(table: string): Promise<void> {
    const holder = await pool.connect();
    await holder.query(`begin; select from ${table} for update`);
    node.release();
    await eventually(isWaitingForUs);
    await kill();
    await holder.query("rollback");
    holder.release();
}

const isWaitingForUs = async () => {
    const [found] = await database.rows<{ is: boolean }>(sql`
        select count(*) > 0 as is from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`);
    return found?.is ?? false;
};

const batch = async () => {
    const [last] = await db
        .select({ status: settlementBatches.status, transaction: chainTransactions })
        .from(settlementBatches)
        .leftJoin(chainTransactions, eq(chainTransactions.id, settlementBatches.transactionId))
        .orderBy(desc(settlementBatches.id))
        .limit(1);
    const hash = last?.transaction?.hash;
    const onChain = hash && (await publicClient.getTransaction({ hash }).catch(() => undefined));
    return {
        batch: last?.status,
        transaction: last?.transaction?.status,
        isOnChain: onChain !== undefined,
    };
};

/** Each kills the worker where its name says, and returns what there was at that moment. */
const aims: Record<string, { shoot: () => Promise<void>; found: object }> = {
    "between the decision and the signature": {
        shoot: async () => {
            await stopsAt("eth_maxPriorityFeePerGas", "held");
            await kill();
        },
        found: { batch: "created", transaction: undefined },
    },
    "while it signs": {
        shoot: async () => {
            await stopsAt("eth_maxPriorityFeePerGas", "held");
            await killWaitingFor("payments");
        },
        found: { batch: "created", transaction: undefined },
    },
    "between signing and sending": {
        shoot: async () => {
            await stopsAt("eth_sendRawTransaction", "held");
            await kill();
        },
        found: { batch: "sent", transaction: "signed", isOnChain: false },
    },
    "between sending and the answer": {
        shoot: async () => {
            await stopsAt("eth_sendRawTransaction", "answerHeld");
            await kill();
        },
        found: { batch: "sent", transaction: "signed", isOnChain: true },
    },
    "between sending and the receipt": {
        shoot: async () => {
            let isSent = false;
            node.faultOf = (method) => {
                if (method === "eth_getTransactionReceipt" && isSent) return "held";
                isSent ||= method === "eth_sendRawTransaction";
                return undefined;
            };
            await benEarns();
            await eventually(async () => node.isHolding);
            await kill();
        },
        found: { batch: "sent", transaction: "signed", isOnChain: true },
    },
    "while it closes": {
        shoot: async () => {
            await stopsAt("eth_getTransactionReceipt", "answerHeld");
            await killWaitingFor("ledger_balances");
        },
        found: { batch: "sent", transaction: "final", isOnChain: true },
    },
};

const isSettled = async () =>
    (await db.$count(rewards, ne(rewards.status, "settled"))) === 0 &&
    (await db.$count(settlementBatches, ne(settlementBatches.status, "applied"))) === 0;

/** Every id that the hub says it has paid, as often as it says so. */
async function paidByTheHub(): Promise<bigint[]> {
    const { abi } = RewardsHub;
    const address = contracts.rewardsHub;
    const events = await publicClient.getContractEvents({
        abi,
        address,
        eventName: "PaymentsMade",
        fromBlock: 0n,
    });
    return events.flatMap(({ args }) => args.payments?.map(({ id }) => id) ?? []).sort();
}

describe("kill -9 of the one who settles", () => {
    const shots = Array.from({ length: rounds }, () => Object.keys(aims)).flat();

    test.each(shots)("%s: each reward is paid once, and nothing is stuck", async (name) => {
        const aim = aims[name];
        await aim?.shoot();
        expect(await batch()).toMatchObject(aim?.found ?? {});

        node.forget();
        hire();
        await eventually(isSettled);

        expect(await balanceOf(ben)).toBe(BigInt(earned) * reward);
        const made = await db.select().from(payments);
        expect(made.every(({ status }) => ["confirmed", "skipped"].includes(status))).toBe(true);
        expect(made.map(({ id }) => id).sort()).toEqual(await paidByTheHub());
        expect(await audit()).toEqual([]);
    });
});
