import type { Address } from "viem";
import type { Reward } from "../db/schema";

/** One transfer, and the rewards that it pays. */
export type NetPayment = { wallet: Address; amount: bigint; rewards: Reward[] };

/**
 * What a bank can pay of what it owes, oldest first. Behind the first that does not fit everything waits:
 * a large reward must not starve behind small ones.
 */
export function affordable(
    owed: readonly Reward[],
    funds: bigint
): { paid: Reward[]; waiting: Reward[] } {
    let left = funds;
    const firstTooMuch = owed.findIndex(({ amount }) => {
        left -= amount;
        return left < 0n;
    });
    const count = firstTooMuch < 0 ? owed.length : firstTooMuch;
    return { paid: owed.slice(0, count), waiting: owed.slice(count) };
}

/** Everything that goes to one wallet goes in one transfer. */
export function netByWallet(rewards: readonly Reward[]): NetPayment[] {
    const payments = new Map<Address, NetPayment>();
    for (const reward of rewards) {
        const { wallet } = reward;
        if (!wallet) continue;
        const payment = payments.get(wallet) ?? { wallet, amount: 0n, rewards: [] };
        payment.amount += reward.amount;
        payment.rewards.push(reward);
        payments.set(wallet, payment);
    }
    return [...payments.values()].filter(({ amount }) => amount > 0n);
}
