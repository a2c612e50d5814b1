import { and, asc, eq, gt, inArray, isNull, lte, or, sql } from "drizzle-orm";
import type { Address } from "viem";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { GroupId, InteractionId, MerchantId, RewardId } from "@/utils/ids";
import { type Reward, rewards } from "../db/schema";

export type NewReward = Omit<Reward, "reason" | "settledAt" | "paymentId" | "attempts" | "dueAt">;
export type Cancelled = Pick<Reward, "id" | "evaluationId" | "asset" | "amount">;

/** Owed and not yet on its way to the chain. */
const unsettled = ["pending", "available", "waitsForFunds"] as const;

export class RewardRepository {
    constructor(private readonly db: Database) {}

    async insertAll(rows: readonly NewReward[]): Promise<void> {
        if (rows.length === 0) return;
        await this.db.current.execute(sql`
            insert into ${rewards} (id, merchant_id, campaign_id, campaign_version_id, evaluation_id,
                interaction_id, purchase_id, group_id, wallet, recipient, chain_depth, ordinal, asset,
                currency, token, amount, original_amount, status, available_at, due_at, expires_at, created_at)
            select id, "merchantId", "campaignId", "campaignVersionId", "evaluationId",
                "interactionId", "purchaseId", "groupId", wallet, recipient, "chainDepth", ordinal, asset,
                currency, token, amount, "originalAmount", status, "availableAt", "availableAt", "expiresAt",
                "createdAt"
            from ${unnest(
                rows.map((row) => ({
                    ...row,
                    wallet: row.wallet?.toLowerCase() ?? null,
                    token: row.token.toLowerCase(),
                })),
                {
                    id: "uuid",
                    merchantId: "uuid",
                    campaignId: "uuid",
                    campaignVersionId: "uuid",
                    evaluationId: "uuid",
                    interactionId: "uuid",
                    purchaseId: "uuid",
                    groupId: "uuid",
                    wallet: "text",
                    recipient: "text",
                    chainDepth: "integer",
                    ordinal: "integer",
                    asset: "text",
                    currency: "text",
                    token: "text",
                    amount: "numeric",
                    originalAmount: "numeric",
                    status: "text",
                    availableAt: "timestamptz",
                    expiresAt: "timestamptz",
                    createdAt: "timestamptz",
                }
            )}`);
    }

    /** Whose lock-up is over is available. */
    async releaseLocked(now: Date): Promise<void> {
        await this.db.current
            .update(rewards)
            .set({ status: "available" })
            .where(and(eq(rewards.status, "pending"), lte(rewards.availableAt, now)));
    }

    /** The merchants and tokens of what can be paid now, if their banks can. */
    async findPayers(now: Date): Promise<{ merchantId: MerchantId; token: Address }[]> {
        return this.db.current
            .selectDistinct({ merchantId: rewards.merchantId, token: rewards.token })
            .from(rewards)
            .where(payable(now));
    }

    /**
     * What this merchant can be asked to pay now, oldest first; ours until the transaction ends. What
     * another worker has at this moment is left to it.
     */
    async lockPayable(
        { merchantId, token }: { merchantId: MerchantId; token: Address },
        now: Date,
        limit: number
    ): Promise<Reward[]> {
        return this.db.current
            .select()
            .from(rewards)
            .where(and(payable(now), eq(rewards.merchantId, merchantId), eq(rewards.token, token)))
            .orderBy(asc(rewards.dueAt), asc(rewards.id))
            .limit(limit)
            .for("update", { skipLocked: true });
    }

    async markWaiting(ids: readonly RewardId[], reason: string): Promise<void> {
        if (ids.length === 0) return;
        await this.db.current
            .update(rewards)
            .set({ status: "waitsForFunds", reason })
            .where(inArray(rewards.id, [...ids]));
    }

    async markSettling(links: readonly { id: RewardId; paymentId: bigint }[]): Promise<void> {
        await this.db.current.execute(sql`
            update ${rewards} reward
            set status = 'settling', reason = null, payment_id = input."paymentId"
            from ${unnest(links, { id: "uuid", paymentId: "bigint" })}
            where reward.id = input.id`);
    }

    /** The payment stands on chain: so does every reward in it. */
    async markSettled(paymentIds: readonly bigint[], settledAt: Date): Promise<void> {
        if (paymentIds.length === 0) return;
        await this.db.current
            .update(rewards)
            .set({ status: "settled", settledAt })
            .where(
                and(inArray(rewards.paymentId, [...paymentIds]), eq(rewards.status, "settling"))
            );
    }

    /** The payment was not made: what it would have paid is owed as before, and tried again after a while. */
    async release(paymentIds: readonly bigint[], reason: string): Promise<InteractionId[]> {
        if (paymentIds.length === 0) return [];
        const delay = sql`least(interval '10 seconds' * power(2, ${rewards.attempts}), interval '1 hour')`;
        const released = await this.db.current
            .update(rewards)
            .set({
                status: "available",
                reason,
                paymentId: null,
                attempts: sql`${rewards.attempts} + 1`,
                dueAt: sql`now() + ${delay}`,
            })
            .where(and(inArray(rewards.paymentId, [...paymentIds]), eq(rewards.status, "settling")))
            .returning({ interactionId: rewards.interactionId });
        return released.map(({ interactionId }) => interactionId);
    }

    /** What is on its way to the chain stays as it is; the caller learns only of what was cancelled. */
    async cancelUnsettled(
        interactionIds: readonly InteractionId[],
        reason: string
    ): Promise<Cancelled[]> {
        if (interactionIds.length === 0) return [];
        return this.db.current
            .update(rewards)
            .set({ status: "cancelled", reason })
            .where(
                and(
                    inArray(rewards.interactionId, [...interactionIds]),
                    inArray(rewards.status, [...unsettled])
                )
            )
            .returning({
                id: rewards.id,
                evaluationId: rewards.evaluationId,
                asset: rewards.asset,
                amount: rewards.amount,
            });
    }

    /** Gives what is owed to a person an address to go to. */
    async payTo(groupId: GroupId, wallet: Address): Promise<void> {
        await this.db.current
            .update(rewards)
            .set({ wallet })
            .where(
                and(
                    eq(rewards.groupId, groupId),
                    isNull(rewards.wallet),
                    inArray(rewards.status, [...unsettled])
                )
            );
    }

    async reassign(from: GroupId, into: GroupId): Promise<void> {
        await this.db.current
            .update(rewards)
            .set({ groupId: into })
            .where(eq(rewards.groupId, from));
    }
}

const payable = (now: Date) =>
    and(
        inArray(rewards.status, ["available", "waitsForFunds"]),
        eq(rewards.asset, "token"),
        sql`${rewards.wallet} is not null`,
        lte(rewards.dueAt, now),
        or(isNull(rewards.expiresAt), gt(rewards.expiresAt, now))
    );
