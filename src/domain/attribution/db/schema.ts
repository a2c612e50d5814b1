import { index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
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
        index("touchpoints_referrer").on(referrerGroupId),
    ]
);

export type Touchpoint = typeof touchpoints.$inferSelect;
export type NewTouchpoint = Omit<Touchpoint, "id">;
