import { scaled } from "@/utils/decimal";
import { fraction, over, times, whole } from "@/utils/fraction";
import { exponentOf, minorUnits } from "@/utils/money";
import type { Purchase, PurchaseRefund } from "../db/schema";
import type { OrderReport, ReportedLine, Snapshot } from "./OrderReport";

export type KnownRefund = Omit<PurchaseRefund, "purchaseId">;
/** A purchase with its parts. */
export type PurchaseFacts = { purchase: Purchase; lines: ReportedLine[]; refunds: KnownRefund[] };
/** A report whose secrets are already in the form that is stored. */
export type HashedReport = Omit<OrderReport, "clientId" | "tokens"> & {
    tokenLookups: string[];
};

/**
 * What is known after a report, whichever came first: totals and lines from the newest snapshot, the earliest
 * payment and cancellation, refunds as a set. Reports of one order may be merged in any order, any number
 * of times, and end in the same facts.
 */
export function mergeFacts(known: PurchaseFacts, report: HashedReport): PurchaseFacts {
    const { snapshot } = report;
    const isNewer = snapshot !== undefined && !isOlder(snapshot, known.purchase);
    const refunds = mergeRefunds(known.refunds, report.refunds);
    const purchase: Purchase = {
        ...known.purchase,
        ...(isNewer ? stateOf(snapshot) : {}),
        paidAt: earliest(known.purchase.paidAt, report.paidAt),
        cancelledAt: earliest(known.purchase.cancelledAt, report.cancelledAt),
        tokenLookups: union(known.purchase.tokenLookups, report.tokenLookups),
    };
    purchase.refunded = refundedOf(purchase, refunds);
    purchase.status = statusOf(purchase);
    return { purchase, lines: isNewer ? snapshot.lines : known.lines, refunds };
}

const isOlder = ({ updatedAt }: Snapshot, { sourceUpdatedAt }: Purchase): boolean =>
    sourceUpdatedAt !== null && updatedAt < sourceUpdatedAt;

function stateOf({ updatedAt, lines: _, totals, ...state }: Snapshot): Partial<Purchase> {
    return { ...state, ...totals, sourceUpdatedAt: updatedAt };
}

function earliest(a: Date | null, b: Date | undefined): Date | null {
    if (!a || !b) return a ?? b ?? null;
    return a < b ? a : b;
}

const union = (a: readonly string[], b: readonly string[]): string[] =>
    [...new Set([...a, ...b])].sort();

/** By the shop's own id. */
function mergeRefunds(known: readonly KnownRefund[], told: readonly KnownRefund[]): KnownRefund[] {
    const refunds = new Map(known.map((refund) => [refund.externalId, refund]));
    for (const refund of told) {
        const before = refunds.get(refund.externalId);
        refunds.set(refund.externalId, before ? fuller(before, refund) : refund);
    }
    return [...refunds.values()].sort((a, b) => (a.externalId < b.externalId ? -1 : 1));
}

/** Money that moved stays moved, and more of it may follow: the word that tells of the most is right. */
function fuller(a: KnownRefund, b: KnownRefund): KnownRefund {
    const difference = moved(a) - moved(b);
    if (difference !== 0n) return difference > 0n ? a : b;
    return remark(a) > remark(b) ? a : b;
}

const moved = ({ hasSucceeded, amount }: KnownRefund): bigint =>
    hasSucceeded ? scaled(amount, 30) : -1n;

/** What is left to differ when the money is the same. Either would do, so long as it is always the same one. */
const remark = ({ refundedAt, amount, currency }: KnownRefund): string =>
    `${refundedAt.toISOString()} ${amount} ${currency}`;

/** Never more than the order was: a shop may pay back more out of kindness. */
function refundedOf(purchase: Purchase, refunds: readonly KnownRefund[]): bigint {
    if (purchase.isFullyRefunded) return purchase.total;
    const sum = refunds
        .filter(({ hasSucceeded }) => hasSucceeded)
        .reduce((total, refund) => total + inShopCurrency(purchase, refund), 0n);
    return sum > purchase.total ? purchase.total : sum;
}

/** What was paid back in the buyer's currency counts by the order's own rate. */
export function inShopCurrency(purchase: Purchase, { amount, currency }: KnownRefund): bigint {
    const { currency: own, total, presentmentCurrency, presentmentTotal } = purchase;
    if (!own) return 0n;
    if (!currency || currency === own) return minorUnits(amount, own);
    if (currency !== presentmentCurrency || !presentmentTotal) return 0n;
    const inMinorUnits = times(fraction(amount), whole(10n ** BigInt(exponentOf(currency))));
    return rounded(times(inMinorUnits, over(whole(total), whole(presentmentTotal))));
}

const rounded = ({ numerator, denominator }: ReturnType<typeof whole>): bigint =>
    (2n * numerator + denominator) / (2n * denominator);

function statusOf({ cancelledAt, paidAt, refunded, total, ...purchase }: Purchase) {
    if (cancelledAt) return "cancelled";
    if (!paidAt) return purchase.currency ? "pending" : "awaited";
    if (purchase.isFullyRefunded || (refunded >= total && refunded > 0n)) return "refunded";
    return refunded > 0n ? "partiallyRefunded" : "confirmed";
}
