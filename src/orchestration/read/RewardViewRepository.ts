import { and, asc, desc, eq, getTableColumns, gte, inArray, lt, sql } from "drizzle-orm";
import type { Address } from "viem";
import { campaignVersions, interactions } from "@/domain/campaign/db/schema";
import { merchants } from "@/domain/merchant/db/schema";
import { purchases } from "@/domain/purchases/db/schema";
import { payments, type Reward, type RewardStatus, rewards } from "@/domain/rewards/db/schema";
import type { Database } from "@/infrastructure/persistence/Database";
import type { CampaignId, GroupId, MerchantId, PurchaseId, RewardId } from "@/utils/ids";

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
export type RewardFilter = {
    limit: number;
    before?: string | undefined;
    status?: RewardStatus[];
    merchantId?: MerchantId;
    campaignId?: CampaignId;
    purchaseId?: PurchaseId;
    /** When it was granted; the end is not included. */
    from?: string;
    to?: string;
};
export type Standing = "pending" | "locked" | "claimable" | "claimed";

export class RewardViewRepository {
    constructor(private readonly db: Database) {}

    async find(id: RewardId): Promise<RewardView | undefined> {
        const [found] = await this.views().where(eq(rewards.id, id));
        return found;
    }

    /** Newest first. */
    async findOfGroup(groupId: GroupId, filter: RewardFilter): Promise<RewardView[]> {
        return this.views()
            .where(and(eq(rewards.groupId, groupId), matching(filter)))
            .orderBy(desc(rewards.id))
            .limit(filter.limit);
    }

    /** Newest first. */
    async findOfMerchant(merchantId: MerchantId, filter: RewardFilter): Promise<RewardView[]> {
        return this.views()
            .where(and(eq(rewards.merchantId, merchantId), matching(filter)))
            .orderBy(desc(rewards.id))
            .limit(filter.limit);
    }

    async findOfPurchase(id: PurchaseId): Promise<RewardView[]> {
        return this.views()
            .where(and(eq(interactions.trigger, "purchase"), eq(interactions.subject, id)))
            .orderBy(asc(rewards.id));
    }

    /**
     * Of tokens: `locked` is in its lock-up, `claimable` can be paid (less what is owed back to the same merchant),
     * `pending` waits for its merchant's funds, `claimed` is paid or on its way.
     */
    async sumsOf(groupId: GroupId): Promise<RewardSum[]> {
        const standing = sql<Standing>`case
            when ${rewards.status} = 'pending' then 'locked'
            when ${rewards.status} = 'available' then 'claimable'
            when ${rewards.status} = 'waitsForFunds' then 'pending'
            else 'claimed' end`;
        const rows = await this.db.current
            .select({
                token: rewards.token,
                standing,
                amount: sql`sum(coalesce(${rewards.paid}, ${rewards.amount}))`.mapWith(BigInt),
            })
            .from(rewards)
            .where(
                and(
                    eq(rewards.groupId, groupId),
                    eq(rewards.asset, "token"),
                    sql`${rewards.status} not in ('cancelled', 'expired')`
                )
            )
            .groupBy(rewards.merchantId, rewards.token, standing);
        return withoutDebts(rows, await this.debtsOf(groupId));
    }

    /** What a person was paid too much, per merchant and token, as far as they have something to pay it from. */
    private async debtsOf(groupId: GroupId): Promise<Map<string, bigint>> {
        const rows = await this.db.rows<{ token: string; amount: string }>(sql`
            select debt.asset as token, sum(least(-debt.balance, claimable.balance)) as amount
            from (${balancesOf(groupId, "debt")}) debt
            join (${balancesOf(groupId, "available")}) claimable
                on (claimable.merchant_id, claimable.asset) = (debt.merchant_id, debt.asset)
            group by debt.asset`);
        return new Map(rows.map(({ token, amount }) => [token, BigInt(amount)]));
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

const balancesOf = (groupId: GroupId, kind: string) => sql`
    select account.merchant_id, account.asset, balance.balance
    from ledger_accounts account join ledger_balances balance on balance.account_id = account.id
    where account.owner = ${groupId} and account.kind = ${kind}`;

function withoutDebts(rows: readonly RewardSum[], debts: ReadonlyMap<string, bigint>): RewardSum[] {
    const keys = Map.groupBy(rows, ({ token, standing }) => `${token}:${standing}`);
    return [...keys.values()].flatMap((same) => {
        const [first] = same;
        if (!first) return [];
        const whole = same.reduce((sum, { amount }) => sum + amount, 0n);
        const debt =
            first.standing === "claimable" ? (debts.get(first.token.toLowerCase()) ?? 0n) : 0n;
        return [{ ...first, amount: whole > debt ? whole - debt : 0n }];
    });
}

const matching = ({ before, status, merchantId, campaignId, purchaseId, from, to }: RewardFilter) =>
    and(
        before ? lt(rewards.id, before as RewardId) : undefined,
        status ? inArray(rewards.status, status) : undefined,
        merchantId ? eq(rewards.merchantId, merchantId) : undefined,
        campaignId ? eq(rewards.campaignId, campaignId) : undefined,
        purchaseId ? eq(rewards.purchaseId, purchaseId) : undefined,
        from ? gte(rewards.createdAt, new Date(from)) : undefined,
        to ? lt(rewards.createdAt, new Date(to)) : undefined
    );
