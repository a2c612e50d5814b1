import { createHash } from "node:crypto";
import type { Purchase, PurchaseLine } from "../db/schema";
import type { OrderReport, ReportedLine, Snapshot } from "./OrderReport";
import { isInForce, type KnownRefund, mergeRefunds, namedOf, refundedOf } from "./refunds";

export type KnownLine = Omit<PurchaseLine, "purchaseId">;
/** A purchase with its parts. */
export type PurchaseFacts = { purchase: Purchase; lines: KnownLine[]; refunds: KnownRefund[] };
/** A report whose secrets and personal data are already in the form that is stored. */
export type HashedReport = Omit<OrderReport, "buyer"> &
    Pick<Purchase, "tokenLookups" | "codes" | "landingUrl" | "customerLookup" | "emailLookup">;

/**
 * What is known after a report, whichever came first: totals and lines from the newest snapshot, the earliest
 * payment and cancellation, refunds as a set. Reports of one order may be merged in any order, any number
 * of times, and end in the same facts.
 */
export function mergeFacts(known: PurchaseFacts, report: HashedReport): PurchaseFacts {
    const { snapshot } = report;
    const digest = snapshot && digestOf(snapshot);
    const isNewer = snapshot !== undefined && isAfter(snapshot, digest, known.purchase);
    const purchase: Purchase = {
        ...known.purchase,
        ...buyerOf(known.purchase, report),
        placedAt: earliest(known.purchase.placedAt, report.placedAt),
        paidAt: earliest(known.purchase.paidAt, report.paidAt),
        cancelledAt: earliest(known.purchase.cancelledAt, report.cancelledAt),
        removedAt: latest(known.purchase.removedAt, report.removedAt),
        ...(isNewer ? { ...stateOf(snapshot), sourceDigest: digest ?? null } : {}),
    };
    const refunds = mergeRefunds(known.refunds, report.refunds);
    purchase.refunded = refundedOf(purchase, refunds);
    purchase.status = statusOf(purchase);
    const lines = isNewer ? distinct(snapshot.lines) : known.lines;
    return { purchase, lines: withRefunds(purchase, lines, refunds), refunds };
}

/** Of two words of the same moment either would do, so long as it is always the same one. */
function isAfter(
    { updatedAt }: Snapshot,
    digest: string | undefined,
    { sourceUpdatedAt, sourceDigest }: Purchase
): boolean {
    if (!sourceUpdatedAt) return true;
    const difference = updatedAt.getTime() - sourceUpdatedAt.getTime();
    return difference > 0 || (difference === 0 && (digest ?? "") > (sourceDigest ?? ""));
}

function digestOf(snapshot: Snapshot): string {
    const text = JSON.stringify(snapshot, (_, value: unknown) =>
        typeof value === "bigint" ? `${value}` : value
    );
    return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}

function stateOf({ updatedAt, lines: _, totals, ...state }: Snapshot): Partial<Purchase> {
    return { ...state, ...totals, sourceUpdatedAt: updatedAt };
}

function buyerOf(known: Purchase, report: HashedReport) {
    return {
        tokenLookups: union(known.tokenLookups, report.tokenLookups),
        codes: union(known.codes, report.codes),
        landingUrl: least(known.landingUrl, report.landingUrl),
        customerLookup: least(known.customerLookup, report.customerLookup),
        emailLookup: least(known.emailLookup, report.emailLookup),
    };
}

function earliest(a: Date | null, b: Date | undefined): Date | null {
    if (!a || !b) return a ?? b ?? null;
    return a < b ? a : b;
}

function latest(a: Date | null, b: Date | undefined): Date | null {
    if (!a || !b) return a ?? b ?? null;
    return a > b ? a : b;
}

/** They hardly ever differ; where they do, which one stays must not depend on which came first. */
function least(a: string | null, b: string | null): string | null {
    if (a === null || b === null) return a ?? b;
    return a < b ? a : b;
}

const union = (a: readonly string[], b: readonly string[]): string[] =>
    [...new Set([...a, ...b])].sort();

/** Two lines under one number, as a careless shop may send them, are two lines still. */
function distinct(lines: readonly ReportedLine[]): ReportedLine[] {
    const seen = new Map<string, number>();
    return lines.map((line) => {
        const count = (seen.get(line.externalId) ?? 0) + 1;
        seen.set(line.externalId, count);
        return count === 1 ? line : { ...line, externalId: `${line.externalId}#${count}` };
    });
}

function withRefunds(
    purchase: Purchase,
    lines: readonly ReportedLine[],
    refunds: readonly KnownRefund[]
): KnownLine[] {
    const counted = refunds.filter((refund) => isInForce(purchase, refund));
    return lines
        .map((line) => {
            const named = namedOf(purchase, counted, line.externalId);
            const { quantity, amount } = purchase.isFullyRefunded
                ? { quantity: line.quantity, amount: line.total }
                : named;
            return {
                ...line,
                refundedQuantity: Math.min(quantity, line.quantity),
                refundedAmount: amount < line.total ? amount : line.total,
            };
        })
        .sort((a, b) => (a.externalId < b.externalId ? -1 : 1));
}

function statusOf(purchase: Purchase): Purchase["status"] {
    const { paidAt, refunded, total } = purchase;
    if (purchase.cancelledAt || isRemoved(purchase)) return "cancelled";
    if (!paidAt) return purchase.currency ? "pending" : "awaited";
    if (purchase.isFullyRefunded || (refunded >= total && refunded > 0n)) return "refunded";
    return refunded > 0n ? "partiallyRefunded" : "confirmed";
}

/** A shop that speaks of an order again after it deleted it has restored it. */
const isRemoved = ({ removedAt, sourceUpdatedAt }: Purchase): boolean =>
    removedAt !== null && (sourceUpdatedAt === null || removedAt > sourceUpdatedAt);
