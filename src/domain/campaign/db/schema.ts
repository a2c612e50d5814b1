import { sql } from "drizzle-orm";
import {
    check,
    index,
    integer,
    jsonb,
    pgTable,
    primaryKey,
    text,
    unique,
} from "drizzle-orm/pg-core";
import {
    address,
    idOf,
    instant,
    primaryId,
    tokenUnits,
} from "@/infrastructure/persistence/columns";
import type {
    CampaignId,
    CampaignVersionId,
    EvaluationId,
    GroupId,
    InteractionId,
    MerchantId,
} from "@/utils/ids";
import type { Definition } from "../services/definition";
import type { CampaignTrace } from "../services/trace";

export const campaigns = pgTable(
    "campaigns",
    {
        id: primaryId<CampaignId>(),
        merchantId: idOf<MerchantId>().notNull(),
        name: text().notNull(),
        status: text({ enum: ["draft", "active", "paused", "archived"] })
            .notNull()
            .default("draft"),
        priority: integer().notNull().default(0),
        stacking: text({ enum: ["all"] })
            .notNull()
            .default("all"),
        currentVersionId: idOf<CampaignVersionId>().notNull(),
        startsAt: instant(),
        endsAt: instant(),
        createdAt: instant().notNull().defaultNow(),
    },
    ({ merchantId, id, status }) => [
        index("campaigns_of_merchant").on(merchantId, id),
        index("campaigns_active").on(merchantId).where(sql`${status} = 'active'`),
    ]
);

/** A definition never changes: what was decided under it keeps it. */
export const campaignVersions = pgTable(
    "campaign_versions",
    {
        id: primaryId<CampaignVersionId>(),
        campaignId: idOf<CampaignId>().notNull(),
        number: integer().notNull(),
        trigger: text({ enum: ["purchase"] }).notNull(),
        definition: jsonb().$type<Definition>().notNull(),
        createdBy: address().notNull(),
        createdAt: instant().notNull().defaultNow(),
    },
    ({ campaignId, number }) => [unique("campaign_versions_numbered").on(campaignId, number)]
);

/** How much of a budget is taken, in base units of the reward asset. The database itself refuses a unit too much. */
export const campaignBudgets = pgTable(
    "campaign_budgets",
    {
        campaignId: idOf<CampaignId>().notNull(),
        name: text().notNull(),
        windowStartsAt: instant().notNull(),
        limit: tokenUnits().notNull(),
        used: tokenUnits().notNull().default(sql`0`),
    },
    ({ campaignId, name, windowStartsAt, used, limit }) => [
        primaryKey({ columns: [campaignId, name, windowStartsAt] }),
        check("campaign_budgets_within_limit", sql`${used} >= 0 and ${used} <= ${limit}`),
    ]
);

/**
 * Something a person did that may earn. An open one is also the message that there is work to do; what
 * was refunded before or after is `void`, and earns no more.
 */
export const interactions = pgTable(
    "interactions",
    {
        id: primaryId<InteractionId>(),
        merchantId: idOf<MerchantId>().notNull(),
        groupId: idOf<GroupId>().notNull(),
        trigger: text({
            enum: ["purchase", "referral", "share", "signup", "walletConnected", "custom"],
        }).notNull(),
        /** What it is about (a purchase's id), so that the same thing never earns twice. */
        subject: text().notNull(),
        /** What its teller said besides: the fields of a custom event. */
        data: jsonb().$type<Record<string, unknown>>(),
        occurredAt: instant().notNull(),
        status: text({ enum: ["open", "evaluated", "void", "dead"] })
            .notNull()
            .default("open"),
        attempts: integer().notNull().default(0),
        dueAt: instant().notNull(),
        lastError: text(),
    },
    ({ merchantId, trigger, subject, groupId, dueAt, status, id }) => [
        unique("interactions_once").on(merchantId, trigger, subject),
        index("interactions_due").on(dueAt, id).where(sql`${status} = 'open'`),
        index("interactions_of_group").on(groupId),
    ]
);

/**
 * What every campaign decided about an interaction, and why: enough to decide it again to the same unit. One row
 * for all of them, because most decide that they owe nothing.
 */
export const decisions = pgTable("decisions", {
    interactionId: idOf<InteractionId>()
        .primaryKey()
        .references(() => interactions.id),
    traces: jsonb().$type<CampaignTrace[]>().notNull(),
    decidedAt: instant().notNull(),
});

/** A campaign that owes something for an interaction: what its rewards come from. */
export const evaluations = pgTable(
    "evaluations",
    {
        id: primaryId<EvaluationId>(),
        interactionId: idOf<InteractionId>()
            .notNull()
            .references(() => interactions.id),
        campaignId: idOf<CampaignId>().notNull(),
        campaignVersionId: idOf<CampaignVersionId>()
            .notNull()
            .references(() => campaignVersions.id),
        evaluatedAt: instant().notNull(),
    },
    ({ interactionId, campaignId }) => [
        unique("evaluations_once").on(interactionId, campaignId),
        index("evaluations_of_campaign").on(campaignId),
    ]
);

export type Campaign = typeof campaigns.$inferSelect;
export type CampaignVersion = typeof campaignVersions.$inferSelect;
export type CampaignBudget = typeof campaignBudgets.$inferSelect;
export type Interaction = typeof interactions.$inferSelect;
export type Evaluation = typeof evaluations.$inferSelect;
export type DecisionRow = typeof decisions.$inferSelect;
