import { sql } from "drizzle-orm";
import { boolean, check, index, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { idOf, instant, primaryId } from "@/infrastructure/persistence/columns";
import type { GroupId, MerchantId, TouchpointId } from "@/utils/ids";

/** The campaign parameters of a link (`utm_source` and its siblings). */
export type Utm = Partial<Record<"source" | "medium" | "campaign" | "term" | "content", string>>;

/** One arrival at a shop: the evidence that attribution works on. Kept here, never in a cookie. */
export const touchpoints = pgTable(
    "touchpoints",
    {
        id: primaryId<TouchpointId>(),
        groupId: idOf<GroupId>().notNull(),
        merchantId: idOf<MerchantId>().notNull(),
        source: text({ enum: ["referral", "code", "paid", "organic", "direct"] }).notNull(),
        referrerGroupId: idOf<GroupId>(),
        shareCode: text(),
        utm: jsonb().$type<Utm>(),
        landingUrl: text(),
        occurredAt: instant().notNull(),
        expiresAt: instant().notNull(),
    },
    ({ groupId, merchantId, occurredAt, referrerGroupId }) => [
        index("touchpoints_person").on(groupId, merchantId, occurredAt),
        index("touchpoints_referred")
            .on(groupId, merchantId, occurredAt)
            .where(sql`${referrerGroupId} is not null`),
        index("touchpoints_referrer")
            .on(referrerGroupId)
            .where(sql`${referrerGroupId} is not null`),
    ]
);

export const attributionModels = [
    "lastReferral",
    "first",
    "last",
    "linear",
    "timeDecay",
    "positionBased",
] as const;
export type AttributionModel = (typeof attributionModels)[number];

/** How a merchant wants what is earned to be attributed, where a campaign does not say. No row: the defaults. */
export const attributionSettings = pgTable(
    "attribution_settings",
    {
        merchantId: idOf<MerchantId>().primaryKey(),
        model: text({ enum: attributionModels }).notNull().default("lastReferral"),
        windowDays: integer().notNull().default(30),
        /** A code on the order counts before any link that the buyer came through. */
        codeBeatsLink: boolean().notNull().default(true),
        updatedAt: instant().notNull(),
    },
    ({ windowDays }) => [check("attribution_settings_window", sql`${windowDays} between 1 and 365`)]
);

export type Touchpoint = typeof touchpoints.$inferSelect;
export type AttributionSetting = Omit<typeof attributionSettings.$inferSelect, "updatedAt">;
