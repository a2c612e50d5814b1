import type { Currency } from "@/utils/money";

/** A movement of money that belongs to a refund, by the shop's own number for it. */
export type RefundTransaction = {
    externalId: string;
    /** A decimal in `currency`. */
    amount: string;
    currency: Currency | null;
    status: "pending" | "failed" | "success";
};
/** What a refund gives back of one line: decimals in the order's currency. */
export type RefundLine = { lineId: string; quantity: number; amount: string; tax: string };
