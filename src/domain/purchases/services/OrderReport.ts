import type { Currency } from "@/utils/money";
import type { PurchaseLine } from "../db/schema";

export type Totals = {
    currency: Currency;
    total: bigint;
    subtotal: bigint;
    discount: bigint;
    shipping: bigint;
    tax: bigint;
    presentmentCurrency: Currency | null;
    presentmentTotal: bigint | null;
};

export type ReportedLine = Omit<PurchaseLine, "purchaseId">;

export type ReportedRefund = {
    externalId: string;
    /** A decimal in `currency`. */
    amount: string;
    /** Absent: the order's own. */
    currency: Currency | null;
    hasSucceeded: boolean;
    refundedAt: Date;
};

/** The order as a shop saw it at one moment. Absent when a delivery tells only of a refund. */
export type Snapshot = {
    updatedAt: Date;
    externalName: string | null;
    isTest: boolean;
    isFullyRefunded: boolean;
    totals: Totals;
    lines: ReportedLine[];
};

/** One delivery in our words: facts about one order. */
export type OrderReport = {
    externalId: string;
    snapshot: Snapshot | undefined;
    paidAt: Date | undefined;
    cancelledAt: Date | undefined;
    refunds: ReportedRefund[];
    clientId: string | undefined;
    /** Any of these, said by a browser, proves that the order is its own. */
    tokens: string[];
};

/** What an adapter makes of a delivery: facts, or the reason why it is none of our business. */
export type Reading = { report: OrderReport } | { ignored: string };
