import type { Address } from "viem";

type Payable = { bank: Address; token: Address };
/** Whether so many payments, out of so many banks and tokens, fit into one transaction. */
export type Fits = (groups: number, payments: number) => boolean;

/** As few transactions as it takes, those of one bank side by side. */
export function intoBatches<Payment extends Payable>(
    payments: readonly Payment[],
    fits: Fits
): Payment[][] {
    const batches: Payment[][] = [];
    let current: Payment[] = [];
    let groups = new Set<string>();
    for (const payment of payments) {
        const group = `${payment.bank}:${payment.token}`;
        const groupCount = groups.has(group) ? groups.size : groups.size + 1;
        if (current.length === 0 || !fits(groupCount, current.length + 1)) {
            current = [];
            groups = new Set();
            batches.push(current);
        }
        current.push(payment);
        groups.add(group);
    }
    return batches;
}
