import { sql } from "drizzle-orm";
import { bigint, index, jsonb, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { Address, Hex } from "viem";
import { address, idOf, instant, sequence, tokenUnits } from "@/infrastructure/persistence/columns";
import type { ChainTransactionId, MerchantId, PurchaseId, RewardId } from "@/utils/ids";
import { type BatchId, epochs, settlementBatches } from "./schema";

/** The total of one token in an epoch, and the sum tree that it is the sum of. Amounts are decimal texts. */
export type PublishedLiability = { token: Address; root: Hex; amount: string };

/** What an epoch commits to. Its roots go on chain by the transaction; nothing of it changes afterwards. */
export const epochPublications = pgTable(
    "epoch_publications",
    {
        epoch: bigint({ mode: "bigint" })
            .primaryKey()
            .references(() => epochs.number),
        purchasesRoot: text().$type<Hex>().notNull(),
        liabilitiesRoot: text().$type<Hex>().notNull(),
        liabilities: jsonb().$type<PublishedLiability[]>().notNull(),
        /** The block as of which the liabilities are, so that funds can be compared with them. */
        asOfBlock: bigint({ mode: "bigint" }).notNull(),
        closedAt: instant().notNull(),
        transactionId: idOf<ChainTransactionId>(),
        txHash: text().$type<Hex>(),
        publishedAt: instant(),
    },
    ({ epoch, publishedAt }) => [
        index("epoch_publications_open").on(epoch).where(sql`${publishedAt} is null`),
    ]
);

/** The leaves under a batch's `rewardsRoot`, kept because a payment that fails leaves the reward's row. */
export const rewardLeaves = pgTable(
    "reward_leaves",
    {
        batchId: idOf<BatchId>()
            .notNull()
            .references(() => settlementBatches.id),
        rewardId: idOf<RewardId>().notNull(),
        reward: text().$type<Hex>().notNull(),
        paymentId: bigint({ mode: "bigint" }).notNull(),
        purchase: text().$type<Hex>().notNull(),
        amount: tokenUnits().notNull(),
    },
    ({ batchId, rewardId }) => [
        primaryKey({ columns: [batchId, rewardId] }),
        index("reward_leaves_of_reward").on(rewardId),
    ]
);

/** A purchase as it stood when an epoch closed; again in a later one when it has changed. */
export const purchaseLeaves = pgTable(
    "purchase_leaves",
    {
        epoch: bigint({ mode: "bigint" })
            .notNull()
            .references(() => epochs.number),
        purchaseId: idOf<PurchaseId>().notNull(),
        purchase: text().$type<Hex>().notNull(),
        status: text().notNull(),
        netHash: text().$type<Hex>().notNull(),
        currency: text().notNull(),
        net: tokenUnits().notNull(),
    },
    ({ epoch, purchaseId }) => [
        primaryKey({ columns: [epoch, purchaseId] }),
        index("purchase_leaves_of_purchase").on(purchaseId, epoch),
    ]
);

/**
 * What was owed, and in which epochs: from `fromEpoch` until before `untilEpoch`. Rows are changes, so an epoch
 * in which little happens costs little however much is owed.
 */
export const liabilities = pgTable(
    "liabilities",
    {
        id: sequence().primaryKey(),
        rewardId: idOf<RewardId>().notNull(),
        merchantId: idOf<MerchantId>().notNull(),
        token: address().notNull(),
        amount: tokenUnits().notNull(),
        fromEpoch: bigint({ mode: "bigint" }).notNull(),
        untilEpoch: bigint({ mode: "bigint" }),
    },
    ({ rewardId, fromEpoch, untilEpoch }) => [
        uniqueIndex("liabilities_one_open").on(rewardId).where(sql`${untilEpoch} is null`),
        index("liabilities_of_reward").on(rewardId),
        index("liabilities_of_epoch").on(fromEpoch, untilEpoch),
    ]
);

export type EpochPublication = typeof epochPublications.$inferSelect;
export type RewardLeafRow = typeof rewardLeaves.$inferSelect;
export type PurchaseLeafRow = typeof purchaseLeaves.$inferSelect;
export type Liability = typeof liabilities.$inferSelect;
