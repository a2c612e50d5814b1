import { sql } from "drizzle-orm";
import {
    bigint,
    check,
    index,
    integer,
    pgTable,
    primaryKey,
    text,
    unique,
} from "drizzle-orm/pg-core";
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

export * from "./ledger";

export const rewardStatuses = [
    "pending",
    "available",
    "waitsForFunds",
    "settling",
    "settled",
    "cancelled",
    "expired",
    "used",
] as const;
export type RewardStatus = (typeof rewardStatuses)[number];
export const rewardAssets = ["token", "points", "discount"] as const;

export type BatchId = Id<"batch">;
export type RewardClaimId = Id<"rewardClaim">;
export type AdjustmentId = Id<"adjustment">;

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
        /** 0 is the first; a later one is what an increase owes after the ones before were closed. */
        part: integer().notNull().default(0),
        /** Only tokens are paid on chain. Points are whole; a discount is minor units of `currency`. */
        asset: text({ enum: rewardAssets }).notNull(),
        currency: text().$type<Currency>(),
        /** The zero address where the reward is not a token. */
        token: address().notNull(),
        /** What is owed now, after refunds. */
        amount: tokenUnits().notNull(),
        originalAmount: tokenUnits().notNull(),
        status: text({ enum: rewardStatuses }).notNull(),
        reason: text(),
        availableAt: instant().notNull(),
        /** When settlement looks at it (again): the end of the lock-up, later after a failed payment. */
        dueAt: instant().notNull(),
        attempts: integer().notNull().default(0),
        expiresAt: instant(),
        /** When its owner is to be warned (again) that it will expire; null when there is nothing left to warn of. */
        warnAt: instant(),
        settledAt: instant(),
        paymentId: bigint({ mode: "bigint" }).references(() => payments.id),
        /** What was owed when it was put into its payment; a later refund of it becomes a debt. */
        gross: tokenUnits(),
        /** What its payment transfers for it: less than `gross` where a debt was paid first. */
        paid: tokenUnits(),
        /** The request to be paid at once, below the minimum payout too. */
        claimId: idOf<RewardClaimId>(),
        /** The single-use code that a discount is. */
        code: text(),
        createdAt: instant().notNull(),
    },
    ({ evaluationId, recipient, chainDepth, ordinal, part, ...reward }) => [
        unique("rewards_once").on(evaluationId, recipient, chainDepth, ordinal, part),
        unique("rewards_one_code").on(reward.merchantId, reward.code),
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
        index("rewards_expiring")
            .on(reward.expiresAt)
            .where(sql`${reward.status} in ('pending', 'available', 'waitsForFunds')`),
        index("rewards_of_claim").on(reward.claimId).where(sql`${reward.claimId} is not null`),
        check("rewards_not_negative", sql`${reward.amount} >= 0`),
        check(
            "rewards_status",
            sql.raw(`status in (${rewardStatuses.map((status) => `'${status}'`).join(", ")})`)
        ),
        check(
            "rewards_paid_by_a_payment",
            sql`${reward.status} not in ('settling', 'settled') or ${reward.paymentId} is not null or ${reward.paid} = 0`
        ),
        check(
            "rewards_paid_within_gross",
            sql`${reward.paid} between 0 and ${reward.gross} and ${reward.amount} <= ${reward.gross}`
        ),
        check(
            "rewards_settled_in_tokens",
            sql`${reward.asset} = 'token' or ${reward.status} not in ('waitsForFunds', 'settling', 'settled')`
        ),
        check(
            "rewards_used_unless_tokens",
            sql`${reward.asset} <> 'token' or ${reward.status} <> 'used'`
        ),
        check(
            "rewards_codes_of_discounts",
            sql`(${reward.asset} = 'discount') = (${reward.code} is not null)`
        ),
        check(
            "rewards_tokens_named",
            sql`(${reward.asset} = 'token') = (${reward.token} <> '0x0000000000000000000000000000000000000000')`
        ),
    ]
);

/** Every change of what a reward owes, and why: the reward's amount is its original one and these. */
export const rewardAdjustments = pgTable(
    "reward_adjustments",
    {
        id: primaryId<AdjustmentId>(),
        rewardId: idOf<RewardId>()
            .notNull()
            .references(() => rewards.id),
        /** What caused it, so that the same cause never counts twice. */
        revision: text().notNull(),
        /** Negative when less is owed. */
        change: tokenUnits().notNull(),
        reason: text().notNull(),
        purchaseId: idOf<PurchaseId>(),
        createdAt: instant().notNull(),
    },
    ({ rewardId, revision }) => [unique("reward_adjustments_once").on(rewardId, revision)]
);

/** What happened to a reward that somebody outside is to be told of; whoever tells takes it from here. */
export const rewardEvents = pgTable(
    "reward_events",
    {
        id: sequence().primaryKey(),
        merchantId: idOf<MerchantId>().notNull(),
        rewardId: idOf<RewardId>()
            .notNull()
            .references(() => rewards.id),
        type: text({ enum: ["reward.created"] }).notNull(),
        occurredAt: instant().notNull(),
    },
    ({ rewardId, type }) => [unique("reward_events_once").on(rewardId, type)]
);

/** What a merchant thinks too little for a transfer of its own. Without a row, nothing is. */
export const payoutMinimums = pgTable(
    "payout_minimums",
    {
        merchantId: idOf<MerchantId>().notNull(),
        token: address().notNull(),
        minimum: tokenUnits().notNull(),
    },
    ({ merchantId, token, minimum }) => [
        primaryKey({ columns: [merchantId, token] }),
        check("payout_minimums_not_negative", sql`${minimum} >= 0`),
    ]
);

/** Somebody wants to be paid now what is available. Its state is that of the rewards it took. */
export const rewardClaims = pgTable(
    "reward_claims",
    {
        id: primaryId<RewardClaimId>(),
        groupId: idOf<GroupId>().notNull(),
        token: address().notNull(),
        amount: tokenUnits().notNull(),
        createdAt: instant().notNull(),
    },
    ({ groupId, id }) => [index("reward_claims_of_group").on(groupId, id)]
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
export type RewardClaim = typeof rewardClaims.$inferSelect;
export type Payment = typeof payments.$inferSelect;
export type SettlementBatch = typeof settlementBatches.$inferSelect;
