import { sql } from "drizzle-orm";
import { bigint, check, index, integer, pgTable, text, unique } from "drizzle-orm/pg-core";
import type { Hex } from "viem";
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
    ChainTransactionId,
    EvaluationId,
    GroupId,
    Id,
    InteractionId,
    MerchantId,
    PurchaseId,
    RewardId,
} from "@/utils/ids";
import type { Currency } from "@/utils/money";

export const rewardStatuses = [
    "pending",
    "available",
    "waitsForFunds",
    "settling",
    "settled",
    "cancelled",
    "expired",
] as const;
export type RewardStatus = (typeof rewardStatuses)[number];

export type BatchId = Id<"batch">;

/** Something owed to a person. A trigger refuses any change of status that its life does not have. */
export const rewards = pgTable(
    "rewards",
    {
        id: primaryId<RewardId>(),
        merchantId: idOf<MerchantId>().notNull(),
        campaignId: idOf<CampaignId>().notNull(),
        campaignVersionId: idOf<CampaignVersionId>().notNull(),
        evaluationId: idOf<EvaluationId>().notNull(),
        interactionId: idOf<InteractionId>().notNull(),
        purchaseId: idOf<PurchaseId>(),
        groupId: idOf<GroupId>().notNull(),
        /** Unknown until the person has one. A reward without a wallet waits for it, or expires. */
        wallet: address(),
        recipient: text({ enum: ["referrer", "referee", "user"] }).notNull(),
        chainDepth: integer().notNull().default(0),
        /** Its place among what its evaluation owes: several people may have brought somebody together. */
        ordinal: integer().notNull().default(0),
        /** Only tokens are paid on chain. Points are whole; a discount is minor units of `currency`. */
        asset: text({ enum: ["token", "points", "discount"] }).notNull(),
        currency: text().$type<Currency>(),
        token: address().notNull(),
        amount: tokenUnits().notNull(),
        originalAmount: tokenUnits().notNull(),
        status: text({ enum: rewardStatuses }).notNull(),
        reason: text(),
        availableAt: instant().notNull(),
        /** When settlement looks at it (again): the end of the lock-up, later after a failed payment. */
        dueAt: instant().notNull(),
        attempts: integer().notNull().default(0),
        expiresAt: instant(),
        settledAt: instant(),
        paymentId: bigint({ mode: "bigint" }).references(() => payments.id),
        createdAt: instant().notNull(),
    },
    ({ evaluationId, recipient, chainDepth, ordinal, ...reward }) => [
        unique("rewards_once").on(evaluationId, recipient, chainDepth, ordinal),
        index("rewards_payable")
            .on(reward.merchantId, reward.token, reward.dueAt, reward.id)
            .where(
                sql`${reward.status} in ('available', 'waitsForFunds') and ${reward.wallet} is not null`
            ),
        index("rewards_locked_up").on(reward.availableAt).where(sql`${reward.status} = 'pending'`),
        index("rewards_of_group").on(reward.groupId, reward.id),
        index("rewards_of_interaction").on(reward.interactionId),
        index("rewards_of_payment")
            .on(reward.paymentId)
            .where(sql`${reward.paymentId} is not null`),
        index("rewards_of_merchant").on(reward.merchantId, reward.id),
        check("rewards_not_negative", sql`${reward.amount} >= 0`),
        check(
            "rewards_paid_by_a_payment",
            sql`${reward.status} not in ('settling', 'settled') or ${reward.paymentId} is not null`
        ),
    ]
);

/** One round of settlement. Its number is what the chain calls the epoch. */
export const epochs = pgTable("epochs", {
    number: sequence().primaryKey(),
    startedAt: instant().notNull(),
});

/** The payments that go into one transaction, and the root that commits to why each was made. */
export const settlementBatches = pgTable(
    "settlement_batches",
    {
        id: primaryId<BatchId>(),
        epoch: bigint({ mode: "bigint" })
            .notNull()
            .references(() => epochs.number),
        rewardsRoot: text().$type<Hex>().notNull(),
        status: text({ enum: ["created", "sent", "applied"] }).notNull(),
        transactionId: idOf<ChainTransactionId>(),
        createdAt: instant().notNull(),
    },
    ({ status, id }) => [index("settlement_batches_open").on(id).where(sql`${status} <> 'applied'`)]
);

/** One transfer to one wallet, netting many rewards. Its id is what the hub remembers, so it is paid at most once. */
export const payments = pgTable(
    "payments",
    {
        id: sequence().primaryKey(),
        batchId: idOf<BatchId>()
            .notNull()
            .references(() => settlementBatches.id),
        merchantId: idOf<MerchantId>().notNull(),
        bank: address().notNull(),
        wallet: address().notNull(),
        token: address().notNull(),
        amount: tokenUnits().notNull(),
        status: text({ enum: ["created", "sent", "confirmed", "skipped", "failed"] }).notNull(),
        reason: text(),
        txHash: text().$type<Hex>(),
        createdAt: instant().notNull(),
    },
    ({ batchId, wallet, bank, token, status, amount }) => [
        index("payments_of_batch").on(batchId),
        index("payments_in_flight").on(bank, token).where(sql`${status} in ('created', 'sent')`),
        index("payments_of_wallet").on(wallet),
        check("payments_positive", sql`${amount} > 0`),
    ]
);

export type Reward = typeof rewards.$inferSelect;
export type Payment = typeof payments.$inferSelect;
export type SettlementBatch = typeof settlementBatches.$inferSelect;
