import { newId, type PurchaseId } from "@/utils/ids";
import type { Purchase } from "../db/schema";
import type { OrderKey } from "../repositories/PurchaseRepository";

/** An order of which nothing is known but that somebody spoke of it. */
export function awaited(key: OrderKey, at: Date): Purchase {
    return {
        ...key,
        id: newId<PurchaseId>(),
        externalName: null,
        status: "awaited",
        isTest: false,
        currency: null,
        total: 0n,
        subtotal: 0n,
        discount: 0n,
        shipping: 0n,
        tax: 0n,
        refunded: 0n,
        isFullyRefunded: false,
        presentmentCurrency: null,
        presentmentTotal: null,
        paidAt: null,
        cancelledAt: null,
        sourceUpdatedAt: null,
        sourceDigest: null,
        removedAt: null,
        placedAt: null,
        exactAmounts: {},
        codes: [],
        landingUrl: null,
        customerLookup: null,
        emailLookup: null,
        groupId: null,
        linkedBy: null,
        tokenLookups: [],
        createdAt: at,
        updatedAt: at,
    };
}
