import { sql } from "drizzle-orm";
import { index, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { idOf, instant, primaryId } from "@/infrastructure/persistence/columns";
import type { GroupId, Id, MerchantId } from "@/utils/ids";

/** One person. A group that lost a merge stays as a redirect, so that an id read a moment ago still leads to them. */
export const identityGroups = pgTable("identity_groups", {
    id: primaryId<GroupId>(),
    mergedInto: idOf<GroupId>(),
    createdAt: instant().notNull().defaultNow(),
});

/**
 * One identifier of a person. `lookup` is a keyed hash of whatever is secret or personal; only a wallet's
 * address, which is public, stands as it is. One live node per identifier: `identity_nodes_one_person`.
 */
export const identityNodes = pgTable(
    "identity_nodes",
    {
        id: primaryId<Id<"node">>(),
        groupId: idOf<GroupId>().notNull(),
        kind: text({ enum: ["client", "customer", "wallet"] }).notNull(),
        lookup: text().notNull(),
        /** The shop it belongs to; wallets belong to none. */
        merchantId: idOf<MerchantId>(),
        verifiedAt: instant(),
        unlinkedAt: instant(),
        createdAt: instant().notNull().defaultNow(),
    },
    ({ groupId, kind, unlinkedAt }) => [
        index("identity_nodes_group").on(groupId),
        uniqueIndex("identity_nodes_one_wallet")
            .on(groupId)
            .where(sql`${kind} = 'wallet' and ${unlinkedAt} is null`),
    ]
);

/** Append-only: who became whom and why, enough to undo it by hand. */
export const identityMerges = pgTable("identity_merges", {
    id: primaryId<Id<"merge">>(),
    winnerId: idOf<GroupId>().notNull(),
    loserId: idOf<GroupId>().notNull(),
    reason: text().notNull(),
    evidence: jsonb().notNull(),
    createdAt: instant().notNull().defaultNow(),
});
