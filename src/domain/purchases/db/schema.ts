import { sql } from "drizzle-orm";
import {
    boolean,
    check,
    index,
    integer,
    jsonb,
    pgTable,
    primaryKey,
    text,
    unique,
    uniqueIndex,
} from "drizzle-orm/pg-core";
import { bytes, idOf, instant, minorUnits, primaryId } from "@/infrastructure/persistence/columns";
import type {
    ClaimId,
    DeliveryId,
    GroupId,
    MerchantId,
    MissingRewardId,
    PurchaseId,
} from "@/utils/ids";
import type { Currency } from "@/utils/money";
import type { RefundLine, RefundTransaction } from "./RefundTransaction";

export const platforms = ["shopify", "woocommerce", "magento", "custom"] as const;
export type Platform = (typeof platforms)[number];
const platform = () => text({ enum: platforms }).notNull();

/** Where a shop's webhooks come from, and the secret that they are signed with (encrypted). */
export const shopWebhooks = pgTable(
    "shop_webhooks",
    {
        merchantId: idOf<MerchantId>().notNull(),
        platform: platform(),
        secret: text().notNull(),
        /** Still accepted until then, so that a rotation loses no delivery. */
        previousSecret: text(),
        previousSecretUntil: instant(),
        shopDomain: text(),
        /** The shop took our app away: nothing more comes, and nothing is asked of it. */
        disconnectedAt: instant(),
        /** Where, and as whom (encrypted), we may ask what we were not told; off without. */
        apiUrl: text(),
        apiCredentials: text(),
        /** Every order that changed before then has been asked for. */
        reconciledUntil: instant(),
        createdAt: instant().notNull().defaultNow(),
        updatedAt: instant().notNull().defaultNow(),
    },
    ({ merchantId, platform }) => [primaryKey({ columns: [merchantId, platform] })]
);

/**
 * The inbox: every well-signed delivery, as it came. One that is `received` is also the message that there
 * is work to do.
 */
export const webhookDeliveries = pgTable(
    "webhook_deliveries",
    {
        id: primaryId<DeliveryId>(),
        merchantId: idOf<MerchantId>().notNull(),
        platform: platform(),
        /** What the platform repeats when it sends the same delivery again. */
        dedupeKey: text().notNull(),
        topic: text().notNull(),
        externalId: text(),
        headers: jsonb().$type<Record<string, string>>().notNull(),
        /** The signed bytes, compressed by zstd (RFC 8878). */
        body: bytes().notNull(),
        bodySha256: bytes().notNull(),
        requestId: text().notNull(),
        status: text({ enum: ["received", "processed", "ignored", "dead"] })
            .notNull()
            .default("received"),
        attempts: integer().notNull().default(0),
        reason: text(),
        receivedAt: instant().notNull(),
        dueAt: instant().notNull(),
        processedAt: instant(),
    },
    ({ merchantId, platform, dedupeKey, dueAt, status, id, externalId, receivedAt }) => [
        unique("webhook_deliveries_once").on(merchantId, platform, dedupeKey),
        index("webhook_deliveries_due").on(dueAt, id).where(sql`${status} = 'received'`),
        index("webhook_deliveries_of_merchant").on(merchantId, id),
        // Not of what waits, so that taking a delivery in writes to neither.
        index("webhook_deliveries_of_order")
            .on(merchantId, externalId)
            .where(sql`${externalId} is not null`),
        index("webhook_deliveries_fared")
            .on(merchantId, platform, status, receivedAt)
            .where(sql`${status} <> 'received'`),
    ]
);

/**
 * What we know of an order: a merge of facts that ends the same in whatever order they come. `awaited`
 * means that somebody claimed it and the shop has not yet told us of it.
 */
export const purchases = pgTable(
    "purchases",
    {
        id: primaryId<PurchaseId>(),
        merchantId: idOf<MerchantId>().notNull(),
        platform: platform(),
        externalId: text().notNull(),
        externalName: text(),
        status: text({
            enum: ["awaited", "pending", "confirmed", "partiallyRefunded", "refunded", "cancelled"],
        }).notNull(),
        isTest: boolean().notNull().default(false),
        currency: text().$type<Currency>(),
        total: minorUnits().notNull().default(sql`0`),
        subtotal: minorUnits().notNull().default(sql`0`),
        discount: minorUnits().notNull().default(sql`0`),
        shipping: minorUnits().notNull().default(sql`0`),
        tax: minorUnits().notNull().default(sql`0`),
        refunded: minorUnits().notNull().default(sql`0`),
        /** The shop said that nothing is left of the order, whatever its refunds add up to. */
        isFullyRefunded: boolean().notNull().default(false),
        /** What the buyer saw, when the shop sells in another currency than it keeps its books in. */
        presentmentCurrency: text().$type<Currency>(),
        presentmentTotal: minorUnits(),
        paidAt: instant(),
        cancelledAt: instant(),
        /** The newest `updated_at` of the shop: totals and lines are as of then. */
        sourceUpdatedAt: instant(),
        /** Of what the shop said then: of two words of one moment, the same one always wins. */
        sourceDigest: text(),
        /** Deleted in the shop, unless it says more of the order later. */
        removedAt: instant(),
        placedAt: instant(),
        /** Amounts that had more decimals than their currency, as they were sent. */
        exactAmounts: jsonb().$type<Record<string, string>>().notNull().default(sql`'{}'`),
        /** Discount and referral codes that the buyer entered. */
        codes: text().array().notNull().default(sql`'{}'`),
        /** Where the buyer came in; of its query only what we know is kept. */
        landingUrl: text(),
        /** Keyed hashes of the buyer's number and address at this shop: both are personal. */
        customerLookup: text(),
        emailLookup: text(),
        groupId: idOf<GroupId>(),
        /** `email` proves nothing: whoever buys types an address. */
        linkedBy: text({ enum: ["claim", "client", "code", "customer", "email", "landing"] }),
        /** Keyed hashes of the tokens that prove a claim. */
        tokenLookups: text().array().notNull().default(sql`'{}'`),
        createdAt: instant().notNull().defaultNow(),
        updatedAt: instant().notNull().defaultNow(),
    },
    ({
        merchantId,
        platform,
        externalId,
        groupId,
        id,
        refunded,
        total,
        customerLookup,
        emailLookup,
    }) => [
        unique("purchases_once").on(merchantId, platform, externalId),
        index("purchases_of_merchant").on(merchantId, id),
        index("purchases_of_group").on(groupId),
        index("purchases_of_customer").on(merchantId, customerLookup),
        index("purchases_of_email").on(merchantId, emailLookup),
        index("purchases_of_nobody")
            .on(emailLookup)
            .where(sql`${groupId} is null and ${emailLookup} is not null`),
        check("purchases_total_not_negative", sql`${total} >= 0 and ${refunded} >= 0`),
    ]
);

export const purchaseLines = pgTable(
    "purchase_lines",
    {
        purchaseId: idOf<PurchaseId>()
            .notNull()
            .references(() => purchases.id),
        externalId: text().notNull(),
        productId: text(),
        variantId: text(),
        sku: text(),
        title: text().notNull(),
        quantity: integer().notNull(),
        unitPrice: minorUnits().notNull(),
        discount: minorUnits().notNull(),
        tax: minorUnits().notNull(),
        total: minorUnits().notNull(),
        /** What refunds name of this line; what they do not name is spread by `netOf`. */
        refundedQuantity: integer().notNull(),
        refundedAmount: minorUnits().notNull().default(sql`0`),
    },
    ({ purchaseId, externalId }) => [primaryKey({ columns: [purchaseId, externalId] })]
);

/** Keyed by the shop's own refund id: told twice, it counts once. */
export const purchaseRefunds = pgTable(
    "purchase_refunds",
    {
        purchaseId: idOf<PurchaseId>()
            .notNull()
            .references(() => purchases.id),
        externalId: text().notNull(),
        /** A decimal, in the currency that the shop paid it back in (the order's where it names none). */
        amount: text().notNull(),
        currency: text().$type<Currency>(),
        /** Money has moved: a refund that is only announced does not count. */
        hasSucceeded: boolean().notNull(),
        refundedAt: instant().notNull(),
        /** For a shop that lists all refunds each time: when it last did. Missing from a newer list, it is undone. */
        seenAt: instant(),
        transactions: jsonb().$type<RefundTransaction[]>().notNull().default(sql`'[]'`),
        lines: jsonb().$type<RefundLine[]>().notNull().default(sql`'[]'`),
    },
    ({ purchaseId, externalId }) => [primaryKey({ columns: [purchaseId, externalId] })]
);

/** "This order is mine", said by a browser that knows the order's token; believed once the shop's token is equal. */
export const purchaseClaims = pgTable(
    "purchase_claims",
    {
        id: primaryId<ClaimId>(),
        purchaseId: idOf<PurchaseId>()
            .notNull()
            .references(() => purchases.id),
        tokenLookup: text().notNull(),
        groupId: idOf<GroupId>().notNull(),
        createdAt: instant().notNull().defaultNow(),
        expiresAt: instant().notNull(),
    },
    ({ purchaseId, tokenLookup, groupId }) => [
        unique("purchase_claims_once").on(purchaseId, tokenLookup, groupId),
        index("purchase_claims_group").on(groupId),
    ]
);

/** Somebody says that an order earned them nothing although it should have: for the merchant's staff to look at. */
export const missingRewards = pgTable(
    "missing_rewards",
    {
        id: primaryId<MissingRewardId>(),
        merchantId: idOf<MerchantId>().notNull(),
        groupId: idOf<GroupId>().notNull(),
        /** The order as the person knows it: its number or its name. */
        orderId: text().notNull(),
        purchasedAt: instant(),
        note: text(),
        status: text({ enum: ["open", "approved", "rejected"] })
            .notNull()
            .default("open"),
        reason: text(),
        purchaseId: idOf<PurchaseId>().references(() => purchases.id),
        /** By when the person is promised an answer. */
        answerDueAt: instant().notNull(),
        answeredAt: instant(),
        createdAt: instant().notNull().defaultNow(),
    },
    ({ merchantId, groupId, orderId, id, status }) => [
        uniqueIndex("missing_rewards_open_once")
            .on(merchantId, groupId, orderId)
            .where(sql`${status} = 'open'`),
        index("missing_rewards_of_merchant").on(merchantId, id),
        index("missing_rewards_of_group").on(groupId, id),
    ]
);

/** Append-only: who answered what at the missing-reward desk. */
export const missingRewardDecisions = pgTable("missing_reward_decisions", {
    missingRewardId: idOf<MissingRewardId>()
        .primaryKey()
        .references(() => missingRewards.id),
    merchantId: idOf<MerchantId>().notNull(),
    actor: text().notNull(),
    action: text({ enum: ["approved", "rejected"] }).notNull(),
    before: jsonb().notNull(),
    after: jsonb().notNull(),
    requestId: text().notNull(),
    at: instant().notNull(),
});

export type Purchase = typeof purchases.$inferSelect;
export type PurchaseLine = typeof purchaseLines.$inferSelect;
export type PurchaseRefund = typeof purchaseRefunds.$inferSelect;
export type PurchaseClaim = typeof purchaseClaims.$inferSelect;
export type Delivery = typeof webhookDeliveries.$inferSelect;
export type ShopWebhook = typeof shopWebhooks.$inferSelect;
export type MissingReward = typeof missingRewards.$inferSelect;
export type MissingRewardDecision = typeof missingRewardDecisions.$inferSelect;
