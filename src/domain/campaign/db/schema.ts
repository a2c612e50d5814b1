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
    sequence,
    tokenUnits,
} from "@/infrastructure/persistence/columns";
import type {
    CampaignId,
    CampaignVersionId,
    EvaluationId,
    GroupId,
    InteractionId,
    MerchantId,
    PurchaseId,
} from "@/utils/ids";
import type { BudgetTaking, DueReward } from "../services/decision";
import { assetKinds, type Definition, triggers } from "../services/definition";
import type { CapName } from "../services/facts";
import type { Snapshot } from "../services/snapshot";
import type { CampaignTrace } from "../services/trace";

export const stackings = ["all", "exclusive", "best"] as const;

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
        /** Whether it pays beside others: `all` do, `exclusive` as the highest match alone, `best` as the dearest of its kind. */
        stacking: text({ enum: stackings }).notNull().default("all"),
        currentVersionId: idOf<CampaignVersionId>().notNull(),
        startsAt: instant(),
        endsAt: instant(),
        /** When it first went live: no version from before governed anything. */
        publishedAt: instant(),
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
        trigger: text({ enum: triggers }).notNull(),
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
        trigger: text({ enum: triggers }).notNull(),
        /** What it is about (a purchase's id), so that the same thing never earns twice. */
        subject: text().notNull(),
        /** What the event itself said: `custom.*` in a campaign's conditions. */
        data: jsonb().$type<Record<string, unknown>>(),
        occurredAt: instant().notNull(),
        status: text({ enum: ["open", "evaluated", "void", "dead"] })
            .notNull()
            .default("open"),
        attempts: integer().notNull().default(0),
        dueAt: instant().notNull(),
        lastError: text(),
    },
    ({ merchantId, trigger, subject, groupId, occurredAt, dueAt, status, id }) => [
        unique("interactions_once").on(merchantId, trigger, subject),
        index("interactions_due").on(dueAt, id).where(sql`${status} = 'open'`),
        index("interactions_of_group").on(groupId),
        index("interactions_in_time").on(merchantId, trigger, occurredAt, id),
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
    /** What they were decided by. Empty for what was decided before facts were kept. */
    facts: jsonb().$type<Snapshot>().notNull().default(sql`'{}'`),
    decidedAt: instant().notNull(),
});

/**
 * What campaigns came to owe beyond the decision, because an order changed: like a decision, for the order as it was
 * then. Campaigns that owe nothing more have no trace in it.
 */
export const laterDecisions = pgTable(
    "later_decisions",
    {
        interactionId: idOf<InteractionId>()
            .notNull()
            .references(() => decisions.interactionId),
        /** 1 is the first after the decision. */
        number: integer().notNull(),
        traces: jsonb().$type<CampaignTrace[]>().notNull(),
        facts: jsonb().$type<Snapshot>().notNull(),
        decidedAt: instant().notNull(),
    },
    ({ interactionId, number }) => [primaryKey({ columns: [interactionId, number] })]
);

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

/** What an evaluation took from a budget's window, so that it goes back there and nowhere else. */
export const budgetTakings = pgTable(
    "budget_takings",
    {
        evaluationId: idOf<EvaluationId>().notNull(),
        campaignId: idOf<CampaignId>().notNull(),
        name: text().notNull(),
        windowStartsAt: instant().notNull(),
        asset: text({ enum: assetKinds }).notNull(),
        amount: tokenUnits().notNull(),
    },
    ({ evaluationId, name }) => [primaryKey({ columns: [evaluationId, name] })]
);

/** How often, or with how much, a campaign paid a person under one of its limits. */
export const campaignCaps = pgTable(
    "campaign_caps",
    {
        campaignId: idOf<CampaignId>().notNull(),
        name: text().$type<CapName>().notNull(),
        groupId: idOf<GroupId>().notNull(),
        windowStartsAt: instant().notNull(),
        used: tokenUnits().notNull().default(sql`0`),
    },
    ({ campaignId, name, groupId, windowStartsAt, used }) => [
        primaryKey({ columns: [campaignId, name, groupId, windowStartsAt] }),
        index("campaign_caps_of_group").on(groupId),
        check("campaign_caps_not_negative", sql`${used} >= 0`),
    ]
);

/** What an evaluation took from caps: given back when none of its `rewards` is paid after all. */
export const capTakings = pgTable(
    "cap_takings",
    {
        evaluationId: idOf<EvaluationId>().notNull(),
        campaignId: idOf<CampaignId>().notNull(),
        name: text().$type<CapName>().notNull(),
        groupId: idOf<GroupId>().notNull(),
        windowStartsAt: instant().notNull(),
        amount: tokenUnits().notNull(),
        rewards: integer().notNull(),
    },
    ({ evaluationId, groupId }) => [
        index("cap_takings_of_evaluation").on(evaluationId),
        index("cap_takings_of_group").on(groupId),
    ]
);

/** Rewards that wait for a budget's next window, in the order in which they came. */
export const waitingRewards = pgTable(
    "waiting_rewards",
    {
        place: sequence().primaryKey(),
        evaluationId: idOf<EvaluationId>()
            .notNull()
            .unique("waiting_rewards_once")
            .references(() => evaluations.id),
        interactionId: idOf<InteractionId>().notNull(),
        purchaseId: idOf<PurchaseId>(),
        merchantId: idOf<MerchantId>().notNull(),
        campaignId: idOf<CampaignId>().notNull(),
        campaignVersionId: idOf<CampaignVersionId>().notNull(),
        rewards: jsonb().$type<WaitingReward[]>().notNull(),
        taken: jsonb().$type<WaitingTaking[]>().notNull(),
        status: text({ enum: ["waiting", "granted", "void"] })
            .notNull()
            .default("waiting"),
        queuedAt: instant().notNull(),
        grantedAt: instant(),
    },
    ({ campaignId, place, status, interactionId }) => [
        index("waiting_rewards_in_order").on(campaignId, place).where(sql`${status} = 'waiting'`),
        index("waiting_rewards_of_interaction").on(interactionId),
    ]
);

/** As JSON has it: amounts as text. */
export type WaitingReward = Omit<DueReward, "amount"> & { amount: string };
export type WaitingTaking = Omit<BudgetTaking, "amount"> & { amount: string };

export type Campaign = typeof campaigns.$inferSelect;
export type CampaignVersion = typeof campaignVersions.$inferSelect;
export type CampaignBudget = typeof campaignBudgets.$inferSelect;
export type Interaction = typeof interactions.$inferSelect;
export type Evaluation = typeof evaluations.$inferSelect;
export type DecisionRow = typeof decisions.$inferSelect;
export type LaterDecisionRow = typeof laterDecisions.$inferSelect;
export type BudgetTakingRow = typeof budgetTakings.$inferSelect;
export type CampaignCap = typeof campaignCaps.$inferSelect;
export type CapTakingRow = typeof capTakings.$inferSelect;
export type WaitingRow = typeof waitingRewards.$inferSelect;
