import { sql } from "drizzle-orm";
import { boolean, check, index, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { idOf, instant, primaryId } from "@/infrastructure/persistence/columns";
import type { GroupId, MerchantId, ReferralEdgeId } from "@/utils/ids";

/**
 * What a person puts into the links they share: public, and unrelated to any secret of theirs. After a
 * merge a person may have several that work; new links use the current one. No two differ by case alone,
 * because shops write discount codes in whatever case they like.
 */
export const shareCodes = pgTable(
    "share_codes",
    {
        code: text().primaryKey(),
        groupId: idOf<GroupId>().notNull(),
        merchantId: idOf<MerchantId>().notNull(),
        isCurrent: boolean().notNull().default(true),
        createdAt: instant().notNull().defaultNow(),
    },
    ({ code, groupId, merchantId, isCurrent }) => [
        uniqueIndex("share_codes_one_current").on(groupId, merchantId).where(sql`${isCurrent}`),
        uniqueIndex("share_codes_once_in_any_case").on(sql`lower(${code})`),
        index("share_codes_group").on(groupId),
    ]
);

/**
 * A code that stands for a person at every shop, in capitals. One that its owner gave up stays theirs: it may
 * be on somebody's fridge, and must not bring that person to a stranger.
 */
export const personalCodes = pgTable(
    "personal_codes",
    {
        code: text().primaryKey(),
        groupId: idOf<GroupId>().notNull(),
        isCurrent: boolean().notNull().default(true),
        createdAt: instant().notNull(),
        retiredAt: instant(),
    },
    ({ groupId, isCurrent }) => [
        uniqueIndex("personal_codes_one_current").on(groupId).where(sql`${isCurrent}`),
        index("personal_codes_group").on(groupId),
    ]
);

/**
 * Who brought whom: at one shop, or (by a personal code, without a merchant) wherever no shop knows better.
 * An edge that its referee removed goes on hiding the one without a merchant; a removed one that was never
 * live says only that.
 */
export const referralEdges = pgTable(
    "referral_edges",
    {
        id: primaryId<ReferralEdgeId>(),
        merchantId: idOf<MerchantId>(),
        refereeGroupId: idOf<GroupId>().notNull(),
        referrerGroupId: idOf<GroupId>().notNull(),
        /** The share code or personal code that it came by. */
        code: text(),
        createdAt: instant().notNull(),
        removedAt: instant(),
        /** The last three: what a merge of two people left no room for. */
        endReason: text({ enum: ["removed", "selfReferral", "secondReferrer", "wouldCycle"] }),
    },
    ({ merchantId, refereeGroupId, referrerGroupId, removedAt, endReason }) => [
        uniqueIndex("referral_edges_one_referrer")
            .on(refereeGroupId, merchantId)
            .where(sql`${removedAt} is null and ${merchantId} is not null`),
        uniqueIndex("referral_edges_one_personal_referrer")
            .on(refereeGroupId)
            .where(sql`${removedAt} is null and ${merchantId} is null`),
        index("referral_edges_of_referee").on(refereeGroupId, merchantId),
        index("referral_edges_of_referrer").on(referrerGroupId),
        check(
            "referral_edges_not_to_oneself",
            sql`${removedAt} is not null or ${refereeGroupId} <> ${referrerGroupId}`
        ),
        check(
            "referral_edges_end_has_reason",
            sql`(${removedAt} is null) = (${endReason} is null)`
        ),
    ]
);

export type ReferralEdge = typeof referralEdges.$inferSelect;
