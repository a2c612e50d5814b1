import { setTimeout as wait } from "node:timers/promises";
import type { Address, Client, Hex, LocalAccount } from "viem";
import { getTransactionCount, sendTransaction } from "viem/actions";

/**
 * Something to be so on chain. `isSo` asks the chain: it does not matter who brought it about, or
 * when.
 */
export type Step = { text: string; to: Address; data: Hex; isSo: () => Promise<boolean> };

type Means = { client: Client; sender: LocalAccount; onStep?: (text: string) => void };

const attempts = 8;
/** A chain of our own answers at once, and one that is not should not be asked too often. */
const firstPauseMs = 10;
const lastPauseMs = 1_000;
const minedWithinMs = 120_000;

/**
 * Sends a transaction unless it is so already, and again until it is. Whoever does the same with
 * the same key at the same time takes nonces from us and makes our transactions fail, which only
 * means to look again.
 */
export async function bringAbout(step: Step, means: Means): Promise<void> {
    let cause: unknown;
    for (let attempt = 0; !(await step.isSo()); attempt++) {
        if (attempt === attempts) throw new Error(`${step.text} failed`, { cause });
        if (attempt === 0) means.onStep?.(step.text);
        await wait(attempt * (50 + 50 * Math.random()));
        cause = await send(step, means).catch((error: unknown) => error);
    }
}

/** Until its nonce is used, by it or by another transaction of the same key. */
async function send({ to, data }: Step, { client, sender }: Means): Promise<void> {
    const { address } = sender;
    const nonce = await getTransactionCount(client, { address, blockTag: "pending" });
    await sendTransaction(client, { account: sender, chain: client.chain, to, data, nonce });

    const deadline = Date.now() + minedWithinMs;
    let pauseMs = firstPauseMs;
    while ((await getTransactionCount(client, { address })) <= nonce) {
        if (Date.now() > deadline) throw new Error("The transaction was not mined");
        await wait(pauseMs);
        pauseMs = Math.min(2 * pauseMs, lastPauseMs);
    }
}
