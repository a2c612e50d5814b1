import type { Address } from "viem";
import type { GroupId } from "@/utils/ids";
import type { Reward } from "../db/schema";

/** What is transferred for a reward once the debt of its owner is paid from it. */
export type NetShare = { reward: Reward; paid: bigint };
/** One transfer, and the rewards that it pays. */
export type NetPayment = { wallet: Address; amount: bigint; shares: NetShare[] };

/** Pays debts first, from the oldest rewards on. */
export function withoutDebts(
    owed: readonly Reward[],
    debts: ReadonlyMap<GroupId, bigint>
): NetShare[] {
    const left = new Map(debts);
    return owed.map((reward) => {
        const debt = left.get(reward.groupId) ?? 0n;
        const withheld = debt < reward.amount ? debt : reward.amount;
        left.set(reward.groupId, debt - withheld);
        return { reward, paid: reward.amount - withheld };
    });
}

/**
 * Without the wallets that would be sent less than the minimum, unless they asked for it. What a debt takes whole
 * needs no transfer and goes on.
 */
export function worthPaying(shares: readonly NetShare[], minimum: bigint): NetShare[] {
    const wallets = Map.groupBy(shares, ({ reward }) => reward.wallet);
    const small = new Set(
        [...wallets].filter(([, own]) => !isEnough(own, minimum)).map(([wallet]) => wallet)
    );
    return shares.filter(({ reward, paid }) => paid === 0n || !small.has(reward.wallet));
}

const isEnough = (own: readonly NetShare[], minimum: bigint): boolean =>
    own.some(({ reward }) => reward.claimId !== null) ||
    own.reduce((sum, { paid }) => sum + paid, 0n) >= minimum;

/**
 * What of it a bank can pay, oldest first. Behind the first that does not fit everything waits: a large reward must
 * not starve behind small ones.
 */
export function affordable(
    shares: readonly NetShare[],
    funds: bigint
): { paid: NetShare[]; waiting: NetShare[] } {
    let left = funds;
    const firstTooMuch = shares.findIndex(({ paid }) => {
        left -= paid;
        return left < 0n;
    });
    const count = firstTooMuch < 0 ? shares.length : firstTooMuch;
    return { paid: shares.slice(0, count), waiting: shares.slice(count) };
}

/** Everything that goes to one wallet goes in one transfer. */
export function netByWallet(shares: readonly NetShare[]): NetPayment[] {
    const payments = new Map<Address, NetPayment>();
    for (const share of shares) {
        const { wallet } = share.reward;
        if (!wallet) continue;
        const payment = payments.get(wallet) ?? { wallet, amount: 0n, shares: [] };
        payment.amount += share.paid;
        payment.shares.push(share);
        payments.set(wallet, payment);
    }
    return [...payments.values()].filter(({ amount }) => amount > 0n);
}
