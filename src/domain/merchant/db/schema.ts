import { sql } from "drizzle-orm";
import {
    boolean,
    index,
    integer,
    pgTable,
    primaryKey,
    text,
    uniqueIndex,
} from "drizzle-orm/pg-core";
import type { Hex } from "viem";
import { address, idOf, instant, primaryId } from "@/infrastructure/persistence/columns";
import type { ChainTransactionId, MerchantId } from "@/utils/ids";

/** A shop. Its test side, if it has one, is a merchant of its own, so that no key can mix the two. */
export const merchants = pgTable("merchants", {
    id: primaryId<MerchantId>(),
    name: text().notNull(),
    rewardAsset: address().notNull(),
    mode: text({ enum: ["live", "test"] })
        .notNull()
        .default("live"),
    /** Where its days begin: an IANA name. */
    timeZone: text().notNull().default("UTC"),
    createdAt: instant().notNull().defaultNow(),
});

/** A host name that the merchant proved to control. Punycode, lower case, without `www.`. */
export const merchantDomains = pgTable(
    "merchant_domains",
    {
        domain: text().primaryKey(),
        merchantId: idOf<MerchantId>()
            .notNull()
            .references(() => merchants.id),
        isMain: boolean().notNull(),
        verifiedAt: instant().notNull(),
    },
    ({ merchantId, isMain }) => [
        uniqueIndex("merchant_domains_one_main").on(merchantId).where(sql`${isMain}`),
        index("merchant_domains_merchant").on(merchantId),
    ]
);

export const merchantRoles = pgTable(
    "merchant_roles",
    {
        merchantId: idOf<MerchantId>()
            .notNull()
            .references(() => merchants.id),
        wallet: address().notNull(),
        role: text({ enum: ["owner", "admin", "campaignManager", "viewer"] }).notNull(),
        createdAt: instant().notNull().defaultNow(),
    },
    ({ merchantId, wallet, role }) => [
        primaryKey({ columns: [merchantId, wallet] }),
        uniqueIndex("merchant_roles_one_owner").on(merchantId).where(sql`${role} = 'owner'`),
        index("merchant_roles_wallet").on(wallet),
    ]
);

/** The merchant's vault on chain. Its address is known before it stands there. */
export const merchantBanks = pgTable("merchant_banks", {
    merchantId: idOf<MerchantId>()
        .primaryKey()
        .references(() => merchants.id),
    owner: address().notNull(),
    /** What stands for the merchant on chain, and tells a stranger nothing. */
    merchantKey: text().$type<Hex>().notNull(),
    address: address().notNull(),
    status: text({ enum: ["deploying", "open", "paused"] }).notNull(),
    transactionId: idOf<ChainTransactionId>(),
    attempts: integer().notNull().default(0),
    reason: text(),
    createdAt: instant().notNull().defaultNow(),
});
