import { scaled, sumOf } from "@/utils/decimal";
import { type Fraction, fraction, over, times, whole } from "@/utils/fraction";
import { type Currency, exponentOf, minorUnits } from "@/utils/money";
import type { RefundTransaction } from "../db/RefundTransaction";
import type { Purchase, PurchaseRefund } from "../db/schema";

export type KnownRefund = Omit<PurchaseRefund, "purchaseId">;

const orphan = "transaction:";
const comparisonScale = 30;
const certainty = { pending: 0, failed: 1, success: 2 } as const;

/** A movement of money of which its refund is not known yet. It counts by itself until a refund lists it. */
export const orphanOf = (transaction: RefundTransaction, refundedAt: Date): KnownRefund => ({
    externalId: `${orphan}${transaction.externalId}`,
    refundedAt,
    seenAt: null,
    lines: [],
    ...movedBy([transaction]),
});

/** What transactions come to: only money that moved counts. */
export function movedBy(transactions: RefundTransaction[]) {
    const moved = transactions.filter(({ status }) => status === "success");
    return {
        transactions,
        amount: sumOf(moved.map(({ amount }) => amount)),
        currency: moved.find(({ currency }) => currency)?.currency ?? null,
        hasSucceeded: moved.length > 0,
    };
}

/** By the shop's own ids: a refund is told once however often it is told, and so is each movement of its money. */
export function mergeRefunds(
    known: readonly KnownRefund[],
    told: readonly KnownRefund[]
): KnownRefund[] {
    const refunds = new Map(known.map((refund) => [refund.externalId, refund]));
    for (const refund of told) {
        const before = refunds.get(refund.externalId);
        refunds.set(refund.externalId, before ? bothOf(before, refund) : refund);
    }
    return withSurestTransactions([...refunds.values()]).sort((a, b) =>
        a.externalId < b.externalId ? -1 : 1
    );
}

function bothOf(a: KnownRefund, b: KnownRefund): KnownRefund {
    const fuller = fullerOf(a, b);
    const transactions = surest([...a.transactions, ...b.transactions]);
    return {
        ...fuller,
        ...(transactions.length > 0 ? movedBy(transactions) : {}),
        refundedAt: a.refundedAt < b.refundedAt ? a.refundedAt : b.refundedAt,
        seenAt: later(a.seenAt, b.seenAt),
        lines: textOf(a.lines) > textOf(b.lines) ? a.lines : b.lines,
    };
}

/** Money that moved stays moved, and more of it may follow: the word that tells of the most is right. */
function fullerOf(a: KnownRefund, b: KnownRefund): KnownRefund {
    const difference = moved(a) - moved(b);
    if (difference !== 0n) return difference > 0n ? a : b;
    return remark(a) > remark(b) ? a : b;
}

const moved = ({ hasSucceeded, amount }: KnownRefund): bigint =>
    hasSucceeded ? scaled(amount, comparisonScale) : -1n;

/** What is left to differ when the money is the same. Either would do, so long as it is always the same one. */
const remark = ({ amount, currency }: KnownRefund): string => `${amount} ${currency}`;
const textOf = (lines: KnownRefund["lines"]): string => {
    const text = JSON.stringify(lines.map((line) => Object.entries(line).sort()));
    return `${String(text.length).padStart(9, "0")}${text}`;
};

function later(a: Date | null, b: Date | null): Date | null {
    if (!a || !b) return a ?? b;
    return a > b ? a : b;
}

/** What is surest of each movement of money holds wherever it is listed; orphans that found their refund go. */
function withSurestTransactions(refunds: readonly KnownRefund[]): KnownRefund[] {
    if (!refunds.some(isOrphan)) return [...refunds];
    const listed = refunds.filter((one) => !isOrphan(one));
    const homes = new Set(
        listed.flatMap(({ transactions }) => transactions.map((one) => one.externalId))
    );
    const strays = refunds.filter(isOrphan).flatMap(({ transactions }) => transactions);
    const updated = listed.map((refund) => {
        const own = new Set(refund.transactions.map(({ externalId }) => externalId));
        const about = strays.filter(({ externalId }) => own.has(externalId));
        if (about.length === 0) return refund;
        return { ...refund, ...movedBy(surest([...refund.transactions, ...about])) };
    });
    const homeless = refunds.filter(
        (one) => isOrphan(one) && !one.transactions.some(({ externalId }) => homes.has(externalId))
    );
    return [...updated, ...homeless];
}

const isOrphan = ({ externalId }: KnownRefund): boolean => externalId.startsWith(orphan);

function surest(transactions: readonly RefundTransaction[]): RefundTransaction[] {
    const byId = new Map<string, RefundTransaction>();
    for (const one of transactions) {
        const before = byId.get(one.externalId);
        if (!before || rank(one) > rank(before)) byId.set(one.externalId, one);
    }
    return [...byId.values()].sort((a, b) => (a.externalId < b.externalId ? -1 : 1));
}

const rank = ({ status, amount, currency }: RefundTransaction): string =>
    `${certainty[status]} ${amount.padStart(64, "0")} ${currency}`;

/** It happened, and the shop has not taken it back. */
export const isInForce = (
    { sourceUpdatedAt }: Purchase,
    { hasSucceeded, seenAt }: KnownRefund
): boolean => hasSucceeded && (!seenAt || !sourceUpdatedAt || seenAt >= sourceUpdatedAt);

/**
 * Never more than the order was: a shop may pay back more out of kindness. What was paid back in the buyer's
 * currency is added up before it is converted, so that refunds of the whole come to the whole.
 */
export function refundedOf(purchase: Purchase, refunds: readonly KnownRefund[]): bigint {
    if (purchase.isFullyRefunded) return purchase.total;
    const counted = refunds.filter((refund) => isInForce(purchase, refund));
    const byCurrency = Map.groupBy(counted, ({ currency }) => currency ?? purchase.currency);
    const sum = [...byCurrency].reduce((total, [currency, some]) => {
        const amount = sumOf(some.map((refund) => refund.amount));
        return total + inShopCurrency(purchase, { amount, currency });
    }, 0n);
    return sum > purchase.total ? purchase.total : sum;
}

/** What was paid back in the buyer's currency counts by the order's own rate. */
export function inShopCurrency(
    purchase: Purchase,
    { amount, currency }: { amount: string; currency: Currency | null }
): bigint {
    const { currency: own, total, presentmentCurrency, presentmentTotal } = purchase;
    if (!own) return 0n;
    if (!currency || currency === own) return minorUnits(amount, own);
    if (currency !== presentmentCurrency || !presentmentTotal) return 0n;
    const inMinorUnits = times(fraction(amount), whole(10n ** BigInt(exponentOf(currency))));
    return halfEven(times(inMinorUnits, over(whole(total), whole(presentmentTotal))));
}

function halfEven({ numerator, denominator }: Fraction): bigint {
    const floor = numerator / denominator;
    const twice = 2n * (numerator % denominator);
    const isUp = twice > denominator || (twice === denominator && floor % 2n === 1n);
    return isUp ? floor + 1n : floor;
}

/** What refunds name of one line, in minor units of the order's currency. */
export function namedOf(purchase: Purchase, refunds: readonly KnownRefund[], lineId: string) {
    const { currency } = purchase;
    const lines = refunds.flatMap((refund) => refund.lines.filter((one) => one.lineId === lineId));
    return {
        quantity: lines.reduce((sum, { quantity }) => sum + quantity, 0),
        amount: currency
            ? lines.reduce((sum, { amount }) => sum + minorUnits(amount, currency), 0n)
            : 0n,
    };
}
