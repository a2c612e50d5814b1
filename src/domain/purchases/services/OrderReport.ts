import type { Currency } from "@/utils/money";
import type { PurchaseLine, PurchaseRefund } from "../db/schema";

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

/** A line as the shop has it; what refunds took of it follows from the refunds. */
export type ReportedLine = Omit<PurchaseLine, "purchaseId" | "refundedQuantity" | "refundedAmount">;
export type ReportedRefund = Omit<PurchaseRefund, "purchaseId">;

/** The order as a shop saw it at one moment. Absent when a delivery tells only of a refund. */
export type Snapshot = {
    updatedAt: Date;
    externalName: string | null;
    isTest: boolean;
    isFullyRefunded: boolean;
    /** Where a cancellation can be taken back, it is part of the moment; elsewhere it is a fact for good. */
    cancelledAt?: Date | null;
    totals: Totals;
    lines: ReportedLine[];
    exactAmounts: Record<string, string>;
};

/** Who the shop says bought, in its own words. Hashed before it is stored. */
export type Buyer = {
    clientId: string | undefined;
    customerId: string | undefined;
    email: string | undefined;
    codes: string[];
    landingUrl: string | undefined;
    /** Any of these, said by a browser, proves that the order is its own. */
    tokens: string[];
};

/** One delivery in our words: facts about one order. */
export type OrderReport = {
    externalId: string;
    snapshot: Snapshot | undefined;
    placedAt: Date | undefined;
    paidAt: Date | undefined;
    cancelledAt: Date | undefined;
    removedAt: Date | undefined;
    refunds: ReportedRefund[];
    buyer: Buyer;
};

/** Something that a merchant's own server saw somebody do. */
export type EventReport = {
    idempotencyKey: string;
    customType: string;
    data: Record<string, unknown>;
    clientId: string | undefined;
    customerId: string | undefined;
    occurredAt: Date;
};

/** What a shop platform asks for in the name of the law. */
export type Notice =
    | { about: "customerErasure"; customerId: string; email: string | undefined }
    | { about: "shopErasure" | "dataRequest" | "uninstalled" };

/** What an adapter makes of a delivery: facts, or the reason why it is none of our business. */
export type Reading =
    | { report: OrderReport }
    | { event: EventReport }
    | { notice: Notice }
    | { ignored: string };

export const nobody: Buyer = {
    clientId: undefined,
    customerId: undefined,
    email: undefined,
    codes: [],
    landingUrl: undefined,
    tokens: [],
};

/** An order of which a delivery says nothing but what is added to this. */
export const nothingOf = (externalId: string): OrderReport => ({
    externalId,
    snapshot: undefined,
    placedAt: undefined,
    paidAt: undefined,
    cancelledAt: undefined,
    removedAt: undefined,
    refunds: [],
    buyer: nobody,
});
