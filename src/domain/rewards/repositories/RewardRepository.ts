import { and, asc, eq, gt, inArray, isNull, lte, or, sql } from "drizzle-orm";
import type { Address } from "viem";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { EvaluationId, GroupId, MerchantId, RewardId } from "@/utils/ids";
import { payoutMinimums, type Reward, rewards } from "../db/schema";
import { instantOf, posting, standingAt } from "./moving";

/** What grants of rewards say; the rest follows. */
export type GrantedReward = Omit<
    Reward,
    | "reason"
    | "settledAt"
    | "paymentId"
    | "attempts"
    | "dueAt"
    | "gross"
    | "paid"
    | "claimId"
    | "warnAt"
>;
/** A token unless it says otherwise; points and discounts name no token. */
export type NewReward = Omit<GrantedReward, "asset" | "part" | "ordinal" | "currency" | "code"> &
    Partial<Pick<GrantedReward, "asset" | "part" | "ordinal" | "currency">>;
/** Which reward of a decision: whose, and how far up the chain. */
export type RewardKey = Pick<Reward, "evaluationId" | "recipient" | "chainDepth" | "ordinal">;

/** Owed and not yet on its way to the chain. */
export const unsettled = ["pending", "available", "waitsForFunds"] as const;

export class RewardRepository {
    constructor(private readonly db: Database) {}

    /** Also enters them into the books, and leaves word of the codes that a shop is to be given. */
    async insertAll(rows: readonly GrantedReward[], now: Date): Promise<void> {
        if (rows.length === 0) return;
        await this.db.rows(sql`
            with held as (insert into ${rewards} (id, merchant_id, campaign_id, campaign_version_id,
                evaluation_id, interaction_id, purchase_id, group_id, wallet, recipient, chain_depth, ordinal,
                part, asset, currency, token, code, amount, original_amount, status, available_at, due_at, expires_at,
                warn_at, created_at)
            select id, "merchantId", "campaignId", "campaignVersionId", "evaluationId",
                "interactionId", "purchaseId", "groupId", wallet, recipient, "chainDepth", ordinal, part,
                asset, currency, token, code, amount, "originalAmount", status, "availableAt", "availableAt", "expiresAt",
                greatest("expiresAt" - interval '7 days', "availableAt"), "createdAt"
            from ${unnest(
                rows.map((row) => ({
                    ...row,
                    wallet: row.wallet?.toLowerCase() ?? null,
                    token: row.token.toLowerCase(),
                })),
                insertedColumns
            )} returning *),
            told as (insert into reward_events (merchant_id, reward_id, type, occurred_at)
                select merchant_id, id, 'reward.created', created_at from held where asset = 'discount')
            select ${posting([{ name: "granted", from: "campaign", to: standingAt }], now)}`);
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
            .where(
                and(
                    payable(now),
                    eq(rewards.merchantId, merchantId),
                    eq(rewards.token, token),
                    worthwhile(merchantId, token, now)
                )
            )
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

    /** These until the transaction ends, with all of their parts, in the order of their ids. */
    async lock(keys: readonly RewardKey[]): Promise<Reward[]> {
        return this.db.current
            .select()
            .from(rewards)
            .where(
                sql`(${rewards.evaluationId}, ${rewards.recipient}, ${rewards.chainDepth}, ${rewards.ordinal})
                    in (select * from ${unnest(keys, keyColumns)})`
            )
            .orderBy(asc(rewards.id))
            .for("update");
    }

    async lockOfPayments(paymentIds: readonly bigint[]): Promise<void> {
        if (paymentIds.length === 0) return;
        await this.db.current
            .select({ id: rewards.id })
            .from(rewards)
            .where(inArray(rewards.paymentId, [...paymentIds]))
            .orderBy(asc(rewards.id))
            .for("update");
    }

    /** The people whose rewards these are, held until the transaction ends: nobody merges them meanwhile. */
    async holdOwners(keys: readonly RewardKey[]): Promise<void> {
        await this.db.rows(sql`
            select count(*) from hold_groups(array(
                select distinct group_id from ${rewards}
                where (evaluation_id, recipient, chain_depth, ordinal)
                    in (select * from ${unnest(keys, keyColumns)})))`);
    }

    /** The first part of each reward that these evaluations granted, in the order of their places. */
    async findGranted(ids: readonly EvaluationId[]): Promise<Reward[]> {
        if (ids.length === 0) return [];
        return this.db.current
            .select()
            .from(rewards)
            .where(and(inArray(rewards.evaluationId, [...ids]), eq(rewards.part, 0)))
            .orderBy(asc(rewards.evaluationId), asc(rewards.ordinal));
    }

    async find(id: RewardId): Promise<Reward | undefined> {
        const [found] = await this.db.current.select().from(rewards).where(eq(rewards.id, id));
        return found;
    }

    /** Whom a warning is due to, each told of once: seven days before the end, and one day before it. */
    async takeWarnings(now: Date, limit: number): Promise<Reward[]> {
        const due = this.db.current
            .select({ id: rewards.id })
            .from(rewards)
            .where(and(lte(rewards.warnAt, now), inArray(rewards.status, [...unsettled])))
            .limit(limit)
            .for("update", { skipLocked: true });
        return this.db.current
            .update(rewards)
            .set({
                warnAt: sql`case when ${rewards.expiresAt} - interval '1 day' > ${instantOf(now)}
                    then ${rewards.expiresAt} - interval '1 day' end`,
            })
            .where(inArray(rewards.id, due))
            .returning();
    }

    async setMinimumPayout(payer: { merchantId: MerchantId; token: Address }, minimum: bigint) {
        await this.db.current
            .insert(payoutMinimums)
            .values({ ...payer, minimum })
            .onConflictDoUpdate({
                target: [payoutMinimums.merchantId, payoutMinimums.token],
                set: { minimum },
            });
    }

    async minimumOf({ merchantId, token }: { merchantId: MerchantId; token: Address }) {
        const [found] = await this.db.current
            .select({ minimum: payoutMinimums.minimum })
            .from(payoutMinimums)
            .where(and(eq(payoutMinimums.merchantId, merchantId), eq(payoutMinimums.token, token)));
        return found?.minimum ?? 0n;
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

    /** What is owed to a person goes to this address from now on; what is on its way stays on it. */
    async redirectTo(groupId: GroupId, wallet: Address): Promise<void> {
        await this.db.current
            .update(rewards)
            .set({ wallet })
            .where(and(eq(rewards.groupId, groupId), inArray(rewards.status, [...unsettled])));
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
        eq(rewards.asset, "token"),
        inArray(rewards.status, ["available", "waitsForFunds"]),
        eq(rewards.asset, "token"),
        sql`${rewards.wallet} is not null`,
        lte(rewards.dueAt, now),
        or(isNull(rewards.expiresAt), gt(rewards.expiresAt, now))
    );

const keyColumns = {
    evaluationId: "uuid",
    recipient: "text",
    chainDepth: "integer",
    ordinal: "integer",
} as const;

const insertedColumns = {
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
    part: "integer",
    asset: "text",
    currency: "text",
    token: "text",
    code: "text",
    amount: "numeric",
    originalAmount: "numeric",
    status: "text",
    availableAt: "timestamptz",
    expiresAt: "timestamptz",
    createdAt: "timestamptz",
} as const;

/**
 * Whose wallet gets less than the merchant's minimum waits for more, unless they asked to be paid. `is true` keeps
 * Postgres from making it a join, which it does badly as long as it does not know how many rewards are new.
 */
const worthwhile = (
    merchantId: MerchantId,
    token: Address,
    now: Date
) => sql`(${rewards.wallet} in (
    select owed.wallet from rewards owed
    where owed.merchant_id = ${merchantId} and owed.token = ${token.toLowerCase()}
        and owed.status in ('available', 'waitsForFunds') and owed.wallet is not null
        and owed.due_at <= ${instantOf(now)}
    group by owed.wallet
    having bool_or(owed.claim_id is not null) or sum(owed.amount) >= coalesce((
        select minimum from payout_minimums
        where merchant_id = ${merchantId} and token = ${token.toLowerCase()}), 0))) is true`;
