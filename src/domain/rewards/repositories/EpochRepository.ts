import { and, asc, desc, eq, gt, inArray, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { ChainTransactionId, MerchantId, PurchaseId, RewardId } from "@/utils/ids";
import {
    type EpochPublication,
    epochPublications,
    type Liability,
    liabilities,
    type PurchaseLeafRow,
    purchaseLeaves,
    type RewardLeafRow,
    rewardLeaves,
} from "../db/epochs";
import { epochs, payments, rewards, settlementBatches } from "../db/schema";

/** A batch whose transaction is final, as an epoch shows it. */
export type EpochBatch = Pick<typeof settlementBatches.$inferSelect, "id" | "rewardsRoot"> & {
    txHash: string | null;
};
export type SettledLeaf = RewardLeafRow & { epoch: bigint; rewardsRoot: `0x${string}` };
export type SentPublication = Pick<EpochPublication, "epoch"> & {
    transactionId: ChainTransactionId;
};

/** Any number that nobody else locks: one epoch at a time is closed. */
const closingLock = 7_316_003;

export class EpochRepository {
    constructor(private readonly db: Database) {}

    /** Ours alone until the transaction ends, or false when another process is closing one. */
    async tryLockClosing(): Promise<boolean> {
        const [lock] = await this.db.rows<{ locked: boolean }>(
            sql`select pg_try_advisory_xact_lock(${closingLock}) as locked`
        );
        return lock?.locked ?? false;
    }

    /** The oldest that is not closed and whose payments have all ended. */
    async findClosable(): Promise<bigint | undefined> {
        const [found] = await this.db.current
            .select({ number: epochs.number })
            .from(epochs)
            .where(
                sql`not exists (select from ${epochPublications}
                        where ${epochPublications.epoch} = ${epochs.number})
                    and not exists (select from ${settlementBatches}
                        where ${settlementBatches.epoch} = ${epochs.number}
                        and ${settlementBatches.status} <> 'applied')`
            )
            .orderBy(asc(epochs.number))
            .limit(1);
        return found?.number;
    }

    async findLast(): Promise<EpochPublication | undefined> {
        const [last] = await this.db.current
            .select()
            .from(epochPublications)
            .orderBy(desc(epochPublications.epoch))
            .limit(1);
        return last;
    }

    /** Payments that may be on chain already although we do not count them as made. */
    async findPaymentsInFlight(): Promise<bigint[]> {
        const found = await this.db.current
            .select({ id: payments.id })
            .from(payments)
            .where(inArray(payments.status, ["created", "sent"]));
        return found.map(({ id }) => id);
    }

    /** Ends what is no longer owed, or not in that amount, and begins what is; `paid` is paid whatever its row says. */
    async recordLiabilities(epoch: bigint, paid: readonly bigint[]): Promise<void> {
        const owed = sql`select id, merchant_id, token, amount from ${rewards}
            where status in ('pending', 'available', 'waitsForFunds', 'settling')
            and asset = 'token' and amount > 0
            and not coalesce(payment_id = any(${idsOf(paid)}), false)`;
        await this.db.current.execute(sql`
            update ${liabilities} old set until_epoch = ${epoch}
            where old.until_epoch is null and not exists (
                select from (${owed}) owed where owed.id = old.reward_id and owed.amount = old.amount
                    and owed.merchant_id = old.merchant_id and owed.token = old.token)`);
        await this.db.current.execute(sql`
            insert into ${liabilities} (reward_id, merchant_id, token, amount, from_epoch)
            select id, merchant_id, token, amount, ${epoch} from (${owed}) owed
            on conflict (reward_id) where until_epoch is null do nothing`);
    }

    async findLiabilities(epoch: bigint, merchantId?: MerchantId): Promise<Liability[]> {
        return this.db.current
            .select()
            .from(liabilities)
            .where(
                and(owedIn(epoch), merchantId ? eq(liabilities.merchantId, merchantId) : undefined)
            )
            .orderBy(asc(liabilities.id));
    }

    async findLiabilityOf(rewardId: RewardId, epoch: bigint): Promise<Liability | undefined> {
        const [found] = await this.db.current
            .select()
            .from(liabilities)
            .where(and(owedIn(epoch), eq(liabilities.rewardId, rewardId)));
        return found;
    }

    async addPurchaseLeaves(rows: readonly PurchaseLeafRow[]): Promise<void> {
        if (rows.length === 0) return;
        await this.db.current.execute(sql`
            insert into ${purchaseLeaves} (epoch, purchase_id, purchase, status, net_hash, currency, net)
            select * from ${unnest(rows, {
                epoch: "bigint",
                purchaseId: "uuid",
                purchase: "text",
                status: "text",
                netHash: "text",
                currency: "text",
                net: "numeric",
            })}`);
    }

    async findPurchaseLeaves(epoch: bigint): Promise<PurchaseLeafRow[]> {
        return this.db.current
            .select()
            .from(purchaseLeaves)
            .where(eq(purchaseLeaves.epoch, epoch))
            .orderBy(asc(purchaseLeaves.purchaseId));
    }

    /** As the last epoch saw it. */
    async findPurchaseLeaf(purchaseId: PurchaseId): Promise<PurchaseLeafRow | undefined> {
        const [found] = await this.db.current
            .select()
            .from(purchaseLeaves)
            .where(eq(purchaseLeaves.purchaseId, purchaseId))
            .orderBy(desc(purchaseLeaves.epoch))
            .limit(1);
        return found;
    }

    /** In the batch whose payment was the last to be tried. */
    async findRewardLeaf(rewardId: RewardId): Promise<SettledLeaf | undefined> {
        const [found] = await this.rewardLeaves(eq(rewardLeaves.rewardId, rewardId)).orderBy(
            desc(rewardLeaves.paymentId)
        );
        return found;
    }

    async findRewardLeaves(epoch: bigint): Promise<SettledLeaf[]> {
        return this.rewardLeaves(eq(settlementBatches.epoch, epoch)).orderBy(
            asc(rewardLeaves.paymentId),
            asc(rewardLeaves.rewardId)
        );
    }

    async findBatches(epoch: bigint): Promise<EpochBatch[]> {
        return this.db.current
            .selectDistinct({
                id: settlementBatches.id,
                rewardsRoot: settlementBatches.rewardsRoot,
                txHash: payments.txHash,
            })
            .from(settlementBatches)
            .innerJoin(payments, eq(payments.batchId, settlementBatches.id))
            .where(eq(settlementBatches.epoch, epoch))
            .orderBy(asc(settlementBatches.id));
    }

    async find(epoch: bigint): Promise<EpochPublication | undefined> {
        const [found] = await this.db.current
            .select()
            .from(epochPublications)
            .where(eq(epochPublications.epoch, epoch));
        return found;
    }

    async add(publication: typeof epochPublications.$inferInsert): Promise<void> {
        await this.db.current.insert(epochPublications).values(publication);
    }

    async findUnsigned(): Promise<bigint[]> {
        const found = await this.db.current
            .select({ epoch: epochPublications.epoch })
            .from(epochPublications)
            .where(
                and(isNull(epochPublications.publishedAt), isNull(epochPublications.transactionId))
            )
            .orderBy(asc(epochPublications.epoch));
        return found.map(({ epoch }) => epoch);
    }

    async lockUnsigned(epoch: bigint): Promise<EpochPublication | undefined> {
        const [found] = await this.db.current
            .select()
            .from(epochPublications)
            .where(and(eq(epochPublications.epoch, epoch), isNull(epochPublications.transactionId)))
            .for("update", { skipLocked: true });
        return found;
    }

    async findSent(): Promise<SentPublication[]> {
        const { epoch, transactionId, publishedAt } = epochPublications;
        const found = await this.db.current
            .select({ epoch, transactionId })
            .from(epochPublications)
            .where(isNull(publishedAt));
        return found.filter((row): row is SentPublication => row.transactionId !== null);
    }

    async update(
        epoch: bigint,
        change: Partial<Pick<EpochPublication, "transactionId" | "txHash" | "publishedAt">>
    ): Promise<void> {
        await this.db.current
            .update(epochPublications)
            .set(change)
            .where(eq(epochPublications.epoch, epoch));
    }

    private rewardLeaves(where: SQL) {
        return this.db.current
            .select({
                batchId: rewardLeaves.batchId,
                rewardId: rewardLeaves.rewardId,
                reward: rewardLeaves.reward,
                paymentId: rewardLeaves.paymentId,
                purchase: rewardLeaves.purchase,
                amount: rewardLeaves.amount,
                epoch: settlementBatches.epoch,
                rewardsRoot: settlementBatches.rewardsRoot,
            })
            .from(rewardLeaves)
            .innerJoin(settlementBatches, eq(settlementBatches.id, rewardLeaves.batchId))
            .where(where)
            .$dynamic();
    }
}

const idsOf = (ids: readonly bigint[]): SQL => sql`${`{${ids.join(",")}}`}::bigint[]`;

const owedIn = (epoch: bigint) =>
    and(
        lte(liabilities.fromEpoch, epoch),
        or(isNull(liabilities.untilEpoch), gt(liabilities.untilEpoch, epoch))
    );
