import { and, asc, desc, eq, getTableColumns, lt, sql } from "drizzle-orm";
import type { Address } from "viem";
import { campaignVersions, interactions } from "@/domain/campaign/db/schema";
import { merchants } from "@/domain/merchant/db/schema";
import { purchases } from "@/domain/purchases/db/schema";
import { payments, type Reward, rewards } from "@/domain/rewards/db/schema";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId, PurchaseId, RewardId } from "@/utils/ids";

/** A reward with what people know its parts by. */
export type RewardView = Reward & {
    campaignVersion: number;
    trigger: string;
    merchantName: string;
    /** The order as its shop names it. */
    orderName: string | null;
    txHash: string | null;
};
/** What is owed or was paid of one token, by where it stands. */
export type RewardSum = { token: Address; standing: Standing; amount: bigint };
export type Standing = "pending" | "locked" | "claimable" | "claimed";

export class RewardViewRepository {
    constructor(private readonly db: Database) {}

    async find(id: RewardId): Promise<RewardView | undefined> {
        const [found] = await this.views().where(eq(rewards.id, id));
        return found;
    }

    /** Newest first. */
    async findOfGroup(
        groupId: GroupId,
        { limit, before }: { limit: number; before: string | undefined }
    ): Promise<RewardView[]> {
        const older = before ? lt(rewards.id, before as RewardId) : undefined;
        return this.views()
            .where(and(eq(rewards.groupId, groupId), older))
            .orderBy(desc(rewards.id))
            .limit(limit);
    }

    async findOfPurchase(id: PurchaseId): Promise<RewardView[]> {
        return this.views()
            .where(and(eq(interactions.trigger, "purchase"), eq(interactions.subject, id)))
            .orderBy(asc(rewards.id));
    }

    /** `pending` is locked up, `claimable` waits for a wallet, funds or the next round, `claimed` is paid or on its way. */
    async sumsOf(groupId: GroupId): Promise<RewardSum[]> {
        const standing = sql<Standing>`case
            when ${rewards.status} = 'pending' then 'locked'
            when ${rewards.status} = 'available' then 'claimable'
            when ${rewards.status} = 'waitsForFunds' then 'pending'
            else 'claimed' end`;
        return this.db.current
            .select({
                token: rewards.token,
                standing,
                amount: sql`sum(${rewards.amount})`.mapWith(BigInt),
            })
            .from(rewards)
            .where(
                and(
                    eq(rewards.groupId, groupId),
                    eq(rewards.asset, "token"),
                    sql`${rewards.status} not in ('cancelled', 'expired')`
                )
            )
            .groupBy(rewards.token, standing);
    }

    private views() {
        return this.db.current
            .select({
                ...getTableColumns(rewards),
                campaignVersion: campaignVersions.number,
                trigger: interactions.trigger,
                merchantName: merchants.name,
                orderName: sql<
                    string | null
                >`coalesce(${purchases.externalName}, ${purchases.externalId})`,
                txHash: payments.txHash,
            })
            .from(rewards)
            .innerJoin(campaignVersions, eq(campaignVersions.id, rewards.campaignVersionId))
            .innerJoin(interactions, eq(interactions.id, rewards.interactionId))
            .innerJoin(merchants, eq(merchants.id, rewards.merchantId))
            .leftJoin(purchases, eq(purchases.id, rewards.purchaseId))
            .leftJoin(payments, eq(payments.id, rewards.paymentId))
            .$dynamic();
    }
}
